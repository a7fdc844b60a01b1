import Configuration
import Experiments
import FoundationEssentials
import Quantities
import Testing
import VirtualBench

/// Waste, batches and stocks.
@Suite struct StockTests {
    // MARK: Waste

    @Test func aFullWasteIsRefusedWhenPlanned() throws {
        var scenario = try Scenario(
            seed: 341, plate: 139, changes: ["waste_capacity_ml = 1000": "waste_capacity_ml = 2"])
        let recipe = scenario.recipe()
        let report = try scenario.plan(recipe)
        let problem = try #require(report.problems.first)
        #expect(!report.feasible && report.problems.count == 1)
        #expect(problem.kind == "waste_full" && problem.name == "waste" && problem.limit == 2000)
        #expect(try #require(problem.value) > 2000)
        #expect(problem.hint.contains("empty-waste"))
        #expect(Scenario.refusal(scenario.offer(recipe)) == "infeasible")
        scenario.expectInvariants()
    }

    /// Steady state comes late, and the container is full before it.
    @Test(arguments: [342, 343] as [UInt64])
    func aWasteThatFillsUpEndsTheExperiment(seed: UInt64) throws {
        var planned = try Scenario(seed: seed, plate: 139)
        let waste = try #require(try planned.plan(planned.recipe()).wasteUL)
        let capacity = waste * 1.102
        var scenario = try Scenario(
            seed: seed, plate: 139,
            changes: ["waste_capacity_ml = 1000": "waste_capacity_ml = \(capacity / 1000)"])
        let id = try scenario.submit()
        try scenario.reach(.settling, of: id)
        scenario.run(20)
        try scenario.fault("heater", "plate_temperature", value: 134)
        let record = try scenario.finish(id)
        #expect(record.state == .failed && record.error?.kind == "waste_full", "\(scenario.describe(id))")
        #expect(record.error?.hint.contains("empty-waste") ?? false)
        let end = scenario.now
        scenario.run(20)
        scenario.expectNoFlow(since: end)
        // What the pumps deliver until they are told to stop is a drop.
        #expect(PumpName.allCases.reduce(0) { $0 + scenario.used($1) } <= capacity + 30)
        #expect(scenario.shownAlarms() == ["interlock:waste-full", "waste-full"])
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.shownAlarms() == ["interlock:waste-full", "waste-full"])
        #expect(Scenario.refusal(scenario.reset("waste-full")) == "cause_present")
        guard case .wasteEmptied(let room)? = scenario.ask(.emptyWaste(note: nil)) else {
            Issue.record("not emptied")
            return
        }
        #expect((room - capacity).magnitude < 1e-6)
        #expect(Scenario.isReset(scenario.reset("waste-full")))
        #expect(scenario.shownAlarms() == [])
        #expect(scenario.lab.archive.ledger?.waste.emptiedBy == 1000)
        scenario.expectInvariants()
    }

    // MARK: Batches and ratios

    @Test func aBatchIsWantedForWhatFlows() throws {
        var scenario = try Scenario(
            seed: 344, plate: 139, changes: ["require_batch = false ": "require_batch = true "])
        let recipe = scenario.recipe()
        var report = try scenario.plan(recipe)
        let flowing = report.flowsULMin.filter { $0.value > 0 }.keys.sorted()
        #expect(flowing.count == 7)
        #expect(report.problems.allSatisfy { $0.kind == "no_batch" && $0.hint.contains("--batch") })
        #expect(report.problems.map(\.name).sorted() == flowing)
        for pump in flowing { _ = scenario.refill(pump, batch: "B-\(pump)") }
        report = try scenario.plan(recipe)
        #expect(report.feasible, "\(report.problems)")
        // A refill without one takes the batch away.
        _ = scenario.refill("cui")
        #expect(try scenario.plan(recipe).problems.map(\.name) == ["cui"])
        scenario.expectInvariants()
    }

    /// A slip of the pen would pass by every rule.
    @Test func anUnknownComponentIsRefused() throws {
        var scenario = try Scenario(seed: 346)
        let before = scenario.lab.archive.ledger
        for components in [["Cs": 30.2], ["cs": 30.2, "oa": 219, "cu": 7.5]] {
            guard case .refused(let error)? = scenario.refill("cs_oleate", batch: "B1", components: components) else {
                Issue.record("it was taken")
                return
            }
            #expect(error.kind == "stock_refused" && error.detail.contains("cs, oa"), "\(error.detail)")
        }
        #expect(scenario.lab.archive.ledger == before)
    }

    @Test func aStockThatPrecipitatesIsRefused() throws {
        var scenario = try Scenario(seed: 345)
        let before = scenario.lab.archive.ledger
        let reply = scenario.refill("cs_oleate", batch: "B1", components: ["cs": 30.2, "oa": 150])
        guard case .refused(let error)? = reply else {
            Issue.record("it was taken")
            return
        }
        #expect(error.kind == "stock_refused" && error.device == "cs_oleate")
        #expect(error.detail.contains("oa/cs is 4.9669") && error.detail.contains("at least 5"), "\(error.detail)")
        #expect(scenario.lab.archive.ledger == before)
        for components in [["cs": 30.2, "oa": 151], ["cs": 0, "oa": 0]] {
            guard case .refilled? = scenario.refill("cs_oleate", components: components) else {
                Issue.record("\(components) was refused")
                continue
            }
        }
        #expect(Scenario.refusal(scenario.refill("cs_oleate", components: ["cs": 30.2])) == "stock_refused")
        scenario.expectInvariants()
    }

    @Test func aStockThatPrecipitatesIsRefusedInTheBenchFile() throws {
        do {
            _ = try Scenario.bench(["cs = 30.2, oa = 219": "cs = 30.2, oa = 150"])
            Issue.record("it was taken")
        } catch let error as ConfigurationError {
            let problem = try #require(error.problems.first)
            #expect(error.problems.count == 1 && problem.path == "reagents.cs_oleate.components_mm")
            #expect(problem.text.contains("oa/cs is 4.9669; expected at least 5"), "\(problem.text)")
        }
    }

    /// What is in the syringe was good by the old bench file; the new one asks for more.
    @Test func aStockInASyringeIsJudgedByThePresentBenchFile() throws {
        var scenario = try Scenario(seed: 346)
        let recipe = scenario.recipe()
        #expect(try scenario.plan(recipe).feasible)
        let changed = try Scenario.bench([
            "at_least = 5.0": "at_least = 8.0", "cs = 30.2, oa = 219": "cs = 30.2, oa = 260",
        ])
        scenario.lab.restart(with: changed)
        scenario.run(3)
        let report = try scenario.plan(recipe)
        #expect(report.problems.map(\.kind) == ["stock"] && report.problems.map(\.name) == ["cs_oleate"])
        #expect(report.problems.first?.hint.contains("at least 8") ?? false)
        _ = scenario.refill("cs_oleate")
        #expect(try scenario.plan(recipe).feasible)
        scenario.expectInvariants()
    }
}
