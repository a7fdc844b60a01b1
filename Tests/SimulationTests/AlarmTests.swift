import Experiments
import Interlocks
import Simulation
import Testing
import VirtualBench

/// Alarms of the whole daemon: raised by what happens, acknowledged and shelved by people, kept over a restart.
@Suite struct AlarmTests {
    private func alarm(_ id: String, in scenario: inout Scenario) -> Alarm? {
        scenario.lab.snapshot()?.alarms.first { $0.id == id }
    }

    @Test(arguments: [701, 702] as [UInt64])
    func aTripIsAnAlarmUntilItIsReset(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        _ = scenario.ask(.triggerSafeState(reason: "smell of solvent"))
        scenario.run(1)
        let id = "interlock:\(InterlockEngine.manualTrigger)"
        let raised = try #require(alarm(id, in: &scenario))
        #expect(raised.priority == .critical && raised.isLatched && raised.text.contains("smell of solvent"))
        #expect(!raised.response.isEmpty && scenario.lab.notified.map(\.alarm.id) == [id])
        guard case .alarmAcknowledged(id)? = scenario.ask(.acknowledgeAlarm(id)) else {
            Issue.record("not acknowledged")
            return
        }
        scenario.lab.restart()
        scenario.run(10)
        let restored = try #require(alarm(id, in: &scenario))
        #expect(restored.state == .acknowledged && restored.acknowledgement?.uid == Scenario.technician.uid)
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.manualTrigger)))
        #expect(alarm(id, in: &scenario) == nil && scenario.lab.archive.alarms[id] == nil)
        // Who resets it need not acknowledge it as well.
        _ = scenario.ask(.triggerSafeState(reason: "once more"))
        scenario.run(10)
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.manualTrigger)))
        #expect(alarm(id, in: &scenario) == nil && scenario.lab.archive.alarms[id] == nil)
    }

    /// Somebody who comes in the morning sees that a pump was away at night.
    @Test(arguments: [703, 704] as [UInt64])
    func whatCameAndWentWaitsForSomebody(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.fault("cui", "unplug", for: 5)
        scenario.run(60)
        #expect(alarm("device:cui", in: &scenario)?.state == .returned)
        let changes = scenario.lab.notified.filter { $0.alarm.id == "device:cui" }.map(\.kind)
        #expect(changes.first == .raised && changes.last == .ended)
        scenario.lab.restart()
        scenario.run(30)
        #expect(alarm("device:cui", in: &scenario)?.state == .returned)
        _ = scenario.ask(.acknowledgeAlarm("device:cui"))
        #expect(alarm("device:cui", in: &scenario) == nil)
        #expect(Scenario.refusal(scenario.ask(.acknowledgeAlarm("device:cui"))) == "unknown_alarm")
    }

    @Test(arguments: [705] as [UInt64])
    func aShelfOutlivesTheDaemonAndEnds(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.fault("cui", "unplug")
        scenario.run(10)
        let asked = ControlRequest.shelveAlarm("device:cui", person: "Ada", reason: "a new cable", span: .seconds(120))
        guard case .alarmShelved("device:cui", _)? = scenario.ask(asked) else {
            Issue.record("not shelved")
            return
        }
        scenario.lab.restart()
        scenario.run(60)
        #expect(alarm("device:cui", in: &scenario)?.state == .shelved)
        scenario.run(80)
        #expect(alarm("device:cui", in: &scenario)?.state == .active)
        #expect(scenario.lab.notified.last?.kind == .unshelved)
        #expect(scenario.lab.archive.shelves.isEmpty)
        let audited = scenario.lab.archive.audit.map(\.method)
        #expect(audited.contains("alarms.shelve"))
    }
}
