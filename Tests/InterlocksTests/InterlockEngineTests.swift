import DeviceModel
import Interlocks
import Quantities
import Testing

/// A bench of one heater and one pump, watched by the rows that a test gives.
private struct Bench {
    static let heater: DeviceName = "heater"
    static let pump: DeviceName = "cui"
    static let hold = DeviceCommand.heater(.hold(Temperature(celsius: 140)))
    static let run = DeviceCommand.pump(
        .run(flow: FlowRate(microlitersPerMinute: 10), volume: Volume(microliters: 100)))

    var engine: InterlockEngine
    var milliseconds: Int64 = 0

    init(_ rules: [InterlockRule], restored: [Latch] = []) {
        engine = InterlockEngine(rules: rules, devices: [Self.heater: .heater, Self.pump: .pump], restored: restored)
    }

    static func moment(_ milliseconds: Int64) -> Moment {
        Moment(
            wire: WireInstant(nanoseconds: milliseconds * 1_000_000),
            bench: BenchInstant(nanoseconds: milliseconds * 1_000_000),
            wall: WallInstant(nanoseconds: milliseconds * 1_000_000))
    }

    var now: Moment { Self.moment(milliseconds) }

    mutating func wait(_ span: Int64) -> [Latch] {
        milliseconds += span
        return engine.advance(to: now)
    }

    mutating func read(_ celsius: Double, _ quality: Quality = .good, _ signal: SignalName = "heater.temperature")
        -> [Latch]
    {
        engine.observe(Reading(signal, celsius, .celsius, quality: quality, at: now), at: now)
    }

    func refusal(_ command: DeviceCommand, _ device: DeviceName) -> String? {
        do {
            _ = try engine.permit(command, for: device, at: now)
            return nil
        } catch {
            return error.kind
        }
    }
}

private func row(
    _ name: InterlockName = "plate-hot", _ condition: InputTest.Condition = .above(165), delay: Double = 0.5,
    signal: SignalName = "heater.temperature", effects: [EffectGroup] = [.heaterOff, .pumpsStop]
) -> InterlockRule {
    InterlockRule(
        name: name,
        cause: InterlockCause(
            inputs: [
                InputTest(
                    signal: signal, condition: condition, unit: .celsius, hysteresis: 5, staleAfter: .seconds(2))
            ], delay: .seconds(delay)),
        effects: effects, response: "Let the plate cool below 60 degC.")
}

@Suite struct TrippingTests {
    @Test func aValueAboveItsLimitTripsAfterTheDelayAndNotBefore() {
        var bench = Bench([row()])
        #expect(bench.read(140).isEmpty)
        #expect(bench.read(170).isEmpty)
        #expect(bench.wait(499).isEmpty)
        let latches = bench.wait(1)
        #expect(latches.map(\.interlock) == ["plate-hot"])
        #expect(latches.first?.isFirstOut == true)
        #expect(latches.first?.cause.contains("170.0 degC") == true)
    }

    @Test func aDipWithinTheDelayStartsItAnew() {
        var bench = Bench([row()])
        _ = bench.read(170)
        _ = bench.wait(400)
        _ = bench.read(160)
        _ = bench.wait(50)
        _ = bench.read(170)
        #expect(bench.wait(400).isEmpty)
        #expect(bench.wait(100).count == 1)
    }

    @Test func aValueBelowItsLimitTrips() {
        var bench = Bench([row("gas-low", .below(10), delay: 0)])
        #expect(bench.read(20).isEmpty)
        #expect(bench.read(9.9).count == 1)
    }

    @Test func silenceTripsWhenTheInputIsStale() {
        var bench = Bench([row("plate-silent", .stale, delay: 0)])
        _ = bench.read(20)
        #expect(bench.wait(1999).isEmpty)
        #expect(bench.wait(1).count == 1)
    }

    @Test(arguments: [Quality.bad, .stale]) func aReadingThatCannotBeBelievedVotes(_ quality: Quality) {
        var bench = Bench([row(delay: 0)])
        _ = bench.read(20)
        #expect(bench.read(20, quality).count == 1)
    }

    @Test func anInputThatWasNeverReadDoesNotTripButPermitsNothing() {
        var bench = Bench([row()])
        #expect(bench.wait(60_000).isEmpty)
        #expect(bench.refusal(Bench.hold, Bench.heater) == "interlock_input_unknown")
        #expect(bench.engine.statuses.first?.state == .waitingForInput)
    }

    @Test func causesOfOneScanAreAllFirstOutAndLaterOnesAreNot() {
        var bench = Bench([
            row("a", delay: 0), row("b", delay: 0),
            row("c", .above(30), delay: 0, signal: "room.temperature", effects: [.pumpsStop]),
        ])
        _ = bench.read(20, .good, "room.temperature")
        let first = bench.read(200)
        #expect(first.map(\.interlock) == ["a", "b"])
        #expect(first.map(\.isFirstOut) == [true, true])
        let later = bench.read(40, .good, "room.temperature")
        #expect(later.map(\.isFirstOut) == [false])
    }

