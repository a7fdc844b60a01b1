import Quantities

/// Tells host time from board time and back, from the stamps of `heartbeat` and `clock`.
///
/// What is certain of an exchange is only that the request came to the board after the host had sent it, and that the
/// answer was handed to the line before the host had it. Each exchange so gives a point that the line from board time to
/// host time passes above, and one that it passes below; the lines that keep to all of them in the last minute bound
/// what is true whatever the delays were. Of these lines the estimate is the middle of the widest strip between the
/// points. The shortest delay of each direction bounds that strip, and both messages have the same length, so what
/// delays some of them, in one direction only or in both, moves it little. A regression would follow the mean delay, and
/// the middle between the bounds the delays of the newest samples.
///
/// The bounds are strict as long as the board's clock keeps its rate over the window.
public struct ClockHull: Sendable {
    /// Stamps of one exchange.
    public struct Sample: Hashable, Sendable {
        /// When the request's first byte was handed to the line, or before.
        public let hostSent: WireInstant
        /// When its last byte was there.
        public let boardReceived: UInt32
        /// When the answer's first byte was handed to the line.
        public let boardSent: UInt32
        /// When its last byte had come, or after.
        public let hostReceived: WireInstant

        public init(hostSent: WireInstant, boardReceived: UInt32, boardSent: UInt32, hostReceived: WireInstant) {
            self.hostSent = hostSent
            self.boardReceived = boardReceived
            self.boardSent = boardSent
            self.hostReceived = hostReceived
        }
    }

    /// What a sample did.
    public enum Outcome: Hashable, Sendable {
        case taken
        /// It contradicts samples of the window, which went: the oldest of them, so that `kept` are left besides it. The
        /// board's clock has changed its rate.
        case shortened(kept: Int)
        /// It contradicts all there was: the board has started anew, or a clock has jumped.
        case restarted
        /// It contradicts itself, and was dropped: the answer would have come before its request.
        case impossible
    }

    /// How long a sample counts.
    public static let window: WireDuration = .seconds(60)
    public static let mostSamples = 512
    /// An Uno's ceramic resonator is within half a percent; a crystal within a hundredth of that.
    public static let mostPartsPerMillion = 10_000.0
    /// A stamp of a board may be so much too early: Arduino's `micros` counts in steps of 4.
    public static let boardTickMicroseconds = 4.0
    /// Beyond so long without a sample the turns of the counter are lost: a hundredth of it is half a turn.
    public static let longestGap: WireDuration = .seconds(48 * 3600)
    /// Microseconds: what a shorter time than this tells about the rate counts for nothing.
    private static let reluctance = 100_000.0

    private struct Exchange {
        let hostSent: WireInstant
        let received: BoardInstant
        let sent: BoardInstant
        let hostReceived: WireInstant
    }

    /// In the order in which they came, within the window.
    private var exchanges: [Exchange] = []
    /// Board microseconds to the host's nanoseconds, both from the newest exchange's `received` and `hostSent`, less 1000
    /// nanoseconds a microsecond.
    private var lines: FeasibleLines?
    private var lastSlope = 0.0

    public init() {}

    public var sampleCount: Int { exchanges.count }

    /// The newest exchange's `received`; nil before the first.
    public var newest: BoardInstant? { exchanges.last?.received }

    /// Forgets all samples: the board has started anew. Its rate is still the best guess.
    public mutating func restart() {
        exchanges = []
        lines = nil
    }

    public mutating func add(_ sample: Sample) -> Outcome {
        guard Self.isPossible(sample) else { return .impossible }
        let hasJumped = exchanges.last.map {
            sample.hostSent < $0.hostSent || sample.hostSent - $0.hostReceived > Self.longestGap
        }
        if hasJumped == true { restart() }
        exchanges.append(extended(sample))
        let oldest = sample.hostReceived - Self.window
        let old = exchanges.dropLast().count { $0.hostSent < oldest }
        exchanges.removeFirst(max(exchanges.count - Self.mostSamples, old))
        if let found = feasible(from: 0) {
            take(found)
            return hasJumped == true ? .restarted : .taken
        }
        keepWhatFits()
        return exchanges.count == 1 ? .restarted : .shortened(kept: exchanges.count - 1)
    }

    /// The board cannot take longer to answer than the host has waited.
    private static func isPossible(_ sample: Sample) -> Bool {
        let answering = Double(sample.boardSent &- sample.boardReceived) - boardTickMicroseconds
        let (waited, overflow) = sample.hostReceived.nanoseconds.subtractingReportingOverflow(
            sample.hostSent.nanoseconds)
        return !overflow && waited >= 0 && Double(waited) >= answering * (1000 + steepest.lowerBound)
    }

    /// Nanoseconds a microsecond, less 1000.
    private static let steepest = -mostPartsPerMillion / 1000...mostPartsPerMillion / 1000

