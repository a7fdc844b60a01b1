import Experiments
import Interlocks
import Testing
import VirtualBench

/// A row of the hot plate's that is taken out of service; what can go wrong with the plate is in the catalogue of faults.
@Suite struct PlateTests {
    /// While the cartridge is changed, the row that would trip is out of service; the others guard on.
    @Test(arguments: [514] as [UInt64])
    func aBypassLetsOneRowBeAndNoOther(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 100)
        let id = try scenario.submit()
        try scenario.reach(.referencing, of: id)
        let asked = ControlRequest.bypassInterlock(
            "plate-not-warming", person: "Ada", reason: "a new cartridge", span: .seconds(3600))
        guard case .interlockBypassed? = scenario.ask(asked) else {
            Issue.record("not bypassed")
            return
        }
        #expect(scenario.shownAlarms() == ["bypass:plate-not-warming"])
        try scenario.fault("heater", "relay_stuck_off")
        scenario.run(120)
        #expect(scenario.latched.isEmpty && scenario.state(of: id)?.isFinal == false)
        scenario.lab.restart()
        scenario.run(10)
        #expect(scenario.shownAlarms().contains("bypass:plate-not-warming"))
        guard case .interlockRestored? = scenario.ask(.restoreInterlock("plate-not-warming")) else {
            Issue.record("not restored")
            return
        }
        #expect(scenario.lab.archive.bypasses.isEmpty && !scenario.shownAlarms().contains("bypass:plate-not-warming"))
        let never = ControlRequest.bypassInterlock(
            "plate-over-temperature", person: "Ada", reason: "in a hurry", span: .seconds(60))
        #expect(Scenario.refusal(scenario.ask(never)) == "bypass_forbidden")
        scenario.expectInvariants()
    }
}
