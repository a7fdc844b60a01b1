import DeviceModel
import Experiments
import Interlocks
import Quantities
import Testing
import VirtualBench

/// Valves in recipes and by hand, judged by where they really stand and what really flows.
@Suite struct ValveTests {
    private static let holder = Caller(uid: 1000, pid: 1, role: .technician, client: 7)
    private func bench(seed: UInt64, plate: Double = 139, changes: [String: String] = [:]) throws -> Scenario {
        var scenario = try Scenario(large: seed, plate: plate, changes: changes)
        scenario.run(5)
        return scenario
    }

    private func recipe(_ valves: [String: String]?, _ scenario: inout Scenario) -> Recipe {
        guard case .flows(var flows) = scenario.recipe() else { return .references }
        flows.valves = valves
        return .flows(flows)
    }

    private func select(_ valve: String, _ position: String, _ scenario: inout Scenario) -> ControlReply? {
        let wish = LeaseWish(devices: [valve], person: "Ada", reason: "a test", span: .seconds(60))
        guard case .lease(let lease)? = scenario.ask(.acquireLease(wish), as: Self.holder) else { return nil }
        let token = scenario.lab.request(
            .act(.operate(.select(position: position)), on: valve), as: Self.holder)
        scenario.run(8)
        _ = scenario.ask(.releaseLease(lease.lease), as: Self.holder)
        return scenario.lab.replies[token]
    }

    private func shown(_ valve: String, _ scenario: inout Scenario) -> Double? {
        scenario.lab.snapshot()?.readings.first { $0.signal.text == "valve.\(valve).position" }?.value
    }

    /// The way through the loop is longer by its 250 uL, in the plan and on the plant.
    @Test(arguments: [1301, 1302] as [UInt64])
    func aRecipeThroughTheLoop(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let recipe = recipe(["feed_valve": "loop"], &scenario)
        guard case .flows(var plain) = recipe else { return }
        plain.valves = nil
        let (long, short) = (try scenario.plan(recipe), try scenario.plan(.flows(plain)))
        let copper = 225.0 / 60
        let more = (long.residenceTimeS ?? 0) - (short.residenceTimeS ?? 0)
        #expect(abs(more - 250 / copper) < 0.5, "\(more) s more")
        let id = try scenario.submit(recipe)
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        #expect(record.executed.valves == ["feed_valve": "loop", "outlet_valve": "waste"])
        #expect(record.certificate?.residenceTimeS == long.residenceTimeS)
        scenario.expectTrueFeatures(id)
        #expect(shown("feed_valve", &scenario) == 2)
    }

    /// Nothing flows through a valve that has not shown its position.
    @Test(arguments: ["feed_valve", "outlet_valve"], [1311, 1312] as [UInt64])
    func aValveThatDoesNotTurn(valve: String, seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        // The outlet valve has been left where no recipe may leave it, and is to turn home.
        if valve == "outlet_valve" { _ = select(valve, "cuvette", &scenario) }
        try scenario.fault(valve, "stuck")
        let start = scenario.now
        let id = try scenario.submit(recipe(valve == "feed_valve" ? [valve: "loop"] : nil, &scenario))
        let record = try scenario.finish(id)
        #expect(["valve_not_confirmed", "device_lost"].contains(record.error?.kind), "\(scenario.describe(id))")
        #expect(record.error?.device == valve)
        #expect(scenario.time(of: .settling, id) == nil)
        // Only the carrier has flowed, for the reference.
        let pumps = scenario.truth(from: start).map { $0.flows.dropLast().max() ?? 0 }
        #expect(pumps.max() ?? 1 < 1)
        scenario.run(20)
        scenario.expectNoFlow(since: scenario.now - 10)
    }

    /// What its own advice says: once its rotor is free, it is brought to a position, and it is well.
    @Test func aValveThatHasStalledIsTurnedByHand() throws {
        var scenario = try bench(seed: 1315, plate: 25)
        try scenario.fault("outlet_valve", "stuck")
        _ = select("outlet_valve", "cuvette", &scenario)
        scenario.run(20)
        func state() -> DeviceState? { scenario.lab.snapshot()?.devices.first { $0.name == "outlet_valve" }?.state }
        guard case .faulted? = state() else {
            Issue.record("it is \(String(describing: state()))")
            return
        }
        try scenario.fault("outlet_valve", "clear")
        scenario.run(5)
        // The safe position that it did not confirm was a trip, which stopped the arm's program: in the order that the
        // texts give.
        #expect(Scenario.isReset(scenario.reset("safe-state")))
        let wish = LeaseWish(devices: ["arm_panel"], person: "Ada", reason: "a test", span: .seconds(60))
        _ = scenario.ask(.acquireLease(wish), as: Self.holder)
        _ = scenario.lab.request(.act(.operate(.control(.play)), on: "arm_panel"), as: Self.holder)
        scenario.run(8)
        #expect(Scenario.isReset(scenario.reset("arm-lost")))
        let reply = select("outlet_valve", "waste", &scenario)
        guard case .manual(.operated)? = reply else {
            Issue.record("\(String(describing: reply))")
            return
        }
        scenario.run(5)
        #expect(state() == .ready && shown("outlet_valve", &scenario) == 1)
    }

