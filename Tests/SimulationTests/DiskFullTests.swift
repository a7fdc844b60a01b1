import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// The archive cannot write: what runs is brought to its end, nothing new begins, and nothing is lost.
@Suite struct DiskFullTests {
    @Test(arguments: Stage.running, [521, 522] as [UInt64])
    func whatRunsIsFinishedAndNothingNewStarts(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        let waiting = try scenario.submit()
        scenario.lab.fillDisk()
        scenario.run(0.1)
        let known = scenario.lab.archive.records
        #expect(scenario.shownAlarms() == ["archive"])
        #expect(Scenario.refusal(scenario.offer(scenario.recipe())) == "archive_unavailable")
        let full = scenario.now
        scenario.run(900)
        // Nothing is told that is not kept.
        #expect(scenario.lab.archive.records == known)
        #expect(scenario.lab.snapshot()?.running?.experiment == id || scenario.lab.snapshot()?.running == nil)
        // The next one was not begun, and what stood idle for so long is off.
        scenario.expectNoFlow(since: full + 700)
        scenario.lab.makeRoomOnDisk()
        scenario.run(1)
        #expect(scenario.shownAlarms() == [])
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == .done, "\(scenario.describe(id))")
        scenario.expectTrueFeatures(id)
        #expect(try scenario.finish(waiting).state == .done, "\(scenario.describe(waiting))")
        scenario.run(20)
        scenario.expectInvariants(afterLongOutage: true)
        scenario.expectSequences()
        for pump in PumpName.allCases { #expect((scenario.booked(pump) - scenario.used(pump)).magnitude < 15) }
    }

    /// Safety does not wait for a disk.
    @Test(arguments: Stage.running, [523] as [UInt64])
    func aTripIsObeyedAtOnce(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        scenario.lab.fillDisk()
        scenario.run(0.1)
        let start = scenario.now
        let token = scenario.lab.request(.triggerSafeState(reason: "smell"), as: Scenario.observer)
        guard case .safeState? = scenario.lab.replies[token] else {
            Issue.record("no immediate answer")
            return
        }
        scenario.run(30)
        scenario.expectSafe(since: start)
        scenario.lab.makeRoomOnDisk()
        scenario.run(1)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        #expect(scenario.latched.count == 1)
        scenario.expectInvariants()
    }

    /// A bench that cannot keep what it reserves does not set pumps going by itself.
    @Test func noFlushIsBegun() throws {
        var scenario = try Scenario(seed: 524)
        scenario.lab.fillDisk()
        let full = scenario.now
        scenario.run(1000)
        scenario.expectNoFlow(since: full)
        scenario.lab.makeRoomOnDisk()
        scenario.run(1)
        scenario.expectInvariants(afterLongOutage: true)
    }

    /// What waits for the disk does not grow for ever: of readings the newest are kept, and who looked on sees a gap. No
    /// event is lost.
    @Test func readingsThatWaitAreBounded() throws {
        var scenario = try Scenario(seed: 526)
        scenario.run(1)
        scenario.lab.fillDisk()
        scenario.run(10)
        let (numbers, kept) = (scenario.lab.watch, scenario.lab.archive.lastEvent)
        scenario.run(3600)
        #expect(scenario.lab.watch.missed == numbers.missed, "nothing is seen meanwhile")
        _ = scenario.lab.request(.triggerSafeState(reason: "smell"), as: Scenario.observer)
        scenario.run(1)
        scenario.lab.makeRoomOnDisk()
        scenario.run(1)
        #expect(scenario.lab.watch.missed > 0)
        #expect(scenario.lab.watch.violations == [])
        let events = scenario.lab.events.filter { $0.sequence > kept }
        #expect(events.contains { $0.topic == "interlocks" } && events.contains { $0.topic == "alarms" })
        #expect(events.last?.sequence == scenario.lab.archive.lastEvent)
        #expect(scenario.lab.events.count == scenario.lab.archive.events)
    }

    /// Killed with a full disk: what was committed before is there, and the bench is held.
    @Test(arguments: Stage.running, [525] as [UInt64])
    func aKillWithAFullDiskLosesNothingThatWasShown(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        let shown = scenario.lab.archive.experiments[id]
        scenario.lab.fillDisk()
        scenario.run(20)
        #expect(scenario.lab.archive.experiments[id] == shown)
        scenario.lab.kill()
        scenario.lab.makeRoomOnDisk()
        scenario.lab.restart()
        let start = scenario.now
        scenario.run(30)
        scenario.expectSafe(since: start, within: 2 + Scenario.tripTime)
        #expect(scenario.state(of: id) == .interrupted, "\(scenario.describe(id))")
        for pump in PumpName.allCases { #expect(scenario.booked(pump) >= scenario.used(pump) - 4, "\(pump)") }
        scenario.expectInvariants()
    }
}
