import DeviceModel
import Experiments
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// Recipes that want a cuvette of their product, judged by where the cuvettes really are and what is really in them.
@Suite struct SamplingTests {
    private static let holder = Caller(uid: 1000, pid: 1, role: .technician, client: 7)

    private func bench(seed: UInt64) throws -> Scenario {
        var scenario = try Scenario(large: seed, plate: 139)
        scenario.run(5)
        return scenario
    }

    private func recipe(_ scenario: inout Scenario, loop: Bool = false) -> Recipe {
        guard case .flows(var flows) = scenario.recipe() else { return .references }
        flows.sample = SampleWish(to: "spectrometer")
        if loop { flows.valves = ["feed_valve": "loop"] }
        return .flows(flows)
    }

    private func station(_ name: String, _ scenario: inout Scenario) -> StationRecord? {
        scenario.lab.snapshot()?.stations.first { $0.station == name }
    }

    private func set(_ name: String, _ cuvettes: Int, _ scenario: inout Scenario) -> ControlReply? {
        scenario.ask(.setStation(StationWish(station: name, cuvettes: cuvettes, sample: nil, note: "a test")))
    }

    /// Nothing flows, the arm stands, and the stream would go to the waste.
    private func expectSafe(
        _ scenario: inout Scenario, since: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        scenario.run(20)
        scenario.expectNoFlow(since: since, sourceLocation: sourceLocation)
        let truth = scenario.lab.truth.last?.accessories ?? [:]
        #expect(truth["arm"]?["moving"] == .bool(false), sourceLocation: sourceLocation)
    }

