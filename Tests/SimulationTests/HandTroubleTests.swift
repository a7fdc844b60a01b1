import DeviceModel
import Experiments
import Interlocks
import Quantities
import Testing
import VirtualBench

/// What goes wrong while things are moved by hand; judged by the truth.
@Suite struct HandTroubleTests {
    private static let ada = Caller(uid: 1000, pid: 1, role: .technician, client: 7)
    private static let bob = Caller(uid: 1001, pid: 2, role: .technician, client: 8)
    private static let flushing = ["ode_cs", "ode_cui", "pfo"]

    private func lease(
        _ devices: [String], as caller: Caller = ada, for seconds: Double = 300, _ scenario: inout Scenario
    ) throws -> String {
        let wish = LeaseWish(devices: devices, person: "Ada", reason: "a test", span: .seconds(seconds))
        guard case .lease(let lease)? = scenario.ask(.acquireLease(wish), as: caller) else {
            throw Unexpected(what: "no lease")
        }
        return lease.lease
    }

    private func flow(_ pump: PumpName, _ scenario: Scenario) -> Double {
        let index = PumpName.allCases.firstIndex(of: pump) ?? 0
        return scenario.lab.truth.last?.setFlows[index] ?? .nan
    }

    private func quiet(seed: UInt64) throws -> Scenario {
        var scenario = try Scenario(seed: seed, plate: 25)
        scenario.run(10)
        return scenario
    }

    /// A plate that an experiment left hot is not kept hot by a lease that only holds it.
    @Test(arguments: [951, 952] as [UInt64])
    func aHotPlateGoesOffThoughItIsLeased(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.run(2)
        #expect(scenario.lab.truth.last?.heaterMode == .automatic)
        let name = try lease(["heater"], &scenario)
        let enter = ControlRequest.enterMaintenance(
            person: "Ada", reason: "a test", span: .seconds(3600), takesOver: false)
        _ = scenario.ask(enter)
        let entered = scenario.now
        scenario.run(10)
        scenario.expectSafe(since: entered)
        _ = scenario.ask(.releaseLease(name), as: Self.ada)
        scenario.run(5)
        scenario.expectSafe(since: entered)
    }

    /// Nor does the release leave it hot.
    @Test(arguments: [953, 954] as [UInt64])
    func aReleasedPlateGoesOff(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.run(2)
        let name = try lease(["heater"], &scenario)
        _ = scenario.ask(.releaseLease(name), as: Self.ada)
        let released = scenario.now
        scenario.run(5)
        scenario.expectSafe(since: released, within: 2)
        #expect(scenario.lab.truth.last?.contactorClosed == false)
    }

    /// Each pump of a purge belongs to the lease that covers it.
    @Test(arguments: [955, 956] as [UInt64])
    func aPurgeUnderTwoLeasesEndsWithEach(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let first = try lease(["ode_cs"], &scenario)
        let second = try lease(["ode_cui", "pfo"], &scenario)
        _ = scenario.lab.request(.act(.purge, on: nil), as: Self.ada)
        scenario.run(5)
        #expect(flow(.pfo, scenario) > 0 && flow(.odeCs, scenario) > 0)
        _ = scenario.ask(.releaseLease(second), as: Self.ada)
        scenario.run(3)
        #expect(flow(.pfo, scenario) == 0 && flow(.odeCui, scenario) == 0 && flow(.odeCs, scenario) > 0)
        _ = scenario.ask(.releaseLease(first), as: Self.ada)
        scenario.run(3)
        #expect(scenario.lab.truth.last?.motorsStand == true)
    }

    /// What was stopped is not started by a purge whose turn for it comes later.
    @Test(arguments: [957, 958] as [UInt64])
    func aStopHoldsAgainstAPurgeUnderWay(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        _ = try lease(Self.flushing, &scenario)
        let purge = scenario.lab.request(.act(.purge, on: nil), as: Self.ada)
        let stop = scenario.lab.request(.act(.stop, on: "pfo"), as: Self.bob)
        scenario.run(10)
        #expect(Scenario.refusal(scenario.lab.replies[purge]) == "stopped_by_hand")
        guard case .manual(.stopped("pfo"))? = scenario.lab.replies[stop] else {
            Issue.record("not stopped")
            return
        }
        #expect(flow(.pfo, scenario) == 0)
    }

