import Platform
import Quantities
import Testing

@Suite struct PlatformClockTests {
    @Test func benchTimeRunsAtTheRateFromItsStart() throws {
        let clock = try BenchClockSource(clockRate: 30, start: WireInstant(nanoseconds: 5_000))
        #expect(clock.bench(at: WireInstant(nanoseconds: 5_000)) == .zero)
        #expect(clock.bench(at: WireInstant(nanoseconds: 1_000_005_000)).nanoseconds == 30_000_000_000)
        #expect(clock.wire(for: BenchInstant(nanoseconds: 60_000_000_000)).nanoseconds == 2_000_005_000)
    }

    @Test func atRateOneLongTimesStayExact() throws {
        let clock = try BenchClockSource(clockRate: 1, start: .zero)
        let years = Int64(40) * 365 * 86_400 * 1_000_000_000 + 1
        #expect(clock.bench(at: WireInstant(nanoseconds: years)).nanoseconds == years)
        #expect(clock.wire(for: BenchInstant(nanoseconds: years)).nanoseconds == years)
    }

    /// A timer armed for a bench instant must find it reached, or the loop would spin on the last nanosecond.
    @Test(arguments: [0.001, 0.7, 1, 3.333_333, 30, 1000])
    func theWireInstantOfABenchInstantIsNeverEarly(rate: Double) throws {
        let clock = try BenchClockSource(clockRate: rate, start: WireInstant(nanoseconds: 123_456_789))
        for step in Int64(-50)..<50 {
            let bench = BenchInstant(nanoseconds: step * 1_000_003 + step)
            let wire = clock.wire(for: bench)
            #expect(clock.bench(at: wire) >= bench)
            #expect(clock.bench(at: WireInstant(nanoseconds: wire.nanoseconds - 1)) < bench)
        }
    }

    @Test(arguments: [0, -1, 1001, Double.nan, .infinity, 1e-9])
    func anImpossibleRateIsRefused(rate: Double) {
        let error = failure { () throws(PlatformError) in _ = try BenchClockSource(clockRate: rate) }
        #expect(error?.description.contains("bench.clock_rate") == true)
    }

    @Test func theClocksGoOn() throws {
        let clock = try BenchClockSource(clockRate: 2)
        let first = clock.now()
        let second = clock.now()
        #expect(second.wire >= first.wire && second.bench >= first.bench)
        #expect(first.bench == clock.bench(at: first.wire))
        #expect(first.wall.rfc3339.hasPrefix("20"))
    }
}
