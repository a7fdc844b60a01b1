import BoardProtocol
import Quantities
import Testing

@Suite struct ClockHullTests {
    static let seeds = 1...60 as ClosedRange<UInt64>
    static let heartbeat = 0.25

    struct Line: Sendable, CustomTestStringConvertible {
        let name: String
        let partsPerMillion: Double
        let outbound: SimulatedClock.Jitter
        let inbound: SimulatedClock.Jitter

        var testDescription: String { name }

        init(
            _ name: String, _ partsPerMillion: Double, out: SimulatedClock.Jitter = .none,
            back: SimulatedClock.Jitter = .none
        ) {
            self.name = name
            self.partsPerMillion = partsPerMillion
            outbound = out
            inbound = back
        }

        func clock(_ seed: UInt64) -> SimulatedClock {
            SimulatedClock(seed, partsPerMillion: partsPerMillion, outbound: outbound, inbound: inbound)
        }
    }

    /// After 30 s of heartbeats, at each one until a minute has gone, and a second ahead of it: within half a
    /// millisecond in 99 of 100, and always within what is told.
    @Test(arguments: [
        Line("no jitter", 100), Line("5 ms outbound", 100, out: .uniform(0.005)),
        Line("5 ms inbound", 100, back: .uniform(0.005)), Line("5 ms outbound, slow", -100, out: .uniform(0.005)),
        Line("5 ms inbound, slow", -100, back: .uniform(0.005)),
        Line("5 ms both ways", 100, out: .uniform(0.005), back: .uniform(0.005)),
        Line("5 ms both ways, 5000 ppm", 5000, out: .uniform(0.005), back: .uniform(0.005)),
        Line("5 ms both ways, -5000 ppm", -5000, out: .uniform(0.005), back: .uniform(0.005)),
        Line("heavy tails both ways", 100, out: .heavyTailed(0.0005), back: .heavyTailed(0.0005)),
        Line("heavy tails outbound", 100, out: .heavyTailed(0.002)),
    ])
    func jitterMovesTheEstimateLittle(line: Line) {
        var here = Judgements()
        var ahead = Judgements()
        for seed in Self.seeds {
            var clock = line.clock(seed)
            for beat in 0..<240 {
                let (outcome, received) = clock.exchange(at: Double(beat) * Self.heartbeat)
                #expect(outcome == .taken, "seed \(seed), heartbeat \(beat)")
                guard beat >= 120 else { continue }
                here.add(clock.judge(received, near: received))
                ahead.add(clock.judge(received + 1, near: received))
            }
        }
        print("\(line.name), seeds \(Self.seeds): \(here.line); a second ahead: \(ahead.line)")
        #expect(here.count == 120 * Self.seeds.count && ahead.count == here.count)
        #expect(here.outside == 0 && ahead.outside == 0)
        #expect(here.milliseconds(0.99, \.error) <= 0.5)
        #expect(ahead.milliseconds(0.99, \.error) <= 0.5)
    }

    /// From the first exchange on, what is told is true.
    @Test func theBoundsHoldFromTheFirstExchange() {
        var all = Judgements()
        for seed in Self.seeds {
            var clock = Line("", 8000, out: .uniform(0.005), back: .heavyTailed(0.001)).clock(seed)
            for beat in 0..<20 {
                let (_, received) = clock.exchange(at: Double(beat) * Self.heartbeat)
                for later in [-1.0, 0, 0.3, 5, 60] { all.add(clock.judge(received + later, near: received)) }
            }
        }
        print("first 5 s, seeds \(Self.seeds): \(all.line)")
        #expect(all.count == 100 * Self.seeds.count)
        #expect(all.outside == 0)
    }

    @Test func theRateIsTold() throws {
        for (seed, told) in zip(Self.seeds, [-5000.0, -100, -20, 0, 20, 100, 5000]) {
            var clock = Line("", told, out: .uniform(0.005), back: .uniform(0.005)).clock(seed)
            for beat in 0..<240 { _ = clock.exchange(at: Double(beat) * Self.heartbeat) }
            let rate = try #require(clock.hull.rate)
            print("seed \(seed): \(told) ppm, estimated \(rate.partsPerMillion), within \(rate.range)")
            #expect(rate.range.contains(told))
            #expect(abs(rate.partsPerMillion - told) < 25)
            #expect(clock.hull.sampleCount == 240)
        }
    }

