import DeviceModel
import Interlocks
import Quantities
import Testing

/// One heater, judged by one input; readings come every 200 ms.
private struct Plate {
    static let output: SignalName = "heater.output"
    static let setPoint: SignalName = "heater.temperature.set_point"
    static let temperature: SignalName = "heater.temperature"

    var engine: InterlockEngine
    var milliseconds: Int64 = 0
    var clockRate: Int64 = 1
    var generator = SystemRandomNumberGenerator()

    init(_ rules: [InterlockRule]) {
        engine = InterlockEngine(rules: rules, devices: ["heater": .heater, "cui": .pump])
    }

    init(_ condition: InputTest.Condition, delay: Double = 0, votes: Int = 1) {
        self.init([Self.rule(Self.test(condition), delay: delay)])
    }

    static func test(_ condition: InputTest.Condition, _ signal: SignalName = temperature) -> InputTest {
        InputTest(signal: signal, condition: condition, unit: .celsius, staleAfter: .seconds(2))
    }

    static func rule(
        _ inputs: InputTest..., name: InterlockName = "row", votes: Int = 1, delay: Double = 0,
        effects: [EffectGroup] = [.heaterOff], blocks: [DeviceClass] = [], mayBypass: Bool = false
    ) -> InterlockRule {
        InterlockRule(
            name: name, cause: InterlockCause(inputs: inputs, votes: votes, delay: .seconds(delay)), effects: effects,
            blocks: blocks, mayBypass: mayBypass, response: "look")
    }

    var now: Moment {
        Moment(
            wire: WireInstant(nanoseconds: milliseconds * 1_000_000),
            bench: BenchInstant(nanoseconds: milliseconds * 1_000_000 * clockRate),
            wall: WallInstant(nanoseconds: milliseconds * 1_000_000))
    }

    mutating func read(
        _ value: Double, _ signal: SignalName = temperature, quality: Quality = .good
    ) -> [Latch] {
        engine.observe(Reading(signal, value, .celsius, quality: quality, at: now), at: now)
    }

    /// Runs so many seconds and gives the second at which it tripped; nil when it did not.
    mutating func run(_ seconds: Double, _ step: (inout Plate, Double) -> [Latch]) -> Double? {
        let start = milliseconds
        while Double(milliseconds - start) < seconds * 1000 {
            milliseconds += 200
            let elapsed = Double(milliseconds - start) / 1000
            if !(engine.advance(to: now) + step(&self, elapsed)).isEmpty { return elapsed }
        }
        return nil
    }

    func refusal(_ command: DeviceCommand = .heater(.hold(Temperature(celsius: 140)))) -> String? {
        do {
            _ = try engine.permit(command, for: command.deviceClass == .pump ? "cui" : "heater", at: now)
            return nil
        } catch {
            return error.kind
        }
    }
}

/// What an input can be tested for.
@Suite struct ConditionTests {
    @Test(arguments: [(9.9, true), (10, false), (160, false), (160.1, true)])
    func outsideItsRangeItTrips(value: Double, trips: Bool) {
        var plate = Plate(.outside(10...160))
        #expect(plate.read(value).isEmpty != trips)
    }

    /// Heating at full power is 24 K a minute; a sensor that comes off drops by 20 K at once.
    @Test func aStepIsToldFromHeating() {
        var plate = Plate(.changing(perMinute: 200, over: .seconds(2)))
        #expect(plate.run(60) { $0.read(25 + $1 * 0.4) } == nil)
        let tripped = plate.run(5) { $0.read(49 + $1 * 0.4 - ($1 > 1 ? 20 : 0)) }
        #expect(tripped.map { $0 <= 1.4 } == true)
    }

    @Test func aRateIsJudgedBothWays() {
        var up = Plate(.changing(perMinute: 200, over: .seconds(2)))
        #expect(up.run(5) { $0.read(140 + ($1 > 2 ? 15 : 0)) } != nil)
        var still = Plate(.changing(perMinute: 200, over: .seconds(2)))
        #expect(still.run(60) { plate, _ in plate.read(140 + Double.random(in: -0.1...0.1)) } == nil)
    }

    @Test func aFrozenReadingTripsAndALiveOneDoesNot() {
        var live = Plate(.frozen(.seconds(10)))
        #expect(live.run(60) { $0.read(140 + ($1.truncatingRemainder(dividingBy: 9) < 0.2 ? 0.1 : 0)) } == nil)
        var frozen = Plate(.frozen(.seconds(10)))
        #expect(frozen.run(60) { plate, _ in plate.read(140) } == 10.2)
    }

