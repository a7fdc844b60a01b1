import DeviceModel
import Interlocks
import Quantities
import Testing

/// A pump's own report, held against what it was told; readings come every 200 ms.
@Suite struct MotionConditionTests {
    private struct Pump {
        static let commanded: SignalName = "pump.cui.flow.commanded"

        var engine: InterlockEngine
        var milliseconds: Int64 = 0
        var latches: [Latch] = []

        init(delay: Double = 3) {
            let test = InputTest(
                signal: Self.flow, condition: .following(commanded: Self.commanded, limit: 0.5, percent: 5),
                unit: .microlitersPerMinute, staleAfter: .seconds(2))
            let cause = InterlockCause(inputs: [test], delay: .seconds(delay))
            let rule = InterlockRule(name: "row", cause: cause, effects: [.pumpsStop], response: "look")
            engine = InterlockEngine(rules: [rule], devices: ["cui": .pump])
        }

        private static var flow: SignalName { "pump.cui.flow" }

        var now: Moment {
            let nanoseconds = milliseconds * 1_000_000
            return Moment(
                wire: WireInstant(nanoseconds: nanoseconds), bench: BenchInstant(nanoseconds: nanoseconds),
                wall: WallInstant(nanoseconds: nanoseconds))
        }

        mutating func command(_ value: Double, _ quality: Quality = .good) { read(Self.commanded, value, quality) }

        mutating func read(_ signal: SignalName, _ value: Double, _ quality: Quality = .good) {
            let reading = Reading(signal, value, .microlitersPerMinute, quality: quality, at: now)
            latches += engine.observe(reading, at: now)
        }

        /// Reports this flow for so long, or nothing.
        mutating func run(_ seconds: Double, reporting flow: Double?, _ quality: Quality = .good) {
            let end = milliseconds + Int64(seconds * 1000)
            while milliseconds < end {
                milliseconds += 200
                if let flow { read(Self.flow, flow, quality) }
                latches += engine.advance(to: now)
            }
        }

        var mayStart: Bool {
            let run = PumpCommand.run(flow: FlowRate(microlitersPerMinute: 1), volume: Volume(microliters: 1))
            do {
                _ = try engine.permit(.pump(run), for: "cui", at: now)
                return true
            } catch {
                return false
            }
        }
    }

    @Test(arguments: [80.0, -80, 0]) func whatDoesAsToldIsLeftAlone(flow: Double) {
        var pump = Pump()
        pump.command(flow)
        pump.run(20, reporting: flow)
        pump.run(20, reporting: flow * 1.04)
        #expect(pump.latches.isEmpty && pump.mayStart)
    }

    @Test(arguments: [0.0, 75, 85, -80]) func whatMovesOtherwiseTrips(flow: Double) throws {
        var pump = Pump()
        pump.command(80)
        pump.run(2.8, reporting: flow)
        #expect(pump.latches.isEmpty)
        pump.run(1, reporting: flow)
        let latch = try #require(pump.latches.first)
        #expect(latch.cause.hasSuffix("\(flow) uL/min reported, 80.0 commanded"), "\(latch.cause)")
        #expect(throws: ResetRefusal.self) { try pump.engine.reset("row", at: pump.now) }
        pump.command(0)
        pump.run(1, reporting: 0)
        #expect(throws: Never.self) { try pump.engine.reset("row", at: pump.now) }
    }

    @Test func whatMovesUnaskedTrips() {
        var pump = Pump()
        pump.run(4, reporting: 5)
        #expect(pump.latches.count == 1)
    }

    /// Not there, not in order, or never heard of: nobody told it anything, and nothing waits for it.
    @Test(arguments: [nil, 0] as [Double?]) func anIdlePumpThatIsLostHoldsNothing(before: Double?) {
        var pump = Pump()
        if let before { pump.run(2, reporting: before) }
        pump.run(60, reporting: nil)
        pump.run(10, reporting: 80, .bad)
        #expect(pump.latches.isEmpty && pump.mayStart)
        #expect(pump.engine.unread(for: [.pump]) == nil)
        #expect(pump.engine.statuses.first?.state == .armed)
    }

    /// Its last word was that it moves, and that is long ago.
    @Test func whatWasSeenMovingAndIsLostHoldsNothing() {
        var pump = Pump()
        pump.run(1, reporting: 80)
        pump.run(60, reporting: nil)
        #expect(pump.latches.isEmpty && pump.mayStart)
    }

    @Test func aPumpLostWhileItRunsTrips() throws {
        var pump = Pump()
        pump.command(80)
        pump.run(5, reporting: 80)
        pump.run(4.8, reporting: nil)
        #expect(pump.latches.isEmpty)
        pump.run(0.4, reporting: nil)
        #expect(try #require(pump.latches.first).cause.hasSuffix("(input missing)"))
    }

    @Test func aStallTrips() {
        var pump = Pump()
        pump.command(80)
        pump.run(1, reporting: 80)
        pump.run(4, reporting: 0, .bad)
        #expect(pump.latches.count == 1)
    }

    /// A command under way, or a run that ends by itself: the report comes before its explanation.
    @Test func whatIsOnItsWayIsNotJudged() {
        var pump = Pump()
        pump.command(80, .uncertain)
        pump.run(30, reporting: 0)
        pump.read("pump.cui.flow", 80)
        pump.command(80)
        pump.run(30, reporting: 80)
        pump.read("pump.cui.flow", 0)
        pump.command(0)
        pump.run(30, reporting: 0)
        #expect(pump.latches.isEmpty)
    }

    @Test func itIsTestedByAMotionThatNobodyCommanded() throws {
        var pump = Pump()
        pump.run(1, reporting: 0)
        let injection = try pump.engine.inject("row", at: pump.now).injection
        #expect(injection.text == "pump.cui.flow = 2.0, not commanded")
        pump.run(3.2, reporting: 0)
        #expect(pump.latches.count == 1)
        #expect(throws: Never.self) { try pump.engine.reset("row", at: pump.now) }
    }
}
