/// The clock of the chemistry. On a simulated bench it may run `clock_rate` times faster than the wall's; elsewhere it
/// is the wire's.
public enum BenchClock: Sendable {}
/// The clock of the links: time-outs, gaps between polls, the age of a reading. Never scaled.
public enum WireClock: Sendable {}
/// The calendar: UTC, for people and records. It may jump; nothing is ever decided by it.
public enum WallClock: Sendable {}

/// A length of time on one clock, in whole nanoseconds. Lengths on different clocks do not mix: that is the point.
public struct Span<Clock: Sendable>: Hashable, Comparable, Sendable, Codable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func seconds(_ value: Double) -> Self { Self(nanoseconds: Int64((value * 1e9).rounded())) }
    public static func milliseconds(_ value: Int64) -> Self { Self(nanoseconds: value * 1_000_000) }
    public static var zero: Self { Self(nanoseconds: 0) }

    public var seconds: Double { Double(nanoseconds) / 1e9 }
    /// Whole ones.
    public var milliseconds: Int64 { nanoseconds / 1_000_000 }

    public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    public static func + (a: Self, b: Self) -> Self { Self(nanoseconds: a.nanoseconds + b.nanoseconds) }
    public static func - (a: Self, b: Self) -> Self { Self(nanoseconds: a.nanoseconds - b.nanoseconds) }
    public static func * (a: Self, factor: Double) -> Self { .seconds(a.seconds * factor) }
}

/// A point on one clock, in nanoseconds since that clock's own origin (for the wall: since 1970-01-01T00:00:00Z).
public struct Instant<Clock: Sendable>: Hashable, Comparable, Sendable, Codable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static var zero: Self { Self(nanoseconds: 0) }
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    public static func + (a: Self, span: Span<Clock>) -> Self { Self(nanoseconds: a.nanoseconds + span.nanoseconds) }
    public static func - (a: Self, span: Span<Clock>) -> Self { Self(nanoseconds: a.nanoseconds - span.nanoseconds) }
    public static func - (a: Self, b: Self) -> Span<Clock> { Span(nanoseconds: a.nanoseconds - b.nanoseconds) }
}

public typealias BenchDuration = Span<BenchClock>
public typealias WireDuration = Span<WireClock>
public typealias WallDuration = Span<WallClock>
public typealias BenchInstant = Instant<BenchClock>
public typealias WireInstant = Instant<WireClock>
public typealias WallInstant = Instant<WallClock>

/// One moment as every clock shows it. It is handed down as `at now:`; nothing below the shell reads a clock.
public struct Moment: Hashable, Sendable, Codable {
    public let wire: WireInstant
    public let bench: BenchInstant
    public let wall: WallInstant

    public init(wire: WireInstant, bench: BenchInstant, wall: WallInstant) {
        self.wire = wire
        self.bench = bench
        self.wall = wall
    }
}
