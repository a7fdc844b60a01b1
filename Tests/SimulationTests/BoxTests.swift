import DeviceModel
import Experiments
import Quantities
import Testing
import VirtualBench

/// Recipes of the kind `box`: each point means flows that the pumps keep.
@Suite struct BoxTests {
    private static let inputs = ["temperature", "cui", "cs_oleate", "oa_cs", "oa_cui", "oam_cui", "reaction_time"]
    private static let copper = ["cui", "oa_cui", "oam_cui", "ode_cui"]
    private static let cesium = ["cs_oleate", "oa_cs", "ode_cs"]
    /// From the bench file: width of each input's range.
    private static let widths = [
        "temperature": 30.0, "reaction_time": 17, "cui": 0.55, "cs_oleate": 0.45, "oa_cs": 0.3, "oa_cui": 0.15,
        "oam_cui": 0.15,
    ]

    private let planner: Planner
    private let least: Double

    init() throws {
        let definition = try Scenario.bench([:])
        planner = Planner(definition)
        let limits = definition.devices.first { $0.name == "ode_cs" }?.driver.limits
        guard case .pump(let pump)? = limits else { throw Unexpected(what: "no pump ode_cs") }
        least = pump.minimum.microlitersPerMinute
    }

    @Test func everyCornerIsFeasible() {
        for corner in 0..<128 {
            var point: [String: Double] = [:]
            for (bit, name) in Self.inputs.enumerated() { point[name] = corner >> bit & 1 == 1 ? 1 : 0 }
            judge(point)
        }
    }

    @Test(arguments: [581, 582] as [UInt64])
    func randomPointsAreFeasible(seed: UInt64) {
        print("seed \(seed)")
        var generator = Generator(seed: seed, part: 200)
        for _ in 0..<200 {
            judge(Dictionary(uniqueKeysWithValues: Self.inputs.map { ($0, generator.uniform()) }))
        }
    }

    /// Shares near zero fall between nothing and the least that a pump keeps.
    @Test func pointsNearTheEdgesAreFeasible() {
        print("seed 583")
        var generator = Generator(seed: 583, part: 200)
        for _ in 0..<200 {
            let pairs = Self.inputs.map { name -> (String, Double) in
                let edge = generator.uniform() < 0.5 ? generator.uniform(0, 0.002) : generator.uniform(0.998, 1)
                return (name, edge)
            }
            judge(Dictionary(uniqueKeysWithValues: pairs))
        }
    }

    private func judge(_ point: [String: Double]) {
        let (report, execution) = planner.plan(.box(BoxRecipe(x: point)), from: PlanningState(plate: nil))
        guard report.feasible, execution != nil, case .box(let executed)? = report.executed else {
            Issue.record("\(point) is not feasible: \(report.problems)")
            return
        }
        // In hundredths of uL/min, the pumps' grid, the rules hold to the last one.
        let steps = report.flowsULMin.mapValues { ($0 * 100).rounded() }
        #expect(report.flowsULMin.allSatisfy { ($0.value * 100 - (steps[$0.key] ?? 0)).magnitude < 1e-6 })
        let first = Self.copper.reduce(0) { $0 + (steps[$1] ?? 0) }
        let second = Self.cesium.reduce(0) { $0 + (steps[$1] ?? 0) }
        #expect(first == second && steps["pfo"] == first + second, "\(point): \(report.flowsULMin)")
        #expect(execution?.flows.values.allSatisfy { $0.microlitersPerMinute >= least } ?? false)
        // A share may move by half the least flow of a pump, everything else by some steps of the grid.
        let stream = first / 100
        #expect(executed.x.keys.sorted() == Self.inputs.sorted())
        for (name, asked) in point {
            let found = executed.x[name] ?? .nan
            let isShare = name != "temperature" && name != "reaction_time"
            let moved = isShare ? (least + 0.05) / stream : name == "temperature" ? 0.05 : 42 * (least + 0.05) / stream
            let allowed = moved / (Self.widths[name] ?? 1) + 1e-6
            #expect((found - asked).magnitude <= allowed, "\(name): \(found) for \(asked), allowed \(allowed)")
        }
        // What was executed can be asked for again, and is the same.
        let again = planner.plan(.box(executed), from: PlanningState(plate: nil)).report
        #expect(again.feasible, "\(executed.x): \(again.problems)")
    }

    @Test func everythingWrongIsSaidAtOnce() {
        var point = Dictionary(uniqueKeysWithValues: Self.inputs.map { ($0, 0.5) })
        point["temperature"] = nil
        point["cui"] = 1.01
        point["oa_cs"] = -0.01
        point["oa_cui"] = .nan
        point["oam_cui"] = .infinity
        point["pfo"] = 0.5
        let report = planner.plan(.box(BoxRecipe(x: point)), from: PlanningState(plate: nil)).report
        #expect(!report.feasible && report.executed == nil)
        let found = Dictionary(uniqueKeysWithValues: report.problems.map { ($0.name, $0.kind) })
        #expect(
            found == [
                "x.temperature": "missing", "x.cui": "above_limit", "x.oa_cs": "below_limit",
                "x.oa_cui": "above_limit", "x.oam_cui": "above_limit", "x.pfo": "unknown_input",
            ])
        #expect(report.problems.allSatisfy { !$0.hint.isEmpty && $0.value?.isFinite ?? true })
        let empty = planner.plan(.box(BoxRecipe(x: [:])), from: PlanningState(plate: nil)).report
        #expect(empty.problems.map(\.name).sorted() == Self.inputs.map { "x.\($0)" }.sorted())
    }

    /// Run through, not only planned: the pumps are really set as the plan says.
    @Test(arguments: [584, 585] as [UInt64])
    func aPointIsRunAsPlanned(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        var point = Dictionary(uniqueKeysWithValues: Self.inputs.map { ($0, scenario.generator.uniform()) })
        point["temperature"] = 0.66
        let id = try scenario.submit(.box(BoxRecipe(x: point)))
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        scenario.expectRules(id)
        scenario.expectTrueFeatures(id)
        let end = try #require(scenario.time(of: .done, id))
        let set = try #require(scenario.truth(from: end - 3, to: end - 0.3).last).setFlows
        for (index, pump) in PumpName.allCases.enumerated() {
            #expect((set[index] - (record.plan.flowsULMin[pump.rawValue] ?? -1)).magnitude < 0.006, "\(pump)")
        }
        scenario.expectInvariants()
    }
}
