import Experiments
import Interlocks
import Testing
import VirtualBench

/// What keeps the queue from going on, and says so, instead of failing one experiment after the other.
@Suite struct HoldTests {
    private static let permissive = """

        [[permissives]]
        name = "line-not-pressurised"
        unless = { signal = "io.pressure", above = 2.0, unit = "bar" }
        blocks = ["pump"]
        response = "Vent the line before the pumps start."
        """

    /// A bench file with one row more, before the one that is there.
    private func scenario(seed: UInt64) throws -> Scenario {
        let anchor = "[[interlocks]]\nname = \"plate-over-temperature\""
        return try Scenario(seed: seed, plate: 139, changes: [anchor: Self.permissive + "\n" + anchor])
    }

    @Test(arguments: [711, 712] as [UInt64])
    func aPermissiveHoldsTheQueueAndSaysWhatToDo(seed: UInt64) throws {
        var scenario = try scenario(seed: seed)
        scenario.run(5)
        try scenario.fault("io", "pressure", value: 2.5)
        scenario.run(5)
        let id = try scenario.submit()
        scenario.run(60)
        #expect(scenario.state(of: id) == .queued)
        let why = scenario.lab.snapshot()?.heldBecause ?? ""
        #expect(
            why.contains("line-not-pressurised") && why.contains("2.5 bar") && why.contains("Vent the line"), "\(why)")
        #expect(scenario.lab.truth.allSatisfy { $0.setFlows.allSatisfy { $0 == 0 } && $0.heaterMode == .off })
        try scenario.lab.apply(FaultCommand(fault: "clear"))
        try scenario.reach(.referencing, of: id, within: 60)
    }

    /// The same fault would fail all that wait: after three a person is asked.
    @Test(arguments: [713, 714] as [UInt64])
    func whatFailsAgainAndAgainWaitsForAPerson(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.fault("cui", "stall")
        let ids = try (1...5).map { _ in try scenario.submit() }
        scenario.run(900)
        #expect(ids.map { scenario.state(of: $0) } == [.failed, .failed, .failed, .queued, .queued])
        let why = scenario.lab.snapshot()?.heldBecause ?? ""
        #expect(why.contains("3 experiments in a row have failed") && why.contains("cui"), "\(why)")
        scenario.lab.restart()
        scenario.run(60)
        #expect(scenario.state(of: ids[3]) == .queued)
        try scenario.lab.apply(FaultCommand(fault: "clear"))
        guard case .alarmAcknowledged("failures")? = scenario.ask(.acknowledgeAlarm("failures")) else {
            Issue.record("not acknowledged")
            return
        }
        #expect(try scenario.finish(ids[3]).state == .done, "\(scenario.describe(ids[3]))")
        try scenario.finish(ids[4])
        #expect(!scenario.shownAlarms().contains("failures"))
        scenario.expectInvariants()
    }

    /// A contact that is shut although nobody asked for it: nothing heats through it, and somebody is called.
    @Test(arguments: [715, 716] as [UInt64])
    func aWeldedContactorHoldsTheQueue(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        scenario.run(5)
        try scenario.fault("io", "contactor_stuck")
        scenario.run(10)
        let id = try scenario.submit()
        scenario.run(60)
        #expect(scenario.state(of: id) == .queued && scenario.shownAlarms().contains("found-running:io"))
        let why = scenario.lab.snapshot()?.heldBecause ?? ""
        #expect(why.hasPrefix("io runs and nobody asked for it"), "\(why)")
        #expect(scenario.lab.truth.allSatisfy { $0.heaterMode == .off })
        #expect(scenario.lab.notified.count { $0.alarm.id == "found-running:io" } == 1)
        try scenario.lab.apply(FaultCommand(fault: "clear"))
        try scenario.reach(.referencing, of: id, within: 60)
    }
}