    /// The counter of 32 bits turns over after 71.6 minutes.
    @Test(arguments: seeds) func theCounterTurnsOver(seed: UInt64) throws {
        var clock = Line("", 100, out: .uniform(0.005), back: .uniform(0.005)).clock(seed)
        clock.boardStart = 4294.967296 - 10
        var before: BoardInstant?
        for beat in 0..<160 {
            let (outcome, received) = clock.exchange(at: Double(beat) * Self.heartbeat)
            #expect(outcome == .taken)
            let newest = try #require(clock.hull.newest)
            if let before { #expect(newest > before) }
            before = newest
            #expect(newest.counter == clock.counter(received))
            let judgement = try #require(clock.judge(received, near: received))
            #expect(judgement.isWithin, "seed \(seed), heartbeat \(beat)")
        }
        // An event of before the turn.
        let told = try #require(clock.hull.hostTime(of: clock.counter(5)))
        #expect(abs(told.time.seconds - 5) <= told.uncertainty.seconds)
    }

    /// Without samples for minutes the estimate stays true, and says how far it may be off; then it is good again.
    @Test(arguments: [2.0, 30, 100]) func aGap(minutes: Double) throws {
        for seed in Self.seeds {
            var clock = Line("", -3000, out: .uniform(0.005), back: .uniform(0.005)).clock(seed)
            for beat in 0..<240 { _ = clock.exchange(at: Double(beat) * Self.heartbeat) }
            let end = 60 + minutes * 60
            let late = try #require(clock.judge(end, near: 59.75 + SimulatedClock.delay))
            #expect(late.uncertainty < minutes * 60 * 0.01)
            for beat in 0..<240 {
                let (outcome, received) = clock.exchange(at: end + Double(beat) * Self.heartbeat)
                #expect(outcome == .taken, "seed \(seed), heartbeat \(beat)")
                let judgement = try #require(clock.judge(received, near: received))
                #expect(judgement.isWithin, "seed \(seed), heartbeat \(beat)")
            }
        }
    }

    /// A board that starts anew is found by its times alone, but for one that happens to show the same.
    @Test(arguments: seeds) func aBoardStartsAnew(seed: UInt64) throws {
        var clock = Line("", 100, out: .uniform(0.005), back: .uniform(0.005)).clock(seed)
        for beat in 0..<240 { _ = clock.exchange(at: Double(beat) * Self.heartbeat) }
        clock.offset = 61
        clock.boardStart = 0
        #expect(clock.exchange(at: 62).outcome == .restarted)
        #expect(clock.hull.sampleCount == 1)
        for beat in 1..<240 {
            let (outcome, received) = clock.exchange(at: 62 + Double(beat) * Self.heartbeat)
            #expect(outcome == .taken)
            let judgement = try #require(clock.judge(received, near: received))
            #expect(judgement.isWithin, "seed \(seed), heartbeat \(beat)")
        }
        clock.hull.restart()
        #expect(clock.hull.hostTime(of: BoardInstant(microseconds: 0)) == nil)
        #expect(clock.hull.rate == nil)
    }

    /// Bounds are strict for a constant rate. A resonator that becomes faster by 12 ppm a minute bends the line by less
    /// than the delay of a frame hides, and the estimate by little.
    @Test func aResonatorThatWarmsUp() {
        var all = Judgements()
        for seed in Self.seeds {
            var clock = Line("", -300, out: .uniform(0.005), back: .uniform(0.005)).clock(seed)
            clock.warming = 0.2
            for beat in 0..<720 {
                let (outcome, received) = clock.exchange(at: Double(beat) * Self.heartbeat)
                #expect(outcome == .taken, "seed \(seed), heartbeat \(beat)")
                if beat >= 120 { all.add(clock.judge(received, near: received)) }
            }
        }
        print("12 ppm a minute, seeds \(Self.seeds): \(all.line)")
        #expect(all.count == 600 * Self.seeds.count)
        #expect(all.outside == 0)
        #expect(all.milliseconds(0.99, \.error) <= 0.5)
    }

    /// A rate that changes more than the bounds allow: the oldest go, the newest stay.
    @Test func aRateThatChangesShortensTheWindow() throws {
        var clock = Line("", 0).clock(1)
        for beat in 0..<120 { _ = clock.exchange(at: Double(beat) * Self.heartbeat) }
        let before = clock.board(30)
        var faster = Line("", 2000).clock(1)
        faster.hull = clock.hull
        faster.offset = 30
        faster.boardStart = before
        var shortened = 0
        for beat in 120..<480 {
            let (outcome, received) = faster.exchange(at: Double(beat) * Self.heartbeat)
            switch outcome {
            case .shortened(let kept):
                shortened += 1
                #expect(kept > 0 && kept < 240)
            case .taken: break
            case .restarted, .impossible: Issue.record("heartbeat \(beat): \(outcome)")
            }
            let judgement = try #require(faster.judge(received, near: received))
            #expect(judgement.error < 0.006)
        }
        #expect(shortened > 0)
        let rate = try #require(faster.hull.rate)
        #expect(rate.range.contains(2000))
    }

    @Test func anAnswerBeforeItsRequestIsDropped() {
        var hull = ClockHull()
        let sent = WireInstant(nanoseconds: 5_000_000)
        let answering = ClockHull.Sample(
            hostSent: sent, boardReceived: 1000, boardSent: 9000, hostReceived: sent + .milliseconds(4))
        #expect(hull.add(answering) == .impossible)
        let backwards = ClockHull.Sample(
            hostSent: sent, boardReceived: 1000, boardSent: 1000, hostReceived: sent - .milliseconds(4))
        #expect(hull.add(backwards) == .impossible)
        let turned = ClockHull.Sample(
            hostSent: sent, boardReceived: 1000, boardSent: 900, hostReceived: sent + .milliseconds(4))
        #expect(hull.add(turned) == .impossible)
        #expect(hull.sampleCount == 0)
        #expect(hull.hostTime(of: UInt32(1000)) == nil)
        #expect(hull.boardTime(of: sent) == nil)
    }

    /// Whatever a board tells, nothing traps, memory is bounded, and what is told is in order.
    @Test(arguments: 1...30 as ClosedRange<UInt64>) func nonsense(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var hull = ClockHull()
        var now: Int64 = .random(in: 0...1 << 60, using: &random)
        for _ in 0..<2000 {
            now += .random(in: 0...(Int64(1) << Int.random(in: 0...50, using: &random)), using: &random)
            let received = UInt32.random(in: 0 ... .max, using: &random)
            let answering = UInt32.random(in: 0...(UInt32(1) << Int.random(in: 0...30, using: &random)), using: &random)
            let took = Int64.random(in: 0...(Int64(1) << Int.random(in: 10...40, using: &random)), using: &random)
            _ = hull.add(
                ClockHull.Sample(
                    hostSent: WireInstant(nanoseconds: now), boardReceived: received,
                    boardSent: received &+ answering, hostReceived: WireInstant(nanoseconds: now + took)))
            #expect(hull.sampleCount <= ClockHull.mostSamples)
            let board = BoardInstant(nanoseconds: .random(in: .min ... .max, using: &random))
            if let told = hull.hostTime(of: board) {
                #expect(told.earliest <= told.time && told.time <= told.latest)
            }
            if let told = hull.boardTime(of: WireInstant(nanoseconds: .random(in: 0...(1 << 61), using: &random))) {
                #expect(told.earliest <= told.time && told.time <= told.latest)
            }
        }
    }
}

@Suite struct BoardTimeTests {
    @Test(arguments: [(0, 0), (1, 1), (4_294_967_295, .max), (4_294_967_296, 0), (-1, .max)] as [(Int64, UInt32)])
    func theCounterIsTheLowestBits(microseconds: Int64, counter: UInt32) {
        #expect(BoardInstant(microseconds: microseconds).counter == counter)
    }

    @Test func theNearestTimeIsTaken() {
        let time = BoardInstant(microseconds: 3 << 32 | 100)
        #expect(time.nearest(showing: 100) == time)
        #expect(time.nearest(showing: 90).microseconds == time.microseconds - 10)
        #expect(time.nearest(showing: .max).microseconds == time.microseconds - 101)
        #expect(time.nearest(showing: 1 << 31).microseconds == 3 << 32 | 1 << 31)
        #expect(BoardInstant(nanoseconds: -1).microseconds == -1)
        #expect(BoardInstant(nanoseconds: 1999).microseconds == 1)
    }
}
