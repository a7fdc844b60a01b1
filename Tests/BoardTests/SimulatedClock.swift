import BoardProtocol
import Quantities

/// A host and a board with their own clocks, and a line between them that delays: the truth is known.
struct SimulatedClock {
    /// Each way, without jitter: both frames have the same length.
    static let delay = 0.0023

    enum Jitter {
        case none
        /// Up to so many seconds.
        case uniform(Double)
        /// A few are late by far: Pareto, with its least value, and never more than 2 s.
        case heavyTailed(Double)

        func draw(_ random: inout SeededGenerator) -> Double {
            switch self {
            case .none: 0
            case .uniform(let most): .random(in: 0...most, using: &random)
            case .heavyTailed(let least):
                min(2, least / Double.random(in: 1e-6...1, using: &random) - least)
            }
        }
    }

    let partsPerMillion: Double
    let outbound: Jitter
    let inbound: Jitter
    /// Board seconds at host second 0, and the host second at which it started last.
    var boardStart: Double
    var offset = 0.0
    /// How much the rate changes, in parts per million a second: a resonator that warms up.
    var warming = 0.0
    var random: SeededGenerator
    var hull = ClockHull()

    init(_ seed: UInt64, partsPerMillion: Double, outbound: Jitter = .none, inbound: Jitter = .none) {
        random = SeededGenerator(seed: seed)
        self.partsPerMillion = partsPerMillion
        self.outbound = outbound
        self.inbound = inbound
        boardStart = .random(in: 0...4200, using: &random)
    }

    /// True board seconds, not turned over.
    func board(_ host: Double) -> Double {
        let since = host - offset
        return boardStart + since * (1 + (partsPerMillion + warming * since / 2) * 1e-6)
    }

    func counter(_ host: Double) -> UInt32 {
        UInt32(truncatingIfNeeded: Int64((board(host) * 1e6).rounded(.down)))
    }

    /// One exchange that begins at this host second. Returns the second at which the request was there.
    mutating func exchange(at host: Double) -> (outcome: ClockHull.Outcome, received: Double) {
        let received = host + Self.delay + outbound.draw(&random)
        let sent = received + .random(in: 0.0001...0.0006, using: &random)
        let back = sent + Self.delay + inbound.draw(&random)
        let outcome = hull.add(
            ClockHull.Sample(
                hostSent: instant(host), boardReceived: counter(received), boardSent: counter(sent),
                hostReceived: instant(back)))
        return (outcome, received)
    }

    /// What the hull says of the board time that is true at a host second.
    func judge(_ host: Double, near received: Double) -> Judgement? {
        guard let newest = hull.newest else { return nil }
        let since = board(host) - (board(received) * 1e6).rounded(.down) / 1e6
        let asked = BoardInstant(nanoseconds: newest.nanoseconds + Int64((since * 1e9).rounded()))
        guard let told = hull.hostTime(of: asked), let back = hull.boardTime(of: instant(host)) else { return nil }
        let middle = (told.earliest.seconds + told.latest.seconds) / 2
        let error = told.time.seconds - host
        let backError = Double(back.time.nanoseconds - asked.nanoseconds) / 1e9
        let isBackWithin = (back.earliest...back.latest).contains(asked) || abs(backError) < Self.rounding
        return Judgement(
            error: abs(error), errorOfMiddle: abs(middle - host), uncertainty: told.uncertainty.seconds,
            isWithin: abs(error) <= told.uncertainty.seconds + Self.rounding
                && host >= told.earliest.seconds - Self.rounding && host <= told.latest.seconds + Self.rounding
                && isBackWithin && abs(backError) <= back.uncertainty.seconds + Self.rounding)
    }

    /// Of the test's own numbers.
    static let rounding = 2e-9

    private func instant(_ seconds: Double) -> WireInstant {
        WireInstant(nanoseconds: Int64((seconds * 1e9).rounded()))
    }
}

/// In seconds.
struct Judgement {
    let error: Double
    /// Of the middle between the bounds, which is another estimate.
    let errorOfMiddle: Double
    let uncertainty: Double
    let isWithin: Bool
}

/// Of many judgements.
struct Judgements {
    private var all: [Judgement] = []

    mutating func add(_ judgement: Judgement?) { if let judgement { all.append(judgement) } }

    var count: Int { all.count }
    var outside: Int { all.count { !$0.isWithin } }

    /// Milliseconds that `share` of them do not exceed.
    func milliseconds(_ share: Double, _ part: (Judgement) -> Double) -> Double {
        let sorted = all.map(part).sorted()
        guard !sorted.isEmpty else { return .infinity }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] * 1000
    }

    var line: String {
        let figures = [
            ("p99 error", milliseconds(0.99, \.error)), ("worst", milliseconds(1, \.error)),
            ("p99 of the bounds' middle", milliseconds(0.99, \.errorOfMiddle)),
            ("median uncertainty", milliseconds(0.5, \.uncertainty)),
            ("p99 uncertainty", milliseconds(0.99, \.uncertainty)),
        ]
        return figures.map { "\($0) \(($1 * 1000).rounded() / 1000) ms" }.joined(separator: ", ")
            + ", \(outside) of \(count) outside"
    }
}
