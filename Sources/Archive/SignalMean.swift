import DeviceModel
import Experiments
import Quantities

/// How long the signal history keeps what, by wall time.
public enum SignalAges {
    /// Samples as they came, at least this long.
    public static let samples = WallDuration.seconds(24 * 3600)
    /// Then means of ten seconds, up to this age.
    public static let shortMeans = WallDuration.seconds(30 * 24 * 3600)
    /// Spans begin at whole multiples of their length since 1970.
    public static let shortSpan = WallDuration.seconds(10)
    /// And in the end means of five minutes, for ever.
    public static let longSpan = WallDuration.seconds(300)
}

/// Samples of one signal that were drawn together: what of them is kept, whatever the order in which they are added.
struct SignalMean: Hashable, Sendable {
    /// Time of the first sample.
    private(set) var first: WallInstant
    /// Mean, least and greatest of those that are numbers; nil when none is.
    private(set) var value: Double?
    private(set) var minimum: Double?
    private(set) var maximum: Double?
    private(set) var count: Int64
    /// How many of them are numbers.
    private(set) var numbers: Int64
    /// The worst.
    private(set) var quality: Quality

    /// One sample.
    init(value: Double?, quality: Quality, at: WallInstant) {
        first = at
        (self.value, minimum, maximum) = (value, value, value)
        (count, numbers) = (1, value == nil ? 0 : 1)
        self.quality = quality
    }

    init(
        first: WallInstant, value: Double?, minimum: Double?, maximum: Double?, count: Int64, numbers: Int64,
        quality: Quality
    ) {
        self.first = first
        self.value = value
        self.minimum = minimum
        self.maximum = maximum
        self.count = count
        self.numbers = numbers
        self.quality = quality
    }

    mutating func add(_ other: SignalMean) {
        first = min(first, other.first)
        count += other.count
        if other.quality.badness > quality.badness { quality = other.quality }
        guard let added = other.value else { return }
        let total = numbers + other.numbers
        // Not by sums: these could overflow where the mean does not.
        value = value.map { $0 + (added - $0) * (Double(other.numbers) / Double(total)) } ?? added
        numbers = total
        minimum = [minimum, other.minimum].compactMap { $0 }.min()
        maximum = [maximum, other.maximum].compactMap { $0 }.max()
    }
}

extension SignalMean {
    /// The columns `wall_ns, value, minimum, maximum, count, numbers, quality`.
    static let columns = "wall_ns, value, minimum, maximum, count, numbers, quality"

    init(_ row: Row, from column: Int32) {
        self.init(
            first: WallInstant(nanoseconds: row.integer(column)), value: row.optionalReal(column + 1),
            minimum: row.optionalReal(column + 2), maximum: row.optionalReal(column + 3),
            count: row.integer(column + 4), numbers: row.integer(column + 5),
            quality: Quality(stored: row.text(column + 6)))
    }

    var values: [SQLValue] {
        [
            .integer(first.nanoseconds), .optional(value), .optional(minimum), .optional(maximum), .integer(count),
            .integer(numbers), .text(quality.rawValue),
        ]
    }

    func sample(unit: String) -> SignalSample {
        SignalSample(
            at: first, value: value, minimum: minimum, maximum: maximum, count: Int(count), unit: unit, quality: quality
        )
    }
}

/// What is drawn together: one signal in one unit, within one span of time.
struct SignalSpan: Hashable, Sendable {
    let signal: String
    let unit: String
    let length: WallDuration
    let start: WallInstant

    init(_ signal: String, _ unit: String, _ length: WallDuration, around time: WallInstant) {
        self.signal = signal
        self.unit = unit
        self.length = length
        start = time.beginning(of: length)
    }
}

extension [SignalSpan: SignalMean] {
    mutating func add(_ mean: SignalMean, to span: SignalSpan) {
        if self[span]?.add(mean) == nil { self[span] = mean }
    }
}

extension WallInstant {
    /// The last whole multiple of `length` up to here.
    func beginning(of length: WallDuration) -> WallInstant {
        let past = nanoseconds % length.nanoseconds
        return WallInstant(nanoseconds: nanoseconds - (past < 0 ? past + length.nanoseconds : past))
    }
}

extension Quality {
    /// A word that this daemon does not know vouches for nothing.
    init(stored text: String) { self = Quality(rawValue: text) ?? .bad }

    fileprivate var badness: Int {
        switch self {
        case .good: 0
        case .uncertain: 1
        case .stale: 2
        case .bad: 3
        }
    }
}
