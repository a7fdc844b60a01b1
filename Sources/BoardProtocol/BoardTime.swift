import Quantities

/// A board's own clock: microseconds since it started, counted on over the turns of its 32 bits.
public enum BoardClock: Sendable {}
public typealias BoardDuration = Span<BoardClock>
public typealias BoardInstant = Instant<BoardClock>

extension Instant where Clock == BoardClock {
    public init(microseconds: Int64) { self.init(nanoseconds: microseconds &* 1000) }

    /// Whole ones, rounded down.
    public var microseconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// As it stands in a message.
    public var counter: UInt32 { UInt32(truncatingIfNeeded: microseconds) }

    /// The time nearest to this one at which the counter shows `counter`: within 35.8 minutes, half a turn.
    public func nearest(showing counter: UInt32) -> Self {
        let ahead = Int32(truncatingIfNeeded: Int64(counter) &- microseconds)
        return Self(microseconds: microseconds &+ Int64(ahead))
    }
}

/// A time on one clock as told by another, with the bounds between which it certainly is.
public struct ClockEstimate<Clock: Sendable>: Hashable, Sendable {
    public let time: Instant<Clock>
    public let earliest: Instant<Clock>
    public let latest: Instant<Clock>

    /// The true time is not farther from `time` than this.
    public var uncertainty: Span<Clock> { max(latest - time, time - earliest) }
}

/// How fast a board's clock runs, in parts per million of the host's; positive: it gains.
public struct ClockRate: Hashable, Sendable {
    public let partsPerMillion: Double
    /// What the bounds leave open.
    public let range: ClosedRange<Double>
}