    /// Without a cuvette the stream would run onto the table.
    @Test func whereCuvettesAreFilledNoRecipeLeavesTheValve() throws {
        var scenario = try bench(seed: 1316, plate: 25)
        let report = try scenario.plan(recipe(["outlet_valve": "cuvette"], &scenario))
        #expect(!report.feasible && report.problems.map(\.kind) == ["unknown_position"])
        _ = select("outlet_valve", "cuvette", &scenario)
        let wish = LeaseWish(devices: ["pfo", "tubing_pump"], person: "Ada", reason: "a test", span: .seconds(60))
        _ = scenario.ask(.acquireLease(wish), as: Self.holder)
        #expect(Scenario.refusal(scenario.ask(.act(.purge, on: nil), as: Self.holder)) == "valve_away")
        #expect(scenario.lab.bench.table.spilled == 0)
    }

    /// Somebody turns it at its own panel while it is needed.
    @Test(arguments: [1321, 1322] as [UInt64])
    func aValveThatIsTurnedUnderWay(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(nil, &scenario))
        try scenario.reach(.settling, of: id)
        scenario.run(scenario.generator.uniform(1, 30))
        let turned = scenario.now
        scenario.lab.bench.send(Array("GOB\r".utf8), to: "feed_valve", at: scenario.lab.now)
        let record = try scenario.finish(id, within: 10)
        #expect(record.error?.kind == "valve_moved", "\(scenario.describe(id))")
        #expect(record.error?.device == "feed_valve")
        scenario.run(30)
        scenario.expectNoFlow(since: turned)
    }

    @Test func planSaysWhatIsWrongWithValves() throws {
        var scenario = try bench(seed: 1331, plate: 25)
        let plug = try scenario.plan(recipe(["outlet_valve": "plugged"], &scenario))
        #expect(!plug.feasible)
        #expect(Set(plug.problems.map(\.kind)) == ["dead_end"])
        #expect(plug.problems.contains { $0.name == "flows_ul_min.pfo" })
        let wrong = try scenario.plan(recipe(["feed_valve": "sideways", "tap": "on"], &scenario))
        #expect(wrong.problems.map(\.kind).sorted() == ["unknown_position", "unknown_valve"])
        #expect(wrong.problems.allSatisfy { !$0.hint.isEmpty })
    }

    @Test(arguments: [1341, 1342] as [UInt64])
    func byHand(seed: UInt64) throws {
        var scenario = try bench(seed: seed, plate: 25)
        guard
            case .manual(.operated("feed_valve", .select(position: "loop")))? = select("feed_valve", "loop", &scenario)
        else {
            Issue.record("not turned")
            return
        }
        scenario.run(5)
        #expect(shown("feed_valve", &scenario) == 2, "it stays where a hand has turned it")
        #expect(Scenario.refusal(select("feed_valve", "up", &scenario)) == "out_of_range")
        _ = select("outlet_valve", "plugged", &scenario)
        let wish = LeaseWish(devices: ["cui"], person: "Ada", reason: "a test", span: .seconds(60))
        _ = scenario.ask(.acquireLease(wish), as: Self.holder)
        let move = PumpMove(flow: FlowRate(microlitersPerMinute: 600), volume: Volume(microliters: 100))
        let start = scenario.now
        #expect(Scenario.refusal(scenario.ask(.act(.move(move), on: "cui"), as: Self.holder)) == "dead_end")
        scenario.run(5)
        scenario.expectNoFlow(since: start)
    }

    /// With pressure in the line no valve is turned by hand; what makes safe turns it all the same.
    @Test(arguments: [1351] as [UInt64])
    func underPressureTheyStay(seed: UInt64) throws {
        var scenario = try bench(seed: seed, plate: 25)
        _ = select("feed_valve", "loop", &scenario)
        try scenario.fault("io", "pressure", value: 5)
        scenario.run(2)
        #expect(Scenario.refusal(select("feed_valve", "direct", &scenario)) == "not_permitted")
        #expect(shown("feed_valve", &scenario) == 2)
        _ = scenario.ask(.triggerSafeState(reason: "a test"))
        scenario.run(5)
        #expect(shown("feed_valve", &scenario) == 1)
        #expect(scenario.lab.snapshot()?.devices.first { $0.name == "feed_valve" }?.isSafe == true)
    }

    /// A valve that stands elsewhere when a daemon starts was left by nobody: it goes to its safe position.
    @Test(arguments: [1361] as [UInt64])
    func afterADeathTheyGoToTheirSafePosition(seed: UInt64) throws {
        var scenario = try bench(seed: seed, plate: 25)
        _ = select("feed_valve", "loop", &scenario)
        scenario.lab.kill()
        scenario.run(1)
        scenario.lab.restart()
        scenario.run(10)
        #expect(shown("feed_valve", &scenario) == 1)
    }
}