    /// Seldom read, it is not frozen because nobody looked; nor is the noise of two quick looks a rate.
    @Test func whatIsSeldomReadIsNotJudgedByTheTimeBetween() {
        let heating = InputTest.Condition.unresponsive(
            output: Plate.output, percent: 95, rise: 1, within: .seconds(20))
        for condition in [.frozen(.seconds(10)), heating] as [InputTest.Condition] {
            let input = InputTest(
                signal: Plate.temperature, condition: condition, unit: .celsius, staleAfter: .seconds(60))
            var plate = Plate([Plate.rule(input)])
            for look in 0..<10 {
                #expect(plate.read(100, Plate.output).isEmpty && plate.read(25 + Double(look) * 5).isEmpty)
                #expect(plate.run(12) { _, _ in [] } == nil)
            }
        }
        var quick = Plate(.changing(perMinute: 200, over: .seconds(2)))
        _ = quick.read(140)
        quick.milliseconds += 5
        #expect(quick.read(140.1).isEmpty)
    }

    @Test func aHeaterThatIsDrivenMustWarm() {
        let condition = InputTest.Condition.unresponsive(
            output: Plate.output, percent: 95, rise: 1, within: .seconds(20))
        var warming = Plate(condition)
        #expect(warming.run(300) { $0.read(100, Plate.output) + $0.read(25 + $1 * 0.06) } == nil)
        var dead = Plate(condition)
        #expect(dead.run(60) { $0.read(100, Plate.output) + $0.read(25 + min($1 * 0.06, 0.9)) } == 20.2)
        // At 94 % nothing need rise, and an output that drops starts the wait anew.
        var holding = Plate(condition)
        #expect(holding.run(300) { plate, _ in plate.read(94, Plate.output) + plate.read(140) } == nil)
        var pulsed = Plate(condition)
        #expect(
            pulsed.run(300) { plate, second in
                plate.read(second.truncatingRemainder(dividingBy: 15) < 1 ? 50 : 100, Plate.output) + plate.read(140)
            } == nil)
    }

    /// A sensor that reads too low by 40 K is held by more output than its temperature needs.
    @Test func anOutputAboveWhatHoldsTrips() {
        func run(_ value: Double, _ output: Double) -> Double? {
            var plate = Plate(.overdriven(Self.held), delay: 60)
            return plate.run(300) { plate, _ in
                plate.read(140, Plate.setPoint) + plate.read(output, Plate.output) + plate.read(value)
            }
        }
        #expect(run(140, 19.4) == nil)
        #expect(run(140, 26).map { abs($0 - 60.2) < 0.5 } == true)
        // On its way to the set point it may be driven.
        #expect(run(120, 100) == nil)
    }

    /// 19.4 % hold 140 degC, 24.4 % are too much: a mean that remembered the way there would be above that for 80 s.
    @Test func whatTheWayToTheSetPointTookIsNotHeldAgainstIt() {
        var plate = Plate(.overdriven(Self.held), delay: 60)
        #expect(
            plate.run(200) { plate, second in
                plate.read(140, Plate.setPoint) + plate.read(second < 57 ? 100 : 23, Plate.output)
                    + plate.read(min(139.5, 120 + second * 0.33))
            } == nil)
    }

    /// On a simulated bench of twenty times the speed, two seconds without a reading are forty of the bench's.
    @Test func anOutputThatIsNotReadIsNotTakenForWhatItWas() {
        var plate = Plate(.overdriven(Self.held), delay: 60)
        plate.clockRate = 20
        let tripped = plate.run(5) { plate, second in
            guard !(1.4..<3.1).contains(second) else { return [] }
            return plate.read(140, Plate.setPoint) + plate.read(second < 2 ? 26 : 20, Plate.output) + plate.read(140)
        }
        #expect(tripped == nil)
    }

    private static let held = InputTest.HoldModel(
        output: Plate.output, setPoint: Plate.setPoint, band: 1, percentPerKelvin: 0.167, ambient: 24, excess: 5)

    @Test func aPumpThatDiffersFromWhatItWasToldTrips() {
        let input = InputTest(
            signal: "pump.cui.flow",
            condition: .differing(from: "pump.cui.flow.set_point", limit: 1, percent: 10), unit: .microlitersPerMinute,
            staleAfter: .seconds(2))
        var plate = Plate([Plate.rule(input, delay: 3, effects: [.pumpsStop])])
        #expect(
            plate.run(30) { plate, _ in plate.read(80, "pump.cui.flow.set_point") + plate.read(75, "pump.cui.flow") }
                == nil)
        let tripped = plate.run(30) { plate, _ in
            plate.read(80, "pump.cui.flow.set_point") + plate.read(0, "pump.cui.flow")
        }
        #expect(tripped == 3.2)
    }

    @Test func aSwitchTripsWhereItIsSaidTo() {
        var leak = Plate(.on)
        #expect(leak.read(0).isEmpty && leak.read(1).count == 1)
        var door = Plate(.off)
        #expect(door.read(1).isEmpty && door.read(0).count == 1)
    }

    /// What takes a minute to be believed refuses nothing until then; a silent input does at once.
    @Test func aLongDelayRefusesOnlyWhatIsNotKnown() {
        var plate = Plate([Plate.rule(Plate.test(.above(165)), delay: 60)])
        _ = plate.read(170)
        #expect(plate.engine.statuses.first?.state == .pending)
        #expect(plate.refusal() == nil)
        _ = plate.read(.nan)
        #expect(plate.refusal() == "interlock_pending")
    }

    /// Before it came it is not lost; it permits nothing.
    @Test func aLostDeviceTripsOnceItWasThere() throws {
        let input = InputTest(signal: InputTest.lost("cui"), condition: .lost, unit: .code, staleAfter: nil)
        var plate = Plate([Plate.rule(input, effects: [.everything])])
        #expect(plate.engine.observe("cui", isReady: false, at: plate.now).isEmpty)
        #expect(plate.refusal() == "interlock_input_unknown")
        #expect(plate.engine.observe("cui", isReady: true, at: plate.now).isEmpty)
        #expect(plate.run(60) { _, _ in [] } == nil)
        #expect(plate.refusal() == nil)
        let latches = plate.engine.observe("cui", isReady: false, at: plate.now)
        #expect(latches.first?.cause.hasPrefix("cui is lost") == true)
        #expect(throws: ResetRefusal.self) { try plate.engine.reset("row", at: plate.now) }
        _ = plate.engine.observe("cui", isReady: true, at: plate.now)
        _ = try plate.engine.reset("row", at: plate.now)
    }

    /// A partner that is not read is as bad as an input that is not.
    @Test func aSilentPartnerVotes() {
        let condition = InputTest.Condition.unresponsive(
            output: Plate.output, percent: 95, rise: 1, within: .seconds(20))
        var plate = Plate(condition)
        _ = plate.read(20, Plate.output)
        let tripped = plate.run(30) { plate, _ in plate.read(140) }
        #expect(tripped == 2.0)
    }
}

