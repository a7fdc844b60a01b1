/// How often something took how long: a histogram of fixed size, whose buckets grow with the duration. Adding a sample
/// allocates nothing and takes the same time for each.
///
/// Eight buckets an octave, so that a quantile is right to an eighth at worst; below 1 us they are 125 ns wide. The
/// last one holds all that is longer than a minute. Each holds what is longer than its lower bound, and as long as its upper
/// one at most. All powers of two of a microsecond are bounds.
public struct DurationHistogram: Sendable {
    /// Of the narrowest bucket, in ns.
    static let grain: Int64 = 125
    static let perOctave = 8
    static let octaves = 27
    public static let buckets = perOctave * octaves

    private var counts = InlineArray<216, UInt64>(repeating: 0)
    public private(set) var count: UInt64 = 0
    public private(set) var sum = WireDuration.zero
    public private(set) var max = WireDuration.zero

    public init() { precondition(counts.count == Self.buckets, "the array has room for every bucket") }

    /// One sample; what is negative counts as none.
    public mutating func add(_ duration: WireDuration) {
        let nanoseconds = Swift.max(0, duration.nanoseconds)
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        sum = WireDuration(nanoseconds: sum.nanoseconds &+ nanoseconds)
        max = Swift.max(max, WireDuration(nanoseconds: nanoseconds))
    }

    /// Buckets that hold something, shortest first; `count` is theirs alone.
    public var filled: [(upTo: WireDuration, count: UInt64)] {
        (0..<Self.buckets).filter { counts[$0] > 0 }.map { (WireDuration(nanoseconds: Self.upper($0)), counts[$0]) }
    }

    /// The duration that this part of all samples does not exceed, 0...1, interpolated in its bucket; nil without samples.
    public func quantile(_ part: Double) -> WireDuration? {
        guard count > 0 else { return nil }
        let rank = Swift.min(Swift.max(part, 0), 1) * Double(count)
        var below: UInt64 = 0
        for index in 0..<Self.buckets where counts[index] > 0 {
            if Double(below + counts[index]) >= rank {
                let lower = index == 0 ? 0 : Self.upper(index - 1)
                let share = (rank - Double(below)) / Double(counts[index])
                let value = Double(lower) + share * Double(Self.upper(index) - lower)
                return Swift.min(WireDuration(nanoseconds: Int64(value.rounded())), max)
            }
            below += counts[index]
        }
        return max
    }

    private static func bucket(of nanoseconds: Int64) -> Int {
        let grains = nanoseconds == 0 ? 0 : (nanoseconds - 1) / grain
        guard grains >= perOctave else { return Int(grains) }
        // Each octave above the first has the upper half of sixteen: its buckets are twice as wide as those below.
        let shift = Int64.bitWidth - 1 - grains.leadingZeroBitCount - 3
        let index = perOctave * shift + Int(grains >> Int64(shift))
        return Swift.min(index, buckets - 1)
    }

    private static func upper(_ index: Int) -> Int64 {
        guard index >= perOctave else { return grain * Int64(index + 1) }
        let shift = index / perOctave - 1
        return grain * Int64(index % perOctave + perOctave + 1) << Int64(shift)
    }
}
