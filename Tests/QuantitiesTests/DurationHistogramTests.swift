import Quantities
import Testing

@Suite struct DurationHistogramTests {
    /// Quantiles against the sorted samples, over all decades: right to an eighth.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func quantilesAreRightToAnEighth(seed: UInt64) throws {
        print("quantilesAreRightToAnEighth: seed \(seed)")
        var generator = Xorshift(state: seed)
        var histogram = DurationHistogram()
        let samples = (0..<5000).map { _ in
            let decade = (0..<Int(generator.next() % 10)).reduce(1.0) { product, _ in product * 10 }
            return Int64(decade * Double(generator.next() % 1000) / 100 + 1)
        }
        for sample in samples { histogram.add(WireDuration(nanoseconds: sample)) }
        let sorted = samples.sorted()
        for part in [0.01, 0.25, 0.5, 0.9, 0.99, 1] {
            let wanted = Double(sorted[min(sorted.count - 1, Int((part * 5000).rounded(.up)) - 1)])
            let found = Double(try #require(histogram.quantile(part)).nanoseconds)
            #expect((found - wanted).magnitude <= max(126, wanted / 8), "\(part): \(found), \(wanted)")
        }
        #expect(histogram.count == 5000 && histogram.max.nanoseconds == sorted.last)
        #expect(histogram.sum.nanoseconds == samples.reduce(0, +))
        #expect(histogram.filled.reduce(0) { $0 + $1.count } == 5000)
    }

    /// A bucket's end is in it, the next nanosecond is not; ends rise, and the powers of two are among them.
    @Test func aBucketHoldsItsEnd() throws {
        var ends: [Int64] = []
        var at: Int64 = 1
        while at < 60_000_000_000 {
            var one = DurationHistogram()
            one.add(WireDuration(nanoseconds: at))
            let end = try #require(one.filled.first).upTo.nanoseconds
            #expect(end >= at && (ends.last ?? 0) < end)
            var inside = DurationHistogram()
            inside.add(WireDuration(nanoseconds: end))
            #expect(inside.filled.first?.upTo.nanoseconds == end)
            ends.append(end)
            at = end + 1
        }
        for power in 0..<26 { #expect(ends.contains(Int64(1000) << Int64(power))) }
    }

    @Test func nothingIsLost() {
        var histogram = DurationHistogram()
        #expect(histogram.quantile(0.5) == nil && histogram.filled.isEmpty)
        for sample in [-5, 0, 3_600_000_000_000] as [Int64] { histogram.add(WireDuration(nanoseconds: sample)) }
        #expect(histogram.count == 3 && histogram.filled.map(\.count) == [2, 1])
        #expect(histogram.quantile(0) == .zero && histogram.max == .seconds(3600))
    }

    private struct Xorshift {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}

@Suite struct CadenceTests {
    @Test func lateOnceIsNotLateForEver() {
        var cadence = Cadence(every: .milliseconds(10), from: .zero)
        // When it is looked, whether a point was met, and which is the next, in ms. Missed points are not made up for.
        let looks: [(Int64, Bool, Int64)] = [
            (0, true, 10), (9, false, 10), (13, true, 20), (57, true, 60), (60, true, 70), (60, false, 70),
        ]
        for (at, isMet, next) in looks {
            let meets = cadence.meets(.zero + .milliseconds(at))
            #expect(meets == isMet && cadence.due == .zero + .milliseconds(next), "at \(at) ms")
        }
    }
}
