import DeviceModel
import Experiments
import Interlocks
import Simulation
import Testing
import VirtualBench

/// The heater's contactor on a relay of the I/O module: closed only while something heats, and open when anything in the
/// chain dies. Judged by the plant's truth log.
@Suite struct ContactorTests {
    /// The module's own, as the bench file sets it.
    static let watchdog = 2.0
    private static let overTemperature = """
        for = "500ms", hysteresis = 5.0 }
        effect = ["heater-off", "contactor-open", "pumps-stop"]
        """

    // MARK: Closing and opening

    @Test(arguments: [601, 602] as [UInt64])
    func itIsClosedBeforeTheHeaterIsTold(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        scenario.run(5)
        #expect(scenario.lab.truth.allSatisfy { !$0.contactorClosed }, "nothing is to be heated yet")
        let id = try scenario.submit()
        try scenario.reach(.heating, of: id)
        let heating = scenario.lab.truth.filter { $0.heaterMode == .automatic }
        #expect(!heating.isEmpty && heating.allSatisfy { $0.contactorClosed })
        #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
        scenario.expectInvariants()
    }

    @Test(arguments: [603, 604] as [UInt64])
    func anIdleBenchOpensItAndTheNextExperimentClosesItAgain(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        #expect(scenario.lab.truth.last?.contactorClosed == true)
        let start = scenario.now
        scenario.run(700)
        let idle = scenario.truth(from: start + 610)
        #expect(!idle.isEmpty && idle.allSatisfy { !$0.contactorClosed && $0.heaterIsOff })
        let id = try scenario.submit()
        try scenario.expectStarts(id)
        #expect(scenario.lab.truth.last?.contactorClosed == true)
        scenario.expectInvariants(unfinished: 1)
    }

