import DeviceModel
import Experiments
import Quantities
import Testing
import VirtualBench

/// What is moved by hand is moved under a lease, within the interlocks, and stops with the lease; judged by the truth.
@Suite struct LeaseTests {
    private static let holder = Caller(uid: 1000, pid: 1, role: .technician, client: 7)
    private static let other = Caller(uid: 1001, pid: 2, role: .technician, client: 8)
    private static let cui = PumpName.allCases.firstIndex(of: .cui) ?? 0

    private func lease(
        _ devices: [String], for seconds: Double = 30, as caller: Caller = holder, _ scenario: inout Scenario
    ) -> ControlReply? {
        scenario.ask(
            .acquireLease(LeaseWish(devices: devices, person: "Ada", reason: "a test", span: .seconds(seconds))),
            as: caller)
    }

    private func name(_ reply: ControlReply?) throws -> String {
        guard case .lease(let lease)? = reply else {
            throw Unexpected(what: "no lease but \(String(describing: reply))")
        }
        return lease.lease
    }

    private func start(
        _ pump: String, flow: Double? = 600, volume: Double? = 200, as caller: Caller = holder,
        _ scenario: inout Scenario
    ) -> ControlReply? {
        let token = scenario.lab.request(
            .act(
                .move(
                    PumpMove(
                        flow: flow.map(FlowRate.init(microlitersPerMinute:)),
                        volume: volume.map(Volume.init(microliters:)))), on: pump), as: caller)
        scenario.run(3)
        return scenario.lab.replies[token]
    }

    private func flow(_ scenario: Scenario) -> Double { scenario.lab.truth.last?.setFlows[Self.cui] ?? .nan }

    private func quiet(seed: UInt64) throws -> Scenario {
        var scenario = try Scenario(seed: seed, plate: 25)
        scenario.run(10)
        return scenario
    }

    /// A finite volume, booked, and the pump stands again by itself.
    @Test(arguments: [901, 902] as [UInt64])
    func aPumpRunsItsVolumeAndStands(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let before = scenario.used(.cui)
        _ = try name(lease(["cui"], &scenario))
        guard case .manual(.moving(let starts))? = start("cui", volume: 100, &scenario) else {
            Issue.record("not started")
            return
        }
        #expect(starts.map(\.duration.seconds) == [10])
        #expect(flow(scenario) == 600)
        scenario.run(20)
        #expect(flow(scenario) == 0)
        #expect(abs(scenario.used(.cui) - before - 100) < 1)
        #expect(abs(scenario.booked(.cui) - 100) < 1)
        #expect(scenario.lab.archive.audit.contains { $0.method == "pumps.start" && $0.outcome == "begun" })
        scenario.expectInvariants()
    }

    /// The plunger goes back by truth; what came in is not known, so the books do not change until somebody says so.
    @Test(arguments: [919, 920] as [UInt64])
    func aWithdrawalIsNotPutIntoTheBooks(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        _ = try name(lease(["cui"], for: 300, &scenario))
        let back = PumpMove(
            flow: FlowRate(microlitersPerMinute: 600), volume: Volume(microliters: 50), withdraws: true)
        #expect(Scenario.refusal(scenario.ask(.act(.move(back), on: "cui"), as: Self.holder)) == "insufficient")
        _ = start("cui", volume: 100, &scenario)
        scenario.run(20)
        func inSyringe() -> Double { scenario.lab.truth.last?.remaining[Self.cui] ?? .nan }
        let held = inSyringe()
        let token = scenario.lab.request(.act(.move(back), on: "cui"), as: Self.holder)
        scenario.run(3)
        guard case .manual(.moving(let starts))? = scenario.lab.replies[token] else {
            Issue.record("not withdrawn: \(String(describing: scenario.lab.replies[token]))")
            return
        }
        #expect(starts.map(\.flow.microlitersPerMinute) == [-600] && flow(scenario) == -600)
        scenario.run(20)
        #expect(flow(scenario) == 0 && abs(inSyringe() - held - 50) < 1, "\(inSyringe()) from \(held)")
        #expect(abs(scenario.booked(.cui) - 100) < 1)
        // What was drawn back takes room: the plunger stays in the barrel.
        let more = PumpMove(
            flow: FlowRate(microlitersPerMinute: 600), volume: Volume(microliters: 60), withdraws: true)
        #expect(Scenario.refusal(scenario.ask(.act(.move(more), on: "cui"), as: Self.holder)) == "insufficient")
        scenario.expectInvariants()
    }