/// Several inputs for one trip.
@Suite struct VotingTests {
    private static let sensors: [SignalName] = ["a", "b", "c"]

    private func plate(votes: Int) -> Plate {
        let inputs = Self.sensors.map { Plate.test(.above(165), $0) }
        return Plate([Plate.rule(inputs[0], inputs[1], inputs[2], votes: votes)])
    }

    @Test(arguments: [
        ([170, 25, 25], 2, false), ([170, 170, 25], 2, true), ([25, 170, 170], 2, true), ([170, 25, 25], 1, true),
    ])
    func soManyMustVote(values: [Double], votes: Int, trips: Bool) {
        var plate = plate(votes: votes)
        for signal in Self.sensors { _ = plate.read(25, signal) }
        let latches = zip(Self.sensors, values).flatMap { plate.read($1, $0) }
        #expect(latches.isEmpty != trips)
    }

    /// One of three is silent: that is one vote, and the next one trips.
    @Test func aSilentOneIsAVote() {
        var plate = plate(votes: 2)
        for signal in Self.sensors { _ = plate.read(25, signal) }
        #expect(plate.run(10) { plate, _ in plate.read(25, "a") + plate.read(25, "b") } == nil)
        #expect(plate.read(170, "b").first?.cause.contains("no reading for") == true)
    }

    @Test func twoThatAreReadTripAlthoughTheThirdNeverWas() {
        var plate = plate(votes: 2)
        #expect(plate.read(170, "a").isEmpty)
        #expect(plate.refusal() == "interlock_input_unknown")
        #expect(plate.read(170, "b").count == 1)
    }
}

/// What must be so before something may start.
@Suite struct PermissiveTests {
    @Test func itRefusesAndBringsNothingDown() {
        let rule = Plate.rule(Plate.test(.above(5), "io.pressure"), name: "pressure-low", effects: [], blocks: [.pump])
        var plate = Plate([rule])
        let run = DeviceCommand.pump(.run(flow: FlowRate(microlitersPerMinute: 10), volume: Volume(microliters: 10)))
        #expect(plate.refusal(run) == "interlock_input_unknown")
        #expect(plate.read(2, "io.pressure").isEmpty && plate.refusal(run) == nil)
        #expect(plate.read(6, "io.pressure").isEmpty && plate.refusal(run) == "not_permitted")
        #expect(plate.refusal() == nil && plate.refusal(.pump(.stop)) == nil)
        #expect(plate.engine.latches.isEmpty)
        #expect(plate.engine.deadlines.bench == nil)
    }
}

