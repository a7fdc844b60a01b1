import FoundationEssentials
import Testing
import VirtualBench

extension FaultScenario {
    static let catalogue = [plate, module, pumps, links, optics, daemon, ownCauses].flatMap { $0 }

    /// Faults of the simulator that no scenario uses, with the reason.
    static let unused: [Fault: String] = [
        .refill: "a hand that mends",
        .limitReset: "a hand that mends: it switches the heater's limit module on again",
    ]
}

/// The whole catalogue, each scenario with each seed.
@Suite struct FaultScenarios {
    private static let runs = FaultScenario.catalogue.flatMap { scenario in
        FaultScenario.seeds.map { FaultRun(scenario: scenario, seed: $0) }
    }

    @Test(arguments: runs) func isSafeAndTrue(run: FaultRun) throws { try run.play() }

    @Test func everyNameIsUniqueAndInKebabCase() {
        let names = FaultScenario.catalogue.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count >= 40)
        let isKebab = names.map { $0.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") } }
        #expect(isKebab.allSatisfy { $0 })
    }

    @Test func thePageListsThem() throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        let listed = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let rows = FaultScenario.catalogue.map(\.row)
        if listed != rows { print(rows.map { "docs/scenarios.md: \($0)" }.joined(separator: "\n")) }
        #expect(listed == rows, "the page has other rows than those printed above")
    }

    private static let page = #filePath.replacing(
        "Tests/SimulationTests/Scenarios/ScenarioCatalogue.swift", with: "docs/scenarios.md")

    @Test func everyFaultOfTheSimulatorIsUsed() {
        let used = Set(FaultScenario.catalogue.flatMap(\.acts).compactMap(\.injected))
        for fault in Fault.allCases {
            let isListed = FaultScenario.unused[fault] != nil
            #expect(used.contains(fault) != isListed, "\(fault) is in no scenario and has no reason, or both")
        }
    }
}

extension Act {
    var injected: Fault? { if case .fault(_, let fault, _, _) = self { fault } else { nil } }
}
