import ControlCore
import DeviceModel
import Experiments
import Interlocks
import Quantities
import Testing
import VirtualBench

/// Signals of the daemon itself, and the rows on them.
@Suite struct OwnSignalTests {
    // MARK: The ledger

    /// From the start on, as long as nothing changes, and after each act.
    @Test func levelsAreToldAndDoNotAge() throws {
        var scenario = try Scenario(seed: 901, plate: 25)
        scenario.run(120)
        let room = try #require(scenario.shown("ledger.waste.room"))
        #expect(room.quality == .good && room.value == 1_000_000)
        let full = try #require(scenario.shown("ledger.pfo.remaining"))
        #expect(full.quality == .good && full.value == 100_000)
        _ = scenario.refill("pfo", microliters: 40_000)
        #expect(scenario.shown("ledger.pfo.remaining")?.value == 40_000)
        #expect(scenario.kept("ledger.pfo.remaining") == [100_000, 40_000])
    }

    /// What flows is seen to go, at most once a second, and ends with what the ledger has.
    @Test(arguments: [902, 903] as [UInt64])
    func levelsFollowTheFlow(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.finish(try scenario.submit())
        scenario.run(20)
        let ledger = try #require(scenario.lab.archive.ledger)
        for pump in PumpName.allCases {
            let left = try #require(ledger.syringes[pump.rawValue]?.remainingUL)
            let shown = try #require(scenario.shown(InputTest.remaining(in: DeviceName(pump.rawValue))))
            #expect(shown.value <= left && left - shown.value < 0.1, "\(pump): \(shown.value) of \(left)")
        }
        let kept = scenario.kept("ledger.pfo.remaining")
        #expect(kept.count > 20 && zip(kept, kept.dropFirst()).allSatisfy { $0 > $1 })
        #expect(kept.last == scenario.shown("ledger.pfo.remaining")?.value)
        let room = try #require(scenario.shown("ledger.waste.room")).value
        #expect((room - (1_000_000 - ledger.waste.usedUL)).magnitude < 0.2)
    }

    // MARK: The loop

    /// In virtual time the loop is late only where a test makes it so, and by as much.
    @Test(arguments: [904, 905] as [UInt64])
    func latenessIsExact(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.run(10)
        #expect(scenario.shown("loop.lateness")?.value == 0 && scenario.kept("loop.lateness").allSatisfy { $0 == 0 })
        scenario.lab.holdUp(for: .milliseconds(250))
        scenario.run(3)
        let late = scenario.kept("loop.lateness")
        // The next poll was due within 100 ms.
        #expect(late.count == 3 && late[1] > 0.15 && late[1] <= 0.25 && late[2] == 0, "\(late)")
        var again = try Scenario(seed: seed)
        again.run(10)
        again.lab.holdUp(for: .milliseconds(250))
        again.run(3)
        #expect(again.kept("loop.lateness") == late)
    }

    // MARK: Motion

    /// What was told is what flows, and nothing is told when all is over: no row trips in normal work.
    @Test(arguments: [906, 907, 908] as [UInt64])
    func theCommandedFlowIsTheTrueOne(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .measuring)
        for (index, pump) in PumpName.allCases.enumerated() {
            let commanded = try #require(scenario.shown(.commanded(pump)))
            let flow = scenario.lab.truth.last?.setFlows[index] ?? -1
            #expect(commanded.quality == .good && (commanded.value - flow).magnitude < 1e-3, "\(pump)")
        }
        #expect(try scenario.finish(id).state == .done)
        scenario.run(1200)
        #expect(PumpName.allCases.allSatisfy { scenario.shown(.commanded($0))?.value == 0 })
        #expect(scenario.latched.isEmpty)
        scenario.expectInvariants()
    }

    /// A pump that is not there holds nobody up who does not need it, and trips nothing.
    @Test func anAbsentPumpThatIsNotNeededHoldsNothing() throws {
        var scenario = try Scenario(seed: 909)
        try scenario.fault("oam_cui", "unplug")
        scenario.run(60)
        #expect(scenario.latched.isEmpty)
        let id = try scenario.submit()
        #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
        #expect(scenario.latched.isEmpty)
    }

    /// Nobody watches the flows of a flush but this row.
    @Test(arguments: [910, 911] as [UInt64])
    func aPumpSlowedInAFlushTrips(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.reachFlush()
        try scenario.perform(.rateAtPanel(.odeCs, 60))
        let start = scenario.now
        scenario.run(60)
        #expect(scenario.latched == ["pump-not-moving-as-told"])
        let cause = scenario.lab.archive.latches.first?.cause ?? ""
        #expect(cause.contains("pump.ode_cs.flow: 60.0 uL/min reported, 150.0 commanded"), "\(cause)")
        // The look at the settings, the on-delay.
        scenario.expectNoFlow(since: start, within: 25)
        #expect(Scenario.isReset(scenario.reset("pump-not-moving-as-told")))
    }

    /// It was stopped before its volume was out: that is not what it was told.
    @Test func aPumpStoppedInAFlushTrips() throws {
        var scenario = try Scenario(seed: 912)
        try scenario.reachFlush()
        try scenario.perform(.stopAtPanel(.odeCs))
        scenario.run(25)
        #expect(scenario.latched == ["pump-not-moving-as-told"])
        scenario.expectInvariants()
    }

    @Test func aPumpLostWhileItRunsTripsAndIsResetOnceItStands() throws {
        var scenario = try Scenario(seed: 913)
        let id = try scenario.experiment(in: .settling)
        try scenario.fault("cui", "unplug", for: 40)
        scenario.run(35)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "device_lost")
        #expect(scenario.latched == ["pump-not-moving-as-told"])
        #expect(Scenario.refusal(scenario.reset("pump-not-moving-as-told")) == "safe_state_unproven")
        scenario.run(60)
        #expect(Scenario.isReset(scenario.reset("pump-not-moving-as-told")))
        scenario.expectInvariants()
    }
}

extension Scenario {
    /// As a client would read it now.
    func shown(_ signal: SignalName) -> Reading? {
        var lab = lab
        return lab.snapshot()?.readings.first { $0.signal == signal }
    }

    /// What the history has of it, oldest first.
    func kept(_ signal: String) -> [Double] { lab.archive.ownSignals[signal] ?? [] }
}

extension SignalName {
    fileprivate static func commanded(_ pump: PumpName) -> SignalName {
        SignalName("pump.\(pump.rawValue).flow.commanded")
    }
}
