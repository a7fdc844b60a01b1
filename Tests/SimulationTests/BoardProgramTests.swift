import DeviceModel
import Drivers
import Quantities
import Testing
import VirtualBench
import Wire

/// Commands for a set time: through the interlocks, sent ahead, done by the board's own clock.
@Suite struct BoardProgramTests {
    private static let open = DeviceCommand.valve(.select(position: "open"))
    private static let closed = DeviceCommand.valve(.select(position: "closed"))

    private func ready(seed: UInt64 = 1) -> BoardBench {
        var bench = BoardBench(seed: seed)
        bench.run(30)
        return bench
    }

    private func run(_ flow: Double, _ volume: Double) -> DeviceCommand {
        .pump(.run(flow: FlowRate(microlitersPerMinute: flow), volume: Volume(microliters: volume)))
    }

    /// Both boards, three kinds of devices; what the truth shows is within what the daemon tells of its knowledge.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func aSequenceOverBothBoards(seed: UInt64) throws {
        var bench = ready(seed: seed)
        #expect(try bench.act(.stepper(.home), "stage", for: 10) == .done)
        let start = bench.seconds
        let opened = try bench.plan(Self.open, "argon", in: 1)
        let pumped = try bench.plan(run(3000, 250), "feed", in: 1.25)
        let moved = try bench.plan(.stepper(.move(to: 10)), "stage", in: 1.5)
        let stopped = try bench.plan(.pump(.stop), "feed", in: 3)
        let closed = try bench.plan(Self.closed, "argon", in: 4)
        bench.run(2)
        #expect(bench.shown("pump.feed.flow") == 3000)
        #expect(bench.shown("pump.feed.flow.commanded") == 3000)
        let openedAt = try #require(bench.truth("uno", "D4_changed_s")?.double)
        bench.run(6)
        for id in [opened, pumped, moved, stopped, closed] {
            #expect(bench.outcomes[id] == .done, "\(id): \(String(describing: bench.outcomes[id]))")
            let done = try #require(bench.punctuality[id])
            #expect(done.late >= .zero && done.late <= .milliseconds(1), "\(id): \(done.late.seconds) s late")
        }
        let closedAt = try #require(bench.truth("uno", "D4_changed_s")?.double)
        for (changed, id, after) in [(openedAt, opened, 1.0), (closedAt, closed, 4.0)] {
            let bound = 0.001 + (bench.punctuality[id]?.uncertainty.seconds ?? 0)
            #expect(abs(changed - start - after) <= bound, "\(changed - start - after) s off, bound \(bound) s")
        }
        #expect(bench.shown("stepper.stage.position") == 10)
        // 100 steps a second for 1.75 s.
        let steps = try #require(bench.truth("stm32f103", "axis_0_steps")?.double)
        #expect(abs(steps - 175) <= 2, "\(steps)")
        #expect(bench.shown("pump.feed.flow") == 0)
    }

    /// What was opened at its time is held open like any valve, and is not opened again by that once it is closed.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func aValveIsHeldUntilItsTime(seed: UInt64) throws {
        var bench = ready(seed: seed)
        let stays = 30 + Double(seed) * 0.37
        _ = try bench.plan(Self.open, "argon", in: 1)
        _ = try bench.plan(Self.closed, "argon", in: 1 + stays)
        bench.run(2)
        let changed = bench.truth("uno", "D4_changed_s")
        bench.run(stays - 1.2)
        #expect(bench.truth("uno", "D4") == .bool(true))
        #expect(bench.truth("uno", "D4_changed_s") == changed, "it was open all the time")
        bench.run(0.5)
        #expect(bench.truth("uno", "D4") == .bool(false))
        let closed = bench.truth("uno", "D4_changed_s")
        bench.run(15)
        #expect(bench.truth("uno", "D4_changed_s") == closed, "it stays closed")
    }

    /// More than a board holds at once.
    @Test func aLongProgramIsFedToTheBoard() throws {
        var bench = ready()
        let ids = try (0..<60).map {
            try bench.plan($0 % 2 == 0 ? Self.open : Self.closed, "argon", in: 1 + Double($0) * 0.1)
        }
        bench.run(10)
        for (index, id) in ids.enumerated() {
            #expect(bench.outcomes[id] == .done, "\(index): \(bench.outcomes[id]?.text ?? "-")")
        }
        #expect(bench.truth("uno", "D4") == .bool(false))
    }

    @Test func aTripTakesItBack() throws {
        var bench = ready()
        let soon = try bench.plan(Self.open, "argon", in: 1)
        let later = try bench.plan(run(3000, 250), "feed", in: 10)
        bench.run(0.5)
        bench.trip("test")
        bench.run(20)
        #expect(bench.outcomes[soon] == .droppedByTrip)
        #expect(bench.outcomes[later] == .droppedByTrip)
        #expect(bench.truth("uno", "D4_changed_s") == .number(0), "never opened")
        #expect(bench.truth("stm32f103", "axis_0_steps") == .integer(0))
    }

    @Test func aStopTakesItBack() throws {
        var bench = ready()
        let soon = try bench.plan(Self.open, "argon", in: 1)
        let other = try bench.plan(Self.open, "nitrogen", in: 1)
        bench.run(0.5)
        #expect(try bench.act(.valve(.safe), "argon", for: 5) == .done)
        #expect(bench.outcomes[soon]?.text.contains("made safe before its time") == true)
        #expect(bench.outcomes[other] == .done)
        #expect(bench.truth("uno", "D4_changed_s") == .number(0), "never opened")
    }

    /// Also what is still to be sent: a stop overtakes it, and it must not follow.
    @Test func aStopTakesBackWhatIsNotSentYet() throws {
        var bench = ready()
        for index in 0..<4 {
            for valve in ["argon", "nitrogen"] as [DeviceName] {
                _ = try bench.plan(index % 2 == 0 ? Self.open : Self.closed, valve, in: 0.5 + Double(index) * 0.1)
            }
        }
        for valve in ["argon", "nitrogen"] as [DeviceName] {
            #expect(try bench.act(.valve(.safe), valve, for: 0) == nil)
        }
        bench.run(5)
        for pin in ["D4", "D5"] {
            #expect(bench.truth("uno", pin + "_changed_s") == .number(0), "\(pin) was never high")
        }
        #expect(bench.state("uno") == .ready)
        #expect(!bench.notices.contains { $0.contains("found running") }, "\(bench.notices)")
    }

    @Test func aLostLineTakesItBack() throws {
        var bench = ready()
        let id = try bench.plan(Self.open, "argon", in: 1.5)
        bench.run(0.5)
        try bench.fault("uno", "unplug", 5)
        bench.run(30)
        guard case .failed? = bench.outcomes[id] else {
            Issue.record("\(String(describing: bench.outcomes[id]))")
            return
        }
        #expect(bench.truth("uno", "D4") == .bool(false), "by the dead-man, had it opened")
        #expect(bench.shown("valve.argon.position") == 1)
    }

    /// The board says at the time that it cannot be done.
    @Test func whatIsRefusedAtItsTimeSaysSo() throws {
        var bench = ready()
        _ = try bench.plan(run(60, 250), "feed", in: 1)
        let back = DeviceCommand.pump(
            .withdraw(flow: FlowRate(microlitersPerMinute: 60), volume: Volume(microliters: 10)))
        let other = try bench.plan(back, "feed", in: 2)
        bench.run(5)
        #expect(bench.outcomes[other]?.text.contains("still moves") == true)
    }

    @Test func whatCannotHaveATimeIsRefused() throws {
        var bench = ready()
        let unhomed = try bench.plan(.stepper(.move(to: 10)), "stage", in: 1)
        #expect(bench.outcomes[unhomed]?.text.contains("home it first") == true)
        let heat = try bench.plan(.heater(.hold(Temperature(celsius: 40))), "block", in: 1)
        #expect(bench.outcomes[heat]?.text.contains("does nothing at a set time") == true)
        _ = try bench.plan(Self.open, "argon", in: 5)
        #expect(try bench.act(Self.open, "argon")?.text.contains("stop it first") == true)
        let late = try bench.plan(Self.open, "nitrogen", in: -1)
        bench.run(5)
        #expect(bench.outcomes[late]?.text.contains("no time left") == true)
        #expect(bench.truth("uno", "D5_changed_s") == .number(0))
    }
}