    @Test func theDeadlineOfAPendingRowIsWhenItsDelayEnds() {
        var bench = Bench([row()])
        _ = bench.read(170)
        #expect(bench.engine.deadlines.bench == bench.now.bench + .seconds(0.5))
        _ = bench.wait(500)
        #expect(bench.engine.deadlines.bench == nil)
    }
}

@Suite struct PermitTests {
    @Test func aGoodInputPermitsAndTheStampCarriesTheEpoch() throws {
        var bench = Bench([row()])
        _ = bench.read(140)
        let permit = try bench.engine.permit(Bench.hold, for: Bench.heater, at: bench.now)
        #expect(permit.stamp.epoch == bench.engine.epoch)
        #expect(bench.engine.admits(.permit(permit.stamp)))
    }

    @Test func aTripVoidsEveryOlderPermitButNotQueriesAndSafeWrites() throws {
        var bench = Bench([row(delay: 0)])
        _ = bench.read(140)
        let before = try bench.engine.permit(Bench.hold, for: Bench.heater, at: bench.now).stamp
        let safe = try bench.engine.permit(.heater(.off), for: Bench.heater, at: bench.now).stamp
        _ = bench.read(170)
        #expect(!bench.engine.admits(.permit(before)))
        #expect(bench.engine.admits(.permit(safe)))
        #expect(bench.engine.admits(.query))
    }

    @Test func aLatchedRowRefusesWhatItCoversAndNothingElse() {
        var bench = Bench([row(delay: 0, effects: [.heaterOff])])
        _ = bench.read(170)
        #expect(bench.refusal(Bench.hold, Bench.heater) == "interlock_latched")
        #expect(bench.refusal(.heater(.off), Bench.heater) == nil)
        #expect(bench.refusal(Bench.run, Bench.pump) == nil)
    }

    @Test func aPendingRowAlreadyRefuses() {
        var bench = Bench([row()])
        _ = bench.read(140)
        _ = bench.read(170)
        #expect(bench.refusal(Bench.hold, Bench.heater) == "interlock_pending")
    }

    @Test func strangersAndWrongClassesAreNamed() {
        let bench = Bench([])
        #expect(bench.refusal(Bench.hold, "nobody") == "unknown_device")
        #expect(bench.refusal(Bench.hold, Bench.pump) == "wrong_device_class")
    }
}

@Suite struct LatchTests {
    @Test func aLatchHoldsAfterItsCauseIsGoneUntilReset() throws {
        var bench = Bench([row(delay: 0)])
        _ = bench.read(170)
        _ = bench.read(25)
        #expect(bench.refusal(Bench.hold, Bench.heater) == "interlock_latched")
        _ = try bench.engine.reset("plate-hot", at: bench.now)
        #expect(bench.refusal(Bench.hold, Bench.heater) == nil)
    }

    @Test(arguments: [170.0, 164.0, 160.1]) func aResetIsRefusedWhileTheCauseIsThereOrNear(_ celsius: Double) {
        var bench = Bench([row(delay: 0)])
        _ = bench.read(170)
        _ = bench.read(celsius)
        #expect(throws: ResetRefusal.self) { try bench.engine.reset("plate-hot", at: bench.now) }
    }

    @Test func aResetIsRefusedWhileTheInputIsSilent() {
        var bench = Bench([row(delay: 0)])
        _ = bench.read(170)
        _ = bench.read(25)
        _ = bench.wait(2000)
        #expect(throws: ResetRefusal.self) { try bench.engine.reset("plate-hot", at: bench.now) }
    }

    @Test func resetsOfWhatIsNotLatchedSaySo() {
        var bench = Bench([row()])
        #expect(throws: ResetRefusal.notLatched("plate-hot")) { try bench.engine.reset("plate-hot", at: bench.now) }
        #expect(throws: ResetRefusal.unknown("no-such", known: ["plate-hot"])) {
            try bench.engine.reset("no-such", at: bench.now)
        }
    }

    @Test func aRestoredLatchStandsFromTheStart() {
        let first = Bench([row()])
        let latch = Latch(
            interlock: "plate-hot", cause: "yesterday", effects: [.heaterOff], at: first.now, isFirstOut: true)
        let bench = Bench([row()], restored: [latch])
        #expect(bench.refusal(Bench.hold, Bench.heater) == "interlock_latched")
        #expect(bench.engine.statuses.first?.state == .latched)
    }

    @Test func theManualTriggerCoversEverythingAndLatchesOnce() throws {
        var bench = Bench([])
        #expect(bench.engine.trigger(InterlockEngine.manualTrigger, reason: "smell", at: bench.now).count == 1)
        #expect(bench.engine.trigger(InterlockEngine.manualTrigger, reason: "smell", at: bench.now).isEmpty)
        #expect(bench.refusal(Bench.run, Bench.pump) == "interlock_latched")
        _ = try bench.engine.reset(InterlockEngine.manualTrigger, at: bench.now)
        #expect(bench.refusal(Bench.run, Bench.pump) == nil)
    }
}
