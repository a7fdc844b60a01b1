import ControlCore
import Experiments
import Quantities

/// How the daemon itself is doing, as clients see it. Counters begin with the daemon.
public struct LoopShape: Codable, Sendable {
    public var scanRateHz: Double
    public var deadlines: Int
    public var overruns: Int
    public var latenessP50US: Double?
    public var latenessP99US: Double?
    public var latenessMaxUS: Double
    public var latenessSumS: Double
    public var latenessBuckets: [BucketShape]

    public init(_ figures: LoopFigures) {
        scanRateHz = (1 / figures.scanPeriod.seconds * 1000).rounded() / 1000
        deadlines = Int(figures.lateness.count)
        overruns = Int(figures.overruns)
        latenessP50US = figures.lateness.quantile(0.5)?.microseconds
        latenessP99US = figures.lateness.quantile(0.99)?.microseconds
        latenessMaxUS = figures.lateness.max.microseconds
        latenessSumS = figures.lateness.sum.seconds
        latenessBuckets = BucketShape.all(of: figures.lateness)
    }

    enum CodingKeys: String, CodingKey {
        case deadlines, overruns
        case scanRateHz = "scan_rate_hz"
        case latenessP50US = "lateness_p50_us"
        case latenessP99US = "lateness_p99_us"
        case latenessMaxUS = "lateness_max_us"
        case latenessSumS = "lateness_sum_s"
        case latenessBuckets = "lateness_buckets"
    }

    static let schema = Schema.object([
        .required("scan_rate_hz", .number(), "How often the control loop looks at the bench at least."),
        .required("deadlines", .integer(), "For which it has woken."),
        .required("overruns", .integer(), "Those for which it woke more than one scan period late."),
        .optional("lateness_p50_us", .number(), "From a deadline to the begin of its step; half of them."),
        .optional("lateness_p99_us", .number(), "99 of 100 of them."),
        .required("lateness_max_us", .number(), "The worst."), .required("lateness_sum_s", .number(), "Of all."),
        .required("lateness_buckets", .array(BucketShape.schema), "All of them by lateness, shortest first."),
    ])
}

/// Some of the samples of a histogram.
public struct BucketShape: Codable, Sendable {
    public var upToUS: Double
    public var count: Int

    static func all(of histogram: DurationHistogram) -> [BucketShape] {
        histogram.filled.map { BucketShape(upToUS: $0.upTo.microseconds, count: Int($0.count)) }
    }

    enum CodingKeys: String, CodingKey {
        case count
        case upToUS = "up_to_us"
    }

    static let schema = Schema.object([
        .required(
            "up_to_us", .number(), "Its end, which is in it; each octave has eight, each power of two is one."),
        .required("count", .integer(), "Of this bucket alone; empty ones are left out."),
    ])
}

public struct MailboxShape: Codable, Sendable {
    public var mailbox: String
    public var capacity: Int
    public var waiting: Int
    public var highWater: Int
    public var refused: Int

    public init(_ figures: MailboxFigures) {
        mailbox = figures.name
        capacity = figures.capacity
        waiting = figures.waiting
        highWater = figures.highWater
        refused = figures.refused
    }

    enum CodingKeys: String, CodingKey {
        case mailbox, capacity, waiting, refused
        case highWater = "high_water"
    }

    static let schema = Schema.object([
        .required("mailbox", .string(), "to-loop, to-archive, bus-heater.requests, …"),
        .required("capacity", .integer(), "What it holds at most."),
        .required("waiting", .integer(), "What waits in it now."),
        .required("high_water", .integer(), "The most that ever waited in it."),
        .required("refused", .integer(), "What found no room."),
    ])
}

public struct LinkShape: Codable, Sendable {
    public var link: String
    public var open: Bool
    public var exchanges: Int
    public var errors: Int
    public var reconnects: Int
    public var roundTripP50US: Double?
    public var roundTripP99US: Double?
    public var roundTripMaxUS: Double
    public var roundTripSumS: Double
    public var roundTripBuckets: [BucketShape]

    public init(_ figures: LinkFigures) {
        link = figures.name.text
        open = figures.isOpen
        exchanges = Int(figures.roundTrips.count)
        errors = Int(figures.errors)
        reconnects = Int(figures.reconnects)
        roundTripP50US = figures.roundTrips.quantile(0.5)?.microseconds
        roundTripP99US = figures.roundTrips.quantile(0.99)?.microseconds
        roundTripMaxUS = figures.roundTrips.max.microseconds
        roundTripSumS = figures.roundTrips.sum.seconds
        roundTripBuckets = BucketShape.all(of: figures.roundTrips)
    }

    enum CodingKeys: String, CodingKey {
        case link, open, exchanges, errors, reconnects
        case roundTripP50US = "round_trip_p50_us"
        case roundTripP99US = "round_trip_p99_us"
        case roundTripMaxUS = "round_trip_max_us"
        case roundTripSumS = "round_trip_sum_s"
        case roundTripBuckets = "round_trip_buckets"
    }

    static let schema = Schema.object([
        .required("link", .string(), "Its name in the bench file."),
        .required("open", .boolean, "Whether it is open now."),
        .required(
            "exchanges", .integer(),
            "That were answered: a Modbus request and its reply; of other links what was sent and the next bytes."),
        .required("errors", .integer(), "Exchanges without a usable answer, openings that failed, losses of the link."),
        .required("reconnects", .integer(), "How often it was opened again."),
        .optional("round_trip_p50_us", .number(), "Of an exchange, as the control loop sees it; half of them."),
        .optional("round_trip_p99_us", .number(), "99 of 100 of them."),
        .required("round_trip_max_us", .number(), "The longest."), .required("round_trip_sum_s", .number(), "Of all."),
        .required("round_trip_buckets", .array(BucketShape.schema), "All of them by duration, shortest first."),
    ])
}

extension Span {
    fileprivate var microseconds: Double { Double(nanoseconds) / 1000 }
}