    /// An auxiliary contact that never shows closed: the experiment ends before the heater is told anything.
    @Test func withoutItsContactNothingIsHeated() throws {
        var scenario = try Scenario(
            seed: 605, plate: 139, changes: ["feedback_input = 1 ": "feedback_input = 2 "])
        let record = try scenario.finish(try scenario.submit())
        #expect(record.error?.kind == "command_failed" && record.error?.device == "io")
        #expect(
            record.error?.detail.contains("closing the heater's contactor") == true, "\(record.error?.detail ?? "")")
        scenario.run(5)
        #expect(scenario.lab.truth.allSatisfy { $0.heaterMode == .off })
        #expect(scenario.lab.truth.contains { $0.contactorClosed }, "it was told to close")
        #expect(scenario.lab.truth.last?.contactorClosed == false, "and to open again, as nobody saw it close")
        scenario.expectInvariants()
    }

    /// A plate that stayed hot from before keeps its power when the next one is cancelled before its contactor was seen:
    /// a controller behind an open contact would wind up to full power.
    @Test(arguments: [0, 0.003, 0.01, 0.02, 0.05, 0.1, 0.3]) func nobodyHeatsBehindAnOpenContactor(after: Double) throws
    {
        var scenario = try Scenario(seed: 607)
        let start = scenario.now
        let submission = Submission(recipe: scenario.recipe(), key: "k", metadata: nil, campaign: nil)
        _ = scenario.lab.request(.submit(submission), as: Scenario.technician)
        scenario.run(after)
        _ = scenario.ask(.cancel(experiment: "e-000002"))
        scenario.run(120)
        #expect(scenario.state(of: "e-000002") == .cancelled && scenario.latched.isEmpty, "\(scenario.latched)")
        // What was told before takes its time on the wire.
        let behind = scenario.truth(from: start + Scenario.tripTime).filter { !$0.contactorClosed && !$0.heaterIsOff }
        #expect(behind.map(\.seconds) == [], "heated behind an open contactor")
        scenario.expectInvariants()
    }

    /// Another master on the module's bus switches it off: the plate cools, whatever its controller believes.
    @Test(arguments: Stage.running) func somebodyElsesHandEndsTheExperiment(stage: Stage) throws {
        var scenario = try Scenario(seed: 606)
        let id = try scenario.experiment(in: stage)
        scenario.run(0.3)
        let answer = scenario.lab.bench.handleModbus([5, 0, 0, 0, 0], link: "io", at: scenario.lab.now)
        #expect(answer?.pdu == [5, 0, 0, 0, 0])
        scenario.run(2)
        let error = scenario.lab.archive.experiments[id]?.error
        #expect(error?.kind == "contactor_open" && error?.device == "io", "\(scenario.describe(id))")
        scenario.expectInvariants()
    }

    // MARK: The heater's relay is stuck

    /// The same without the effect: the controller says off, the plate goes on to where the limit module cuts it.
    @Test func withoutTheEffectThePlateGoesOn() throws {
        let rest = Self.overTemperature.replacing("\"contactor-open\", ", with: "")
        var scenario = try Scenario(seed: 614, plate: 139, changes: [Self.overTemperature: rest])
        let id = try scenario.submit()
        try scenario.reach(.settling, of: id)
        try scenario.fault("heater", "relay_stuck_on")
        scenario.run(400)
        #expect((scenario.lab.truth.map(\.plateCelsius).max() ?? 0) > 175)
    }

    // MARK: The contactor is welded

    /// The relay is off and the contact is not: that is no proof, so everything is brought down, and it is said.
    @Test(arguments: [621, 622] as [UInt64])
    func aWeldedContactorIsUnprovenAndEscalates(seed: UInt64) throws {
        let alone = Self.overTemperature.replacing(
            "\"heater-off\", \"contactor-open\", \"pumps-stop\"", with: "\"contactor-open\"")
        // The plate is put where it is at once, which no plate does: that row is for another test.
        let blind = ["rate_per_min = 200.0": "rate_per_min = 100000.0"]
        var scenario = try Scenario(
            seed: seed, plate: 139, changes: blind.merging([Self.overTemperature: alone]) { $1 })
        let id = try scenario.submit()
        try scenario.reach(.settling, of: id)
        try scenario.fault("io", "contactor_stuck")
        try scenario.fault("heater", "plate_temperature", value: 172)
        let start = scenario.now
        scenario.run(2.9)
        #expect(scenario.lab.truth.last?.heaterMode == .automatic, "only the contactor was to open so far")
        scenario.run(20)
        #expect(scenario.lab.truth.last?.contactorClosed == true)
        #expect(scenario.shownAlarms().contains("unproven:io"))
        scenario.expectSafe(since: start, within: 0.5 + 2 * Scenario.tripTime)
        // Mended: it is proven at once, and the bench can be used again.
        try scenario.fault("io", "clear")
        scenario.run(Scenario.tripTime + 2)
        #expect(scenario.lab.truth.last?.contactorClosed == false)
        #expect(!scenario.shownAlarms().contains("unproven:io"))
        scenario.expectInvariants()
    }

    // MARK: The link or the daemon is gone

    @Test(arguments: [("unplug", 631), ("unplug", 632), ("mute", 633)] as [(String, UInt64)])
    func theModuleOpensItWhenItsLinkIsLost(fault: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        let next = try scenario.submit()
        try scenario.fault("io", fault, for: 12)
        let start = scenario.now
        scenario.run(11)
        expectOpen(scenario, since: start)
        let error = scenario.lab.archive.experiments[id]?.error
        #expect(error?.kind == "device_lost" && error?.device == "io", "\(scenario.describe(id))")
        // What the module measures is unknown as well, and that is a trip.
        scenario.run(10)
        #expect(scenario.lab.snapshot()?.heldBecause?.contains("is latched") == true)
        #expect(scenario.latched.contains("line-over-pressure") && scenario.latched.contains("tray-leak"))
        for latch in scenario.latched { #expect(Scenario.isReset(scenario.reset(latch)), "\(latch)") }
        try scenario.expectStarts(next)
        #expect(scenario.lab.truth.last?.contactorClosed == true)
        scenario.expectInvariants(unfinished: 1)
    }

    @Test(arguments: Stage.running, [641, 642] as [UInt64])
    func theModuleOpensItWhenTheDaemonIsKilled(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        _ = try scenario.experiment(in: stage)
        scenario.run(0.3)
        scenario.lab.kill()
        let start = scenario.now
        scenario.run(60)
        #expect(scenario.truth(from: start - 1, to: start + 1).contains { $0.contactorClosed })
        expectOpen(scenario, since: start)
        let alone = try #require(scenario.lab.truth.last)
        #expect(alone.heaterMode == .automatic, "the controller knows nothing of it")
    }

    /// Within the watchdog's time, and a step of the plant.
    private func expectOpen(_ scenario: Scenario, since start: Double) {
        let judged = scenario.truth(from: start + Self.watchdog + Scenario.plantStep)
        #expect(!judged.isEmpty && judged.allSatisfy { !$0.contactorClosed })
    }

    // MARK: Inputs

    /// The on-delay of the rows on the module's inputs.
    private static let inputDelay = 1.0

    /// A broken loop says nothing of the pressure, and an unknown pressure is not a safe one.
    @Test(
        arguments: [
            ("input_broken", nil, "line-over-pressure"), ("pressure", 9, "line-over-pressure"),
            ("leak_detected", nil, "tray-leak"),
        ]
            as [(String, Double?, String)])
    func aRowOnAnInputTrips(fault: String, value: Double?, row: String) throws {
        var scenario = try Scenario(seed: 651, plate: 139)
        let id = try scenario.submit()
        try scenario.reach(.settling, of: id)
        let before = try #require(reading("io.pressure", &scenario))
        #expect(before.quality == .good && before.value > 0.05 && before.value < 1, "\(before.value) bar")
        try scenario.fault("io", fault, value: value)
        let start = scenario.now
        scenario.run(20)
        scenario.expectSafe(since: start, within: Self.inputDelay + Scenario.tripTime)
        let judged = scenario.truth(from: start + Self.inputDelay + Scenario.tripTime)
        #expect(judged.allSatisfy { !$0.contactorClosed })
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        #expect(scenario.shownLatches() == [InterlockName(row)])
        let shown = try #require(reading("io.pressure", &scenario))
        #expect(shown.quality == (fault == "input_broken" ? .bad : .good))
        #expect(Scenario.refusal(scenario.reset(InterlockName(row))) == "cause_present")
        try scenario.fault("io", "clear")
        scenario.run(1)
        #expect(Scenario.isReset(scenario.reset(InterlockName(row))))
        scenario.expectInvariants()
    }

    private func reading(_ name: String, _ scenario: inout Scenario) -> Reading? {
        scenario.lab.snapshot()?.readings.first { $0.signal.text == name }
    }
}
