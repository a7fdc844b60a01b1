import Experiments
import Interlocks
import Testing
import VirtualBench

/// What can be wrong with a hot plate and its thermocouple. Judged by the true temperature of the plate.
@Suite struct PlateTests {
    /// Nothing on this bench is built for more.
    private static let hottest = 175.0

    private func expectCool(_ scenario: Scenario, sourceLocation: SourceLocation = #_sourceLocation) {
        let worst = scenario.lab.truth.map(\.plateCelsius).max() ?? 0
        #expect(worst < Self.hottest, sourceLocation: sourceLocation)
    }

    /// A sensor that is off from now on; what it trips while it is changed, a technician resets.
    private func mount(_ scenario: inout Scenario, offset: Double) throws {
        scenario.run(3)
        try scenario.fault("heater", "sensor_offset", value: offset)
        scenario.run(10)
        #expect(Scenario.isReset(scenario.reset("plate-sensor-jump")))
    }

    /// The controller goes on heating towards a set point that its sensor will never show.
    @Test(arguments: [501, 502, 503] as [UInt64])
    func aFrozenSensorTripsWhileHeating(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 100)
        let id = try scenario.submit()
        try scenario.reach(.heating, of: id)
        scenario.run(20)
        let start = scenario.now
        try scenario.fault("heater", "sensor_frozen")
        scenario.run(120)
        #expect(scenario.latched.contains("plate-sensor-frozen"))
        scenario.expectSafe(since: start, within: 10.5 + Scenario.tripTime)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        expectCool(scenario)
        scenario.expectInvariants()
    }

    @Test(arguments: [504, 505] as [UInt64])
    func aFrozenSensorTripsWhileTheLineSettles(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        let start = scenario.now
        try scenario.fault("heater", "sensor_frozen")
        scenario.run(60)
        #expect(scenario.latched.contains("plate-sensor-frozen"))
        scenario.expectSafe(since: start, within: 10.5 + Scenario.tripTime)
        #expect(scenario.lab.archive.experiments[id]?.state == .failed)
        expectCool(scenario)
        scenario.expectInvariants()
    }

    /// A thermocouple that comes loose reads too low at once: the controller would make up for it.
    @Test(arguments: [-20.0, -60, 40], [506, 507] as [UInt64])
    func aSensorThatJumpsTrips(offset: Double, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        let start = scenario.now
        try scenario.fault("heater", "sensor_offset", value: offset)
        scenario.run(200)
        #expect(!scenario.latched.isEmpty)
        scenario.expectSafe(since: start, within: 2 + Scenario.tripTime)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        expectCool(scenario)
        scenario.expectInvariants()
    }

    /// One that was always off by 20 K is believed, and the plate is hotter than anybody knows: still below what it may be.
    @Test(arguments: [508, 509] as [UInt64])
    func aSensorThatReadsTooLowStaysBelowTheLimit(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 100)
        try mount(&scenario, offset: -20)
        let id = try scenario.submit(scenario.recipe(celsius: 150))
        try scenario.finish(id)
        expectCool(scenario)
        scenario.expectInvariants()
    }

    /// Off by much more, it takes an output that betrays it.
    @Test(arguments: [510] as [UInt64])
    func aSensorThatReadsMuchTooLowIsBetrayedByTheOutput(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 80)
        try mount(&scenario, offset: -45)
        let id = try scenario.submit(scenario.recipe(celsius: 120))
        scenario.run(900)
        #expect(scenario.latched.contains("plate-overdriven"), "\(scenario.describe(id))")
        expectCool(scenario)
        scenario.expectInvariants()
    }

    @Test(arguments: [511, 512, 513] as [UInt64])
    func aHeaterThatDoesNotWarmTrips(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 100)
        let id = try scenario.submit()
        try scenario.reach(.referencing, of: id)
        scenario.run(15)
        try scenario.fault("heater", "relay_stuck_off")
        let start = scenario.now
        scenario.run(90)
        #expect(scenario.latched == ["plate-not-warming"])
        scenario.expectSafe(since: start, within: 40 + Scenario.tripTime)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        scenario.expectInvariants()
    }

    /// While the cartridge is changed, the row that would trip is out of service; the others guard on.
    @Test(arguments: [514] as [UInt64])
    func aBypassLetsOneRowBeAndNoOther(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 100)
        let id = try scenario.submit()
        try scenario.reach(.referencing, of: id)
        let asked = ControlRequest.bypassInterlock(
            "plate-not-warming", person: "Ada", reason: "a new cartridge", span: .seconds(3600))
        guard case .interlockBypassed? = scenario.ask(asked) else {
            Issue.record("not bypassed")
            return
        }
        #expect(scenario.shownAlarms() == ["bypass:plate-not-warming"])
        try scenario.fault("heater", "relay_stuck_off")
        scenario.run(120)
        #expect(scenario.latched.isEmpty && scenario.state(of: id)?.isFinal == false)
        scenario.lab.restart()
        scenario.run(10)
        #expect(scenario.shownAlarms().contains("bypass:plate-not-warming"))
        guard case .interlockRestored? = scenario.ask(.restoreInterlock("plate-not-warming")) else {
            Issue.record("not restored")
            return
        }
        #expect(scenario.lab.archive.bypasses.isEmpty && !scenario.shownAlarms().contains("bypass:plate-not-warming"))
        let never = ControlRequest.bypassInterlock(
            "plate-over-temperature", person: "Ada", reason: "in a hurry", span: .seconds(60))
        #expect(Scenario.refusal(scenario.ask(never)) == "bypass_forbidden")
        scenario.expectInvariants()
    }
}