/// Out of service, by name, for a while.
@Suite struct BypassTests {
    private func bypassed(_ plate: inout Plate, for seconds: Double = 60) throws -> Bypass {
        try plate.engine.bypass("row", by: "Ada", reason: "new sensor", for: .seconds(seconds), at: plate.now)
    }

    private func plate(mayBypass: Bool = true) -> Plate {
        Plate([Plate.rule(Plate.test(.above(165)), mayBypass: mayBypass)])
    }

    @Test func itsInputDoesNotCountUntilItsTimeIsOver() throws {
        var plate = plate()
        _ = plate.read(25)
        let bypass = try bypassed(&plate)
        #expect(bypass.until == plate.now.wall + .seconds(60))
        #expect(plate.run(59) { plate, _ in plate.read(170) } == nil)
        #expect(plate.refusal() == nil)
        #expect(plate.engine.statuses.first?.state == .bypassed)
        var ended: [Bypass] = []
        let tripped = plate.run(10) { plate, _ in
            ended += plate.engine.expireBypasses(at: plate.now)
            return plate.read(170)
        }
        #expect(ended == [bypass])
        #expect(tripped.map { $0 <= 1.4 } == true)
    }

    @Test func whatMayNotBeBypassedIsNot() {
        var plate = plate(mayBypass: false)
        #expect(throws: BypassRefusal.never("row")) { try bypassed(&plate) }
        #expect(throws: BypassRefusal.unknown("no-such", known: ["row"])) {
            try plate.engine.bypass("no-such", by: "a", reason: "b", for: .seconds(1), at: plate.now)
        }
    }

    /// A broken sensor must not keep a bench down that a person answers for: what is latched stays latched, and is then
    /// reset.
    @Test func aBypassLetsALatchBeReset() throws {
        var plate = plate()
        _ = plate.read(25)
        _ = plate.run(3) { plate, _ in plate.read(170) }
        #expect(throws: ResetRefusal.self) { try plate.engine.reset("row", at: plate.now) }
        _ = try bypassed(&plate)
        #expect(plate.refusal() == "interlock_latched" && plate.engine.statuses.first?.state == .latched)
        #expect(try plate.engine.reset("row", at: plate.now).interlock == "row")
        #expect(plate.refusal() == nil)
    }

    /// A jump between two readings that are further apart than the window: there is nothing else to judge by.
    @Test func aRateIsJudgedHoweverRareItsReadingsAre() {
        let test = InputTest(
            signal: Plate.temperature, condition: .changing(perMinute: 600, over: .seconds(2)), unit: .celsius,
            staleAfter: .seconds(60))
        var plate = Plate([Plate.rule(test)])
        for second in stride(from: 0, to: 30, by: 6) {
            plate.milliseconds = Int64(second) * 1000
            #expect(plate.read(25).isEmpty)
        }
        plate.milliseconds = 30_000
        #expect(plate.read(98).map(\.interlock) == ["row"])
    }

    /// What is said of a missing input is no lie about the plate.
    @Test func aMissingInputIsSaidAsSuch() throws {
        var plate = plate()
        _ = plate.read(25)
        _ = plate.run(6) { _, _ in [] }
        let latch = try #require(plate.engine.latches.first)
        #expect(latch.cause.hasSuffix("(input missing)"))
        #expect(plate.engine.response(of: "row").hasPrefix("Nothing is known of its input: bring back the device"))
    }

    @Test func itCanBeEndedAndIsRestored() throws {
        var plate = plate()
        _ = plate.read(25)
        let bypass = try bypassed(&plate)
        var later = self.plate()
        later.milliseconds = 30_000
        later.engine.restore([bypass], at: later.now)
        #expect(later.engine.bypasses == [bypass] && later.refusal() == nil)
        #expect(later.engine.deadlines.wire == WireInstant(nanoseconds: 60_000_000_000))
        #expect(later.engine.endBypass("row") == bypass)
        #expect(later.refusal() == "interlock_input_unknown")
        var tooLate = self.plate()
        tooLate.milliseconds = 60_000
        tooLate.engine.restore([bypass], at: tooLate.now)
        #expect(tooLate.engine.bypasses.isEmpty)
        var forbidden = self.plate(mayBypass: false)
        forbidden.engine.restore([bypass], at: forbidden.now)
        #expect(forbidden.engine.bypasses.isEmpty)
    }
}