    /// A daemon that dies with something in hand holds the bench when it comes back.
    @Test(arguments: [true, false], [959, 960] as [UInt64])
    func aKilledHandHoldsTheBench(losingUncommitted: Bool, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        scenario.run(10)
        _ = try lease(["oa_cs"], &scenario)
        let id = try scenario.submit()
        let move = PumpMove(flow: FlowRate(microlitersPerMinute: 600), volume: Volume(microliters: 2000))
        _ = scenario.lab.request(.act(.move(move), on: "oa_cs"), as: Self.ada)
        scenario.run(3)
        scenario.lab.kill(losingUncommitted: losingUncommitted)
        scenario.run(1)
        scenario.lab.restart()
        let started = scenario.now
        scenario.run(60)
        let latch = scenario.lab.archive.latches.first
        #expect(latch?.interlock == InterlockEngine.uncleanEnd && latch?.cause.contains("oa_cs of Ada") == true)
        scenario.expectSafe(since: started)
        #expect(scenario.state(of: id) == .queued)
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd)))
        try scenario.reach(.referencing, of: id, within: 60)
    }

    /// An orderly end is none.
    @Test(arguments: [961, 962] as [UInt64])
    func anOrderlyEndStopsTheHand(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        _ = try lease(["cui"], &scenario)
        let move = PumpMove(flow: FlowRate(microlitersPerMinute: 600), volume: Volume(microliters: 2000))
        _ = scenario.lab.request(.act(.move(move), on: "cui"), as: Self.ada)
        scenario.run(3)
        let ended = scenario.now
        scenario.lab.shutDown()
        scenario.run(5)
        scenario.expectSafe(since: ended, within: 2)
        scenario.lab.restart()
        scenario.run(10)
        #expect(scenario.lab.archive.latches.isEmpty)
    }

    /// Nothing is begun that cannot be kept, and whoever stops something hears that it is done.
    @Test(arguments: [963, 964] as [UInt64])
    func aFullDiskBeginsNothingAndStopsAtOnce(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let name = try lease(["cui", "heater"], &scenario)
        let move = PumpMove(flow: FlowRate(microlitersPerMinute: 600), volume: Volume(microliters: 5000))
        _ = scenario.lab.request(.act(.move(move), on: "cui"), as: Self.ada)
        scenario.run(3)
        scenario.lab.fillDisk()
        scenario.run(1)
        let heat = scenario.ask(.act(.heat(Temperature(celsius: 60)), on: "heater"), as: Self.ada)
        #expect(Scenario.refusal(heat) == "archive_unavailable")
        let stop = scenario.lab.request(.act(.stop, on: "cui"), as: Self.bob)
        let stopped = scenario.now
        scenario.run(3)
        guard case .manual(.stopped)? = scenario.lab.replies[stop],
            case .leaseReleased? = scenario.ask(.releaseLease(name), as: Self.ada)
        else {
            Issue.record("not answered: \(String(describing: scenario.lab.replies[stop]))")
            return
        }
        scenario.expectSafe(since: stopped, within: 2)
        scenario.lab.makeRoomOnDisk()
        scenario.run(5)
    }

    /// A plate whose contactor opens by itself is not left at full power behind the open contact.
    @Test(arguments: [965, 966] as [UInt64])
    func anOpenContactorSwitchesTheHandsHeaterOff(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        for row in ["tray-leak", "line-over-pressure"] {
            let bypass = ControlRequest.bypassInterlock(
                InterlockName(row), person: "Ada", reason: "a test", span: .seconds(600))
            _ = scenario.ask(bypass)
        }
        _ = try lease(["heater"], &scenario)
        _ = scenario.lab.request(.act(.heat(Temperature(celsius: 60)), on: "heater"), as: Self.ada)
        scenario.run(5)
        #expect(scenario.lab.truth.last?.heaterMode == .automatic)
        try scenario.lab.apply(FaultCommand(device: "io", fault: "unplug", forSeconds: 5))
        scenario.run(15)
        #expect(scenario.lab.truth.last?.contactorClosed == false && scenario.lab.truth.last?.heaterMode == .off)
    }
}
