import Experiments
import Interlocks
import Simulation
import Testing
import VirtualBench

/// Trips: the bench is safe in time by the truth log, and stays so until a technician resets it.
@Suite struct TripTests {
    @Test(arguments: [41, 42, 43] as [UInt64])
    func overTemperatureTripsAndHolds(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        try scenario.fault("heater", "plate_temperature", value: 172)
        let hot = scenario.now
        scenario.run(20)
        scenario.expectSafe(since: hot)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        #expect(scenario.latched.contains("plate-over-temperature"))
        #expect(Scenario.refusal(scenario.reset("plate-over-temperature")) == "cause_present")
        // Put at once where it is, it looks like a sensor that came off as well.
        #expect(Scenario.isReset(scenario.reset("plate-sensor-jump")))
        let next = try expectHeld(&scenario, until: 160)
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        scenario.expectInvariants()
    }

    /// What is submitted now waits, nothing moves, and the latch goes only once the plate is below `celsius`.
    private func expectHeld(_ scenario: inout Scenario, until celsius: Double) throws -> String {
        let next = try scenario.submit()
        let start = scenario.now
        while true {
            let sensor = try #require(scenario.lab.truth.last).sensorCelsius
            let reply = scenario.reset("plate-over-temperature")
            if Scenario.isReset(reply) {
                #expect(sensor < celsius + 0.3)
                #expect(scenario.latched.isEmpty)
                scenario.expectSafe(since: start, within: 0, until: scenario.now - 1)
                return next
            }
            #expect(Scenario.refusal(reply) == "cause_present")
            #expect(sensor > celsius - 0.3)
            #expect(scenario.lab.snapshot()?.heldBecause?.contains("plate-over-temperature") ?? false)
            guard scenario.now < start + 1000 else { throw Unexpected(what: "the latch was never reset") }
            scenario.run(1)
        }
    }

    /// A sensor that is torn off reads far too hot, or nothing: either is a reason to trip.
    @Test(arguments: Stage.running)
    func anOpenSensorTrips(stage: Stage) throws {
        var scenario = try Scenario(seed: 47)
        let id = try scenario.experiment(in: stage)
        try scenario.fault("heater", "sensor_open", for: 30)
        let start = scenario.now
        scenario.run(25)
        scenario.expectSafe(since: start)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        scenario.expectInvariants()
    }

    /// The heater falls silent for ten seconds: the plate is unknown, and an unknown plate is not a safe one.
    @Test(arguments: [("mute", 51), ("mute", 52), ("mute", 53), ("unplug", 54), ("unplug", 55)] as [(String, UInt64)])
    func aSilentHeaterTrips(fault: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        let next = try scenario.submit()
        try scenario.fault("heater", fault, for: 10)
        let start = scenario.now
        scenario.run(40)
        scenario.expectNoFlow(since: start)
        // Two seconds stale, a reconnect with back-off of four seconds at most, and the proof.
        scenario.expectSafe(since: start + 10, within: 6 + Scenario.tripTime)
        let kind = try #require(scenario.lab.archive.experiments[id]?.error?.kind)
        #expect(["trip", "device_lost"].contains(kind))
        #expect(scenario.latched.contains("plate-over-temperature"))
        try expectNoReplay(&scenario, since: start + 20)
        try scenario.expectStarts(next)
        scenario.expectInvariants(unfinished: 1)
    }

    /// Until the reset neither mode nor set point of the controller changes, whatever waits.
    private func expectNoReplay(_ scenario: inout Scenario, since start: Double) throws {
        scenario.run(60)
        let quiet = scenario.truth(from: start)
        #expect(quiet.allSatisfy { $0.isSafe })
        #expect(Set(quiet.map(\.setPointCelsius)).count == 1)
        for interlock in scenario.latched {
            #expect(Scenario.isReset(scenario.reset(interlock)), "\(interlock)")
        }
    }

    /// Anybody may ask for the safe state, and it comes at once, whatever runs.
    @Test(arguments: Stage.allCases, [61, 62] as [UInt64])
    func theSafeStateIsObeyedInEveryState(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        let start = scenario.now
        let token = scenario.lab.request(.triggerSafeState(reason: "smell of solvent"), as: Scenario.observer)
        guard case .safeState(let latched)? = scenario.lab.replies[token] else {
            Issue.record("no immediate answer")
            return
        }
        #expect(latched == [InterlockEngine.manualTrigger])
        scenario.run(30)
        scenario.expectSafe(since: start)
        #expect(scenario.shownLatches() == [InterlockEngine.manualTrigger])
        #expect(scenario.state(of: id) == (stage == .queued ? .queued : .failed), "\(scenario.describe(id))")
        let next = stage == .queued ? id : try scenario.submit()
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.manualTrigger)))
        try scenario.expectStarts(next)
        scenario.expectInvariants(unfinished: 1)
    }
}