    @Test(arguments: [1401, 1402, 1403] as [UInt64])
    func aCuvetteIsFetchedFilledAndSetDown(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(&scenario, loop: true))
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        #expect(record.transitions.map(\.state).suffix(3) == [.measuring, .sampling, .done])
        scenario.expectTrueFeatures(id)
        let volume = try #require(record.sample?.volumeUL)
        #expect((300...330).contains(volume), "\(volume) uL")
        let table = scenario.lab.bench.table
        let poured = try #require(table.cuvettes[Worktable.Place.spectrometer]?.microliters)
        // The liquid lags behind the motors by a little.
        #expect(abs(poured - volume) < 15, "\(poured) uL in it, \(volume) uL by the pumps")
        #expect(table.spilled == 0 && table.dropped == 0)
        // What the instrument there found belongs to the experiment.
        #expect(record.sample?.result?.file == "\(id).txt")
        #expect(record.sample?.result?.units["cd"] == "mdeg")
        let kinds = scenario.lab.archive.spectra.filter { $0.experiment == id && $0.device == "cd" }.map(\.kind)
        #expect(kinds == ["cd", "ht"] && scenario.lab.archive.originals == ["\(id).txt"])
        #expect(station("spectrometer", &scenario)?.sample == id)
        #expect(station("rack", &scenario)?.cuvettes == 23)
        #expect(["filler", "arm"].allSatisfy { station($0, &scenario)?.cuvettes == 0 })
        expectSafe(&scenario, since: scenario.now)
        // What stands there is in the way of the next one, until somebody has taken it away.
        let second = try scenario.submit(recipe(&scenario))
        scenario.run(2)
        #expect(scenario.lab.snapshot()?.heldBecause?.contains("the sample of \(id)") ?? false)
        guard case .station? = set("spectrometer", 0, &scenario) else {
            Issue.record("not recorded")
            return
        }
        _ = scenario.lab.bench.takeAway(from: Worktable.Place.spectrometer)
        #expect(try scenario.finish(second).state == .done, "\(scenario.describe(second))")
    }

    /// What stood between the last cell and the nozzle when the measurement began is not in the cuvette, also where the
    /// stream is slow: 162 uL of tubes, swept 1.2 times.
    @Test(arguments: [1481, 1482] as [UInt64])
    func theCuvetteHoldsWhatWasMeasured(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        guard case .flows(var flows) = recipe(&scenario) else { return }
        flows.flowsULMin = flows.flowsULMin.mapValues { ($0 / 4).rounded() }
        let id = try scenario.submit(.flows(flows))
        try scenario.reach(.measuring, of: id)
        func displaced() -> Double { scenario.lab.truth.last?.used.reduce(0, +) ?? 0 }
        func poured() -> Double { scenario.lab.bench.table.cuvettes[Worktable.Place.filler]?.microliters ?? 0 }
        let before = displaced()
        for _ in 0..<800 where poured() == 0 { scenario.run(0.25) }
        let swept = displaced() - before - poured()
        let tubes = Double.pi / 4 * 1.016 * 1.016 * 200
        #expect(swept > 1.2 * tubes - 8 && swept < 1.2 * tubes + 40, "\(swept) uL for \(tubes) uL of tubes")
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        let planned = try scenario.plan(.flows(flows)).reagentsUL.values.reduce(0, +)
        let used = record.measured?.volumesUL.values.reduce(0, +) ?? 0
        #expect(
            used > 0 && planned > used + 1.2 * tubes + 300, "\(planned) uL planned, \(used) uL when it was measured")
    }

    /// What happens to the arm while it carries ends the experiment by its name.
    @Test(
        arguments: ["protective_stop", "drop_cuvette", "heartbeat_lost", "emergency_stop"], [1411, 1412] as [UInt64])
    func theArmFailsUnderWay(fault: String, seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(&scenario))
        try scenario.reach(.sampling, of: id)
        // Of a cuvette that is held something can fall: it is fetched in the first seconds, and set down in the next.
        scenario.run(fault == "drop_cuvette" ? 4 : scenario.generator.uniform(0.5, 6))
        try scenario.fault("arm", fault)
        let failed = scenario.now
        let record = try scenario.finish(id, within: 100)
        let error = try #require(record.error, "\(scenario.describe(id))")
        #expect(["transfer_failed", "device_lost", "trip"].contains(error.kind), "\(error)")
        let word = ["drop_cuvette": "dropped", "heartbeat_lost": "heartbeat"][fault] ?? fault.replacing("_", with: " ")
        #expect(error.detail.contains(word), "\(error.detail)")
        // What was measured is kept, and is not the result that was asked for.
        #expect(record.features == nil && record.data == .partial && record.certificate?.verdict == "steady")
        expectSafe(&scenario, since: failed + 6)
        let doubtful = scenario.lab.snapshot()?.stations.filter { $0.doubt != nil }.map(\.station) ?? []
        #expect(doubtful.contains("arm"), "\(doubtful)")
        #expect(scenario.lab.bench.table.spilled == 0)
    }

    /// It did not turn, or it did not turn back.
    @Test(arguments: [("fills", 1421), ("fills", 1422), ("empties", 1423)] as [(String, UInt64)])
    func theValveSticks(stage: String, seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(&scenario))
        try scenario.reach(.sampling, of: id)
        if stage == "empties" {
            for _ in 0..<200
            where scenario.lab.bench.table.cuvettes[Worktable.Place.filler]?.microliters ?? 0 < 50 {
                scenario.run(0.5)
            }
        }
        try scenario.fault("outlet_valve", "stuck")
        let record = try scenario.finish(id, within: 200)
        #expect(
            ["valve_not_confirmed", "device_lost", "trip"].contains(record.error?.kind), "\(scenario.describe(id))")
        let ended = scenario.now
        expectSafe(&scenario, since: ended)
        #expect(scenario.lab.bench.table.spilled == 0)
    }

    /// Its file never is whole, has a row that is no number, or never comes: the pumps have stopped long before.
    @Test(
        arguments: [
            ("file_stalls", "result_incomplete"), ("nan_row", "not_a_number"), ("never_measures", "result_missing"),
        ]
            as [(String, String)], [1471] as [UInt64])
    func theInstrumentFails(fault: (name: String, word: String), seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(&scenario))
        try scenario.reach(.sampling, of: id)
        try scenario.fault("cd", fault.name)
        let record = try scenario.finish(id, within: 900)
        #expect(record.error?.kind == "analysis_failed" && record.error?.device == "cd", "\(scenario.describe(id))")
        #expect(record.error?.detail.contains(fault.word) ?? false, "\(record.error?.detail ?? "")")
        #expect(record.features == nil && record.partialFeatures != nil && record.sample?.to == "spectrometer")
        #expect(scenario.lab.archive.originals.isEmpty)
        scenario.run(10)
        expectSafe(&scenario, since: scenario.now - 20)
        #expect(station("spectrometer", &scenario)?.sample == id)
    }

    /// A cuvette that is under way when the daemon dies may be anywhere: nobody moves anything there until it was looked for.
    @Test(arguments: [1431, 1432, 1433] as [UInt64])
    func theDaemonDiesUnderWay(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(&scenario))
        try scenario.reach(.sampling, of: id)
        scenario.run(scenario.generator.uniform(0, 30))
        scenario.lab.kill()
        let died = scenario.now
        scenario.run(2)
        scenario.lab.restart()
        scenario.run(10)
        #expect(scenario.state(of: id) == .interrupted)
        expectSafe(&scenario, since: died + 15)
        for name in ["rack", "filler", "spectrometer", "arm"] {
            #expect(station(name, &scenario)?.doubt?.contains(id) ?? false, "\(name)")
        }
        guard case .station(let record)? = set("rack", 20, &scenario) else {
            Issue.record("not recorded")
            return
        }
        #expect(record.cuvettes == 20 && record.doubt == nil)
        // What a person said is kept like all else.
        scenario.lab.kill(losingUncommitted: false)
        scenario.lab.restart()
        scenario.run(5)
        #expect(station("rack", &scenario)?.cuvettes == 20)
        #expect(station("rack", &scenario)?.doubt == nil)
    }

    @Test(arguments: [1441, 1442] as [UInt64])
    func cancelStopsTheArm(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let id = try scenario.submit(recipe(&scenario))
        try scenario.reach(.sampling, of: id)
        scenario.run(scenario.generator.uniform(0.5, 25))
        _ = scenario.ask(.cancel(experiment: id))
        #expect(scenario.state(of: id) == .cancelled)
        expectSafe(&scenario, since: scenario.now)
        #expect(scenario.lab.truth.last?.accessories["outlet_valve"]?["port"] == .integer(1))
        #expect(scenario.lab.bench.table.spilled == 0)
    }

    @Test func byHandTheBookIsKeptAndHeeded() throws {
        var scenario = try bench(seed: 1451)
        let wish = LeaseWish(devices: ["arm"], person: "Ada", reason: "a test", span: .seconds(300))
        _ = scenario.ask(.acquireLease(wish), as: Self.holder)
        func transfer(_ from: String, _ to: String) -> ControlReply? {
            let act = ManualAct.operate(.transfer(from: from, to: to))
            let token = scenario.lab.request(.act(act, on: "arm"), as: Self.holder)
            scenario.run(30)
            return scenario.lab.replies[token]
        }
        #expect(Scenario.refusal(transfer("spectrometer", "waste")) == "station_empty")
        guard case .manual? = transfer("rack", "filler") else {
            Issue.record("not carried")
            return
        }
        #expect(station("filler", &scenario)?.cuvettes == 1 && station("rack", &scenario)?.cuvettes == 23)
        #expect(Scenario.refusal(transfer("rack", "filler")) == "station_occupied")
        #expect(Scenario.refusal(set("shelf", 1, &scenario)) == "unknown_station")
        #expect(Scenario.refusal(set("filler", 2, &scenario)) == "out_of_range")
        // What is under way is not for anybody to say.
        let token = scenario.lab.request(
            .act(.operate(.transfer(from: "filler", to: "spectrometer")), on: "arm"), as: Self.holder)
        scenario.run(2)
        #expect(Scenario.refusal(set("arm", 0, &scenario)) == "device_busy")
        #expect(scenario.lab.snapshot()?.alarms.contains { $0.id.hasPrefix("station-unknown") } == false)
        // What fell is nowhere, and somebody is called.
        try scenario.fault("arm", "drop_cuvette")
        scenario.run(30)
        #expect(Scenario.refusal(scenario.lab.replies[token]) == "command_failed")
        let alarms = scenario.lab.snapshot()?.alarms.map(\.id) ?? []
        #expect(alarms.contains("station-unknown:arm"), "\(alarms)")
        guard case .station? = set("arm", 0, &scenario) else {
            Issue.record("not recorded")
            return
        }
        let standing = scenario.lab.snapshot()?.alarms.filter { $0.endedAt == nil }.map(\.id) ?? []
        #expect(!standing.contains("station-unknown:arm"))
    }

    /// The gripper's content is set down without a second fetching.
    @Test func whatIsHeldIsSetDown() throws {
        var scenario = try bench(seed: 1452)
        let wish = LeaseWish(devices: ["arm"], person: "Ada", reason: "a test", span: .seconds(300))
        _ = scenario.ask(.acquireLease(wish), as: Self.holder)
        let carry = scenario.lab.request(
            .act(.operate(.transfer(from: "rack", to: "filler")), on: "arm"), as: Self.holder)
        for _ in 0..<60 where station("rack", &scenario)?.cuvettes == 24 { scenario.run(0.25) }
        _ = scenario.ask(.act(.makeSafe(.robot), on: "arm"), as: Self.holder)
        scenario.run(10)
        #expect(scenario.lab.replies[carry] != nil)
        for (name, count) in [("rack", 23), ("filler", 0), ("arm", 1)] { _ = set(name, count, &scenario) }
        let place = scenario.lab.request(.act(.operate(.place(station: "filler")), on: "arm"), as: Self.holder)
        scenario.run(30)
        guard case .manual(.operated("arm", .place(station: "filler")))? = scenario.lab.replies[place] else {
            Issue.record("\(String(describing: scenario.lab.replies[place]))")
            return
        }
        #expect(scenario.lab.bench.table.cuvettes[Worktable.Place.filler] != nil)
        #expect(station("filler", &scenario)?.cuvettes == 1 && station("arm", &scenario)?.cuvettes == 0)
    }

    /// What was told in the last moment of a daemon may have been done.
    @Test func anArmInSomebodysHandIsInDoubtAfterAnUncleanEnd() throws {
        var scenario = try bench(seed: 1453)
        let wish = LeaseWish(devices: ["arm"], person: "Ada", reason: "a test", span: .seconds(300))
        _ = scenario.ask(.acquireLease(wish), as: Self.holder)
        scenario.run(1)
        scenario.lab.kill()
        scenario.lab.restart()
        scenario.run(5)
        #expect(["arm", "rack", "filler", "spectrometer"].allSatisfy { station($0, &scenario)?.doubt != nil })
    }

    /// It stops the arm's program, and that is no trip.
    @Test func anOrderlyEndTripsNothing() throws {
        var scenario = try bench(seed: 1454)
        scenario.lab.shutDown()
        scenario.run(10)
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.lab.archive.latches.isEmpty)
        #expect(["arm", "rack", "filler"].allSatisfy { station($0, &scenario)?.doubt == nil })
    }

    @Test func planSaysWhatIsWrongWithASample() throws {
        var scenario = try bench(seed: 1461)
        guard case .flows(var flows) = recipe(&scenario) else { return }
        let whole = try scenario.plan(.flows(flows))
        #expect(whole.feasible && whole.executed?.sample == SampleWish(to: "spectrometer"))
        flows.sample = nil
        let plain = try scenario.plan(.flows(flows))
        #expect((whole.durationS ?? 0) > (plain.durationS ?? 0) + 20)
        #expect((whole.reagentsUL["pfo"] ?? 0) > (plain.reagentsUL["pfo"] ?? 0) + 150)
        flows.sample = SampleWish(to: "moon")
        let nowhere = try scenario.plan(.flows(flows))
        #expect(nowhere.problems.map(\.kind) == ["unknown_station"])
        flows.sample = SampleWish(to: "spectrometer")
        flows.valves = ["outlet_valve": "cuvette"]
        let running = try scenario.plan(.flows(flows))
        #expect(running.problems.map(\.kind) == ["unknown_position"])
    }
}