    /// With the turns of the counter, which are told by what the clock should show.
    private func extended(_ sample: Sample) -> Exchange {
        let near = boardTime(of: sample.hostSent)?.time ?? BoardInstant(microseconds: Int64(sample.boardReceived))
        let received = near.nearest(showing: sample.boardReceived)
        let answering = Int64(sample.boardSent &- sample.boardReceived)
        return Exchange(
            hostSent: sample.hostSent, received: received,
            sent: BoardInstant(microseconds: received.microseconds + answering), hostReceived: sample.hostReceived)
    }

    /// The lines of all exchanges from this one on; nil where they contradict each other.
    private func feasible(from first: Int) -> FeasibleLines? {
        guard let origin = exchanges.last else { return nil }
        var lower: [FeasibleLines.Point] = []
        var upper: [FeasibleLines.Point] = []
        for exchange in exchanges[first...] {
            let tick = Self.boardTickMicroseconds * 1000
            lower.append(Self.point(exchange.received, exchange.hostSent, from: origin, later: -tick))
            upper.append(Self.point(exchange.sent, exchange.hostReceived, from: origin, later: 0))
        }
        return FeasibleLines(
            above: lower, below: upper, slopes: Self.steepest, wanted: lastSlope, reluctance: Self.reluctance)
    }

    private static func point(
        _ board: BoardInstant, _ host: WireInstant, from origin: Exchange, later: Double
    ) -> FeasibleLines.Point {
        let x = Double(board.nanoseconds &- origin.received.nanoseconds)
        let y = Double(host.nanoseconds &- origin.hostSent.nanoseconds)
        return FeasibleLines.Point(x: x / 1000, y: y - x + later)
    }

    private mutating func take(_ found: FeasibleLines) {
        lines = found
        lastSlope = found.slope
    }

    /// Drops as many of the oldest exchanges as contradict the newer ones.
    private mutating func keepWhatFits() {
        var contradictory = 0
        var fitting = exchanges.count - 1
        while fitting - contradictory > 1 {
            let middle = (contradictory + fitting) / 2
            if feasible(from: middle) == nil { contradictory = middle } else { fitting = middle }
        }
        exchanges.removeFirst(fitting)
        lines = nil
        if let found = feasible(from: 0) { take(found) }
    }
}

extension ClockHull {
    /// Nil before the first sample, and as long as none fits.
    public func hostTime(of board: BoardInstant) -> ClockEstimate<WireClock>? {
        guard let lines, let origin = exchanges.last else { return nil }
        let nanoseconds = Double(board.nanoseconds &- origin.received.nanoseconds)
        let x = nanoseconds / 1000
        let (lowest, highest) = lines.bounds(at: x)
        let time = lines.value(at: x)
        return ClockEstimate(
            time: origin.hostSent.advanced(by: nanoseconds + time),
            earliest: origin.hostSent.advanced(by: nanoseconds + min(lowest, time)),
            latest: origin.hostSent.advanced(by: nanoseconds + max(highest, time)))
    }

    /// Of a time as it stands in a message, not more than half a turn of the counter (35 minutes) from now.
    public func hostTime(of counter: UInt32) -> ClockEstimate<WireClock>? {
        newest.flatMap { hostTime(of: $0.nearest(showing: counter)) }
    }

    /// Nil before the first sample, and as long as none fits.
    public func boardTime(of host: WireInstant) -> ClockEstimate<BoardClock>? {
        guard let lines, let origin = exchanges.last else { return nil }
        let y = Double(host.nanoseconds &- origin.hostSent.nanoseconds)
        let x = (y - lines.height) / (1000 + lines.slope)
        let (lowest, highest) = lines.bounds(at: x)
        // Where the bounds are passed depends on the slope there, which is known within its own.
        let slowest = (1000 + lines.slopes.lowerBound) / 1000
        let late = y - (1000 * x + lowest)
        let early = 1000 * x + highest - y
        return ClockEstimate(
            time: origin.received.advanced(by: 1000 * x),
            earliest: origin.received.advanced(by: 1000 * x - max(0, early) / slowest),
            latest: origin.received.advanced(by: 1000 * x + max(0, late) / slowest))
    }

    public var rate: ClockRate? {
        lines.map { lines in
            let gains = { (slope: Double) in (1000 / (1000 + slope) - 1) * 1e6 }
            return ClockRate(
                partsPerMillion: gains(lines.slope),
                range: gains(lines.slopes.upperBound)...gains(lines.slopes.lowerBound))
        }
    }
}

extension Instant {
    /// At the ends of what can be told it stays there.
    fileprivate func advanced(by offset: Double) -> Self {
        let whole = Int64(exactly: offset.rounded()) ?? (offset < 0 ? .min : .max)
        let (sum, overflow) = nanoseconds.addingReportingOverflow(whole)
        return Self(nanoseconds: overflow ? (whole < 0 ? .min : .max) : sum)
    }
}