    @Test(arguments: [903, 904] as [UInt64])
    func withoutALeaseNothingMoves(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        #expect(Scenario.refusal(start("cui", &scenario)) == "not_leased")
        _ = try name(lease(["oa_cui", "cui"], &scenario))
        #expect(Scenario.refusal(start("cui", as: Self.other, &scenario)) == "leased")
        #expect(Scenario.refusal(lease(["cui"], as: Self.other, &scenario)) == "leased")
        #expect(Scenario.refusal(lease(["nonsense"], &scenario)) == "unknown_device")
        #expect(Scenario.refusal(start("heater", &scenario)) == "wrong_device_class")
        #expect(Scenario.refusal(start("cui", volume: 60_000, &scenario)) == "out_of_range")
        #expect(Scenario.refusal(start("cui", flow: 0, &scenario)) == "out_of_range")
        #expect(Scenario.refusal(start("cui", flow: 1e6, &scenario)) == "out_of_range")
        #expect(scenario.lab.truth.allSatisfy { $0.motorsStand && $0.heaterIsOff })
        let outcomes = scenario.lab.archive.audit.filter { $0.method == "pumps.start" }.map(\.outcome)
        #expect(
            outcomes == ["not_leased", "leased", "wrong_device_class", "out_of_range", "out_of_range", "out_of_range"])
    }

    /// A lapse, a hang-up and a release stop the same.
    @Test(arguments: ["lapse", "hang-up", "release", "ended by another"], [905, 906] as [UInt64])
    func whatWasMovedStopsWithTheLease(how: String, seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let lease = try name(lease(["cui", "heater"], for: 15, &scenario))
        guard case .manual? = start("cui", volume: 5000, &scenario) else {
            Issue.record("not started")
            return
        }
        let heat = scenario.lab.request(.act(.heat(Temperature(celsius: 60)), on: "heater"), as: Self.holder)
        scenario.run(5)
        guard case .manual(.heating)? = scenario.lab.replies[heat] else {
            Issue.record("not heated: \(String(describing: scenario.lab.replies[heat]))")
            return
        }
        #expect(flow(scenario) == 600 && scenario.lab.truth.last?.heaterMode == .automatic)
        #expect(scenario.lab.truth.last?.contactorClosed == true)
        switch how {
        case "lapse": scenario.run(8)
        case "hang-up": scenario.lab.hangUp(7)
        case "release": _ = scenario.ask(.releaseLease(lease), as: Self.holder)
        default: _ = scenario.ask(.releaseLease(lease), as: Self.other)
        }
        let ended = scenario.now
        scenario.run(20)
        scenario.expectSafe(since: ended, within: 2)
        #expect(scenario.lab.truth.last?.contactorClosed == false)
        #expect(scenario.lab.snapshot()?.leases == [])
        #expect(scenario.lab.archive.latches.isEmpty)
        #expect(Scenario.refusal(start("cui", &scenario)) == "not_leased")
        scenario.expectInvariants()
    }

    @Test(arguments: [907, 908] as [UInt64])
    func aRenewedLeaseGoesOn(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let lease = try name(lease(["cui"], for: 10, &scenario))
        _ = start("cui", volume: 5000, &scenario)
        for _ in 0..<5 {
            scenario.run(6)
            guard case .lease? = scenario.ask(.renewLease(lease, span: .seconds(10)), as: Self.holder) else {
                Issue.record("not renewed")
                return
            }
            #expect(flow(scenario) == 600)
        }
        #expect(Scenario.refusal(scenario.ask(.renewLease(lease, span: .seconds(10)), as: Self.other)) == "not_leased")
        #expect(
            Scenario.refusal(scenario.ask(.renewLease("l-9", span: .seconds(1)), as: Self.holder)) == "unknown_lease")
        _ = scenario.ask(.releaseLease(lease), as: Self.holder)
    }

    /// Nothing is moved beside an experiment, and none is started beside a hand.
    @Test(arguments: [909, 910] as [UInt64])
    func handsAndExperimentsKeepOutOfEachOthersWay(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let running = try scenario.experiment(in: .settling)
        #expect(Scenario.refusal(lease(["cui"], &scenario)) == "bench_busy")
        _ = scenario.ask(.cancel(experiment: running))
        scenario.run(10)
        let lease = try name(lease(["oa_cs"], &scenario))
        let id = try scenario.submit()
        scenario.run(20)
        #expect(scenario.state(of: id) == .queued)
        let why = scenario.lab.snapshot()?.heldBecause ?? ""
        #expect(why.contains("oa_cs") && why.contains("Ada"), "\(why)")
        _ = scenario.ask(.releaseLease(lease), as: Self.holder)
        try scenario.expectStarts(id)
    }

    /// A trip takes it out of the hand; nothing moves again before the reset.
    @Test(arguments: [911, 912] as [UInt64])
    func aTripComesBeforeTheHand(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        _ = try name(lease(["cui", "heater"], for: 300, &scenario))
        _ = start("cui", volume: 5000, &scenario)
        _ = scenario.ask(.triggerSafeState(reason: "a test"))
        let tripped = scenario.now
        scenario.run(5)
        #expect(Scenario.refusal(start("cui", &scenario)) == "interlock_latched")
        let heat = scenario.lab.request(.act(.heat(Temperature(celsius: 60)), on: "heater"), as: Self.holder)
        scenario.run(5)
        #expect(Scenario.refusal(scenario.lab.replies[heat]) == "interlock_latched")
        scenario.expectSafe(since: tripped)
        #expect(Scenario.isReset(scenario.reset("safe-state")))
        guard case .manual? = start("cui", volume: 50, &scenario) else {
            Issue.record("not started after the reset")
            return
        }
        scenario.expectInvariants()
    }

    /// The daemon is killed: the pump ends its volume by itself, and what it may have given is charged.
    @Test(arguments: [913, 914] as [UInt64])
    func aKilledDaemonLeavesAFiniteVolume(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let before = scenario.used(.cui)
        _ = try name(lease(["cui"], &scenario))
        _ = start("cui", volume: 200, &scenario)
        scenario.lab.kill()
        scenario.run(60)
        #expect(flow(scenario) == 0 && scenario.used(.cui) - before <= 201)
        scenario.lab.restart()
        scenario.run(10)
        #expect(scenario.booked(.cui) >= scenario.used(.cui) - before - 1)
        #expect(scenario.lab.snapshot()?.leases == [])
    }

    /// Whoever stops a device that an experiment uses is obeyed, and named.
    @Test(arguments: [915, 916] as [UInt64])
    func aStopNeedsNoLease(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        let token = scenario.lab.request(.act(.stop, on: "cui"), as: Self.other)
        let asked = scenario.now
        scenario.run(20)
        guard case .manual(.stopped("cui"))? = scenario.lab.replies[token] else {
            Issue.record("not stopped: \(String(describing: scenario.lab.replies[token]))")
            return
        }
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "stopped_by_hand")
        scenario.expectNoFlow(since: asked)
        let next = try scenario.submit()
        scenario.run(30)
        #expect(scenario.state(of: next) == .queued)
        let held = scenario.lab.snapshot()?.heldBecause ?? ""
        #expect(held.contains("cui was stopped by hand") && held.contains("uid 1001"), "\(held)")
        _ = scenario.ask(.acknowledgeAlarm("failures"))
        try scenario.expectStarts(next)
    }

    /// Light, a look without it, and off with the lease.
    @Test(arguments: [917, 918] as [UInt64])
    func aSpectrumByHand(seed: UInt64) throws {
        var scenario = try quiet(seed: seed)
        let burst = BurstRequest(frames: 3, integration: .milliseconds(15))
        #expect(Scenario.refusal(scenario.ask(.act(.acquire(burst), on: "spec_pl"), as: Self.holder)) == "not_leased")
        _ = try name(lease(["spec_pl", "spec_abs"], &scenario))
        let lamp = scenario.lab.request(.act(.lamp(on: true), on: "spec_abs"), as: Self.holder)
        let dark = scenario.lab.request(.act(.acquire(burst), on: "spec_pl"), as: Self.holder)
        scenario.run(3)
        guard case .manual(.lamp("spec_abs", on: true))? = scenario.lab.replies[lamp],
            case .manual(.spectrum(let spectrum))? = scenario.lab.replies[dark]
        else {
            Issue.record("\(scenario.lab.replies[lamp].map(String.init(describing:)) ?? "-")")
            return
        }
        #expect(spectrum.frames.count == 3 && spectrum.frames.allSatisfy { $0.counts.count > 1000 })
        let long = BurstRequest(frames: 1, integration: .seconds(50_000))
        #expect(Scenario.refusal(scenario.ask(.act(.acquire(long), on: "spec_pl"), as: Self.holder)) == "out_of_range")
    }
}
