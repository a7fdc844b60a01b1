import Experiments
import Testing
import VirtualBench

/// Plates and spectrometers that do not do their part.
@Suite struct MeasurementTests {
    @Test(arguments: [151] as [UInt64])
    func aPlateThatStaysColdFailsByItsDeadline(seed: UInt64) throws {
        let patient = ["no_rise_of = 1.0, within = \"20s\"": "no_rise_of = 1.0, within = \"1h\""]
        var scenario = try Scenario(seed: seed, plate: 100, changes: patient)
        let id = try scenario.submit()
        try scenario.reach(.heating, of: id)
        try scenario.fault("heater", "relay_stuck_off", for: 3000)
        let record = try scenario.finish(id)
        #expect(record.error?.kind == "deadline" && record.error?.device == "heater", "\(scenario.describe(id))")
        // Carrier flows for the reference; no precursor does.
        #expect(scenario.lab.truth.allSatisfy { $0.setFlows[..<7].allSatisfy { $0 == 0 } })
        let limit = scenario.definition.procedure.heatingDeadline.seconds
        let took = record.transitions.map(\.benchS)
        #expect((limit...(limit + 1)).contains((took.last ?? 0) - (scenario.time(of: .heating, id) ?? 0)))
        scenario.expectInvariants()
    }

    /// A syringe that runs dry goes on pumping by its own report; what is measured then is at least what stands in the cell.
    @Test(arguments: [161, 162, 163] as [UInt64])
    func aDrySyringeGivesNoWrongResult(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        try scenario.fault("cs_oleate", "dry_syringe")
        let record = try scenario.finish(id)
        if record.state == .done { scenario.expectTruePeak(record) }
        scenario.run(20)
        scenario.expectInvariants()
    }
}
