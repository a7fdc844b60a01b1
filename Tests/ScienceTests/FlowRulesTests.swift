import Hydraulics
import Quantities
import Testing

@Suite struct FlowRulesTests {
    private let step = 0.001

    private func resolution(_ rules: FlowRules, _ step: Double) -> [String: FlowRate] {
        Dictionary(uniqueKeysWithValues: rules.pumps.map { ($0, flow(step)) })
    }

    private func sum(_ pumps: [String], _ flows: [String: FlowRate]) -> Double {
        pumps.reduce(0) { $0 + (flows[$1]?.microlitersPerMinute ?? .nan) }
    }

    @Test func goldenFlowsComeBack() throws {
        let rules = try SeedBench.rules()
        for point in try Golden.load().points {
            let given = point.flows.filter { rules.givenPumps.contains($0.key) }
            let completed = rules.complete(given, resolution: resolution(rules, step))
            #expect(completed.problems == [])
            #expect(rules.complete(point.flows, resolution: resolution(rules, step)) == completed)
            for (pump, wanted) in point.flows {
                let found = try #require(completed.flows[pump])
                #expect(abs((found - wanted).microlitersPerMinute) < 8 * step)
            }
            #expect(rules.violations(completed.flows, tolerance: 1e-9) == [])
        }
    }

    @Test(arguments: [0.001, 0.01, 0.1, 0.25, 1.0 / 3])
    func bothRulesHoldExactlyOnACommonGrid(step: Double) throws {
        let rules = try SeedBench.rules()
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var given: [String: FlowRate] = [:]
            for pump in rules.givenPumps {
                given[pump] = flow(random.uniform(0..<(SeedBench.cuPumps.contains(pump) ? 90 : 40)))
            }
            let flows = rules.complete(given, resolution: resolution(rules, step))
            let micro = flows.flows.mapValues { ($0.microlitersPerMinute * 1e6).rounded() }
            let first = rules.firstStream.reduce(0) { $0 + (micro[$1] ?? .nan) }
            let second = rules.secondStream.reduce(0) { $0 + (micro[$1] ?? .nan) }
            #expect(first == second, "seed \(seed)")
            #expect(micro["pfo"] == first + second, "seed \(seed)")
            #expect(micro.values.allSatisfy { $0.remainder(dividingBy: (step * 1e6).rounded()) == 0 }, "seed \(seed)")
            #expect(flows.problems.isEmpty == ((micro["ode_cs"] ?? -1) >= 0), "seed \(seed)")
        }
    }

    @Test func anOverfullSecondStreamIsAProblemThatSaysWhatToDo() throws {
        let rules = try SeedBench.rules()
        let given = ["cui": flow(50), "cs_oleate": flow(80)]
        let problem = try #require(rules.complete(given, resolution: [:]).problems.first)
        #expect(problem.name == "ode_cs" && problem.value == -30 && problem.limit == 0)
        #expect(problem.kind == .streamOverfull)
        #expect(problem.unit == .microlitersPerMinute)
        #expect(problem.hint.contains("lower cs_oleate, oa_cs or raise cui"))
    }

    @Test func wrongNamesAndValuesAreProblems() throws {
        let rules = try SeedBench.rules()
        let given = ["cui": flow(-1), "cs_oleate": flow(.nan), "coffee": flow(3), "oa_cui": flow(1e12), "pfo": flow(1)]
        let problems = rules.complete(given, resolution: ["cui": flow(0), "pfo": flow(.nan)]).problems
        #expect(problems.map(\.name) == ["coffee", "cs_oleate", "cui", "oa_cui", "ode_cs", "pfo"])
        let kinds: [FlowRuleProblem.Kind] = [
            .unknownPump, .badFlow, .badFlow, .badFlow, .streamOverfull, .conflictsWithRules,
        ]
        #expect(problems.map(\.kind) == kinds)
    }

    @Test func derivedFlowsMayBeGivenWhenTheyAgree() throws {
        let rules = try SeedBench.rules()
        let given = ["cui": flow(50), "cs_oleate": flow(20)]
        let completed = rules.complete(given, resolution: [:])
        #expect(completed.flows["ode_cs"] == flow(30) && completed.flows["pfo"] == flow(100))
        #expect(rules.complete(completed.flows, resolution: [:]) == completed)
    }

    @Test func violationsNameTheStreamAndTheCarrier() throws {
        let rules = try SeedBench.rules()
        var flows = ["cui": flow(100), "cs_oleate": flow(95), "pfo": flow(195)]
        #expect(rules.violations(flows, tolerance: 0.1) == [])
        flows["cs_oleate"] = flow(85)
        #expect(rules.violations(flows, tolerance: 0.1).map(\.name) == ["four_way"])
        flows["pfo"] = .zero
        let found = rules.violations(flows, tolerance: 0.1)
        #expect(found.map(\.name) == ["four_way", "pfo"])
        #expect(found.map(\.limit) == [100, 185])
    }

    @Test func rulesThatDoNotFitTheNetworkAreRefused() throws {
        let network = try SeedBench.network()
        let cases: [([String], String, String, [String])] = [
            (["five_way"], "ode_cs", "pfo", ["network.rules.balanced"]),
            (["five_way", "nowhere"], "ode_cs", "pfo", ["network.rules.balanced"]),
            (["five_way", "cross"], "ode_cs", "pfo", ["network.rules.balanced", "network.rules.carrier_pump"]),
            (["five_way", "four_way"], "cui", "pfo", ["network.rules.balancing_pump"]),
            (["five_way", "four_way"], "ode_cs", "cui", ["network.rules.carrier_pump"]),
        ]
        for (balanced, balancing, carrier, expected) in cases {
            let error = #expect(throws: NetworkError.self) {
                try FlowRules(network: network, balanced: balanced, balancingPump: balancing, carrierPump: carrier)
            }
            guard case .problems(let problems) = error else { continue }
            #expect(problems.map(\.path) == expected)
        }
    }
}
