import Hydraulics
import Quantities
import Testing

/// Drives a clock with pumps of piecewise constant flow and follows a tracer element through the same path.
struct ClockBench {
    var clock: VolumeClock
    let path: [PathSegment]
    private var counters: [String: Double]
    private var seconds = 0.0
    /// How far the element that left the origin at the start has come: segment, and uL into it.
    private var segment = 0
    private var depth = 0.0
    var arrived: Bool { segment >= path.count }

    init(_ path: [PathSegment]) {
        self.path = path
        clock = VolumeClock(path: path)
        counters = Dictionary(path.flatMap(\.pumps).map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
        record()
    }

    mutating func run(_ flows: [String: Double], for span: Double) {
        seconds += span
        for (pump, rate) in flows { counters[pump, default: 0] += rate * span }
        var left = span
        while left > 0, !arrived {
            let rate = path[segment].pumps.reduce(0) { $0 + (flows[$1] ?? 0) }
            let need = (path[segment].volume.microliters - depth) / rate
            if rate > 0, need <= left {
                (segment, depth, left) = (segment + 1, 0, left - need)
            } else {
                (depth, left) = (depth + rate * left, 0)
            }
        }
        record()
    }

    mutating func restart(_ pump: String) { counters[pump] = 0 }

    private mutating func record() {
        let volumes = counters.mapValues(Volume.init(microliters:))
        clock.record(displaced: volumes, at: BenchInstant(nanoseconds: Int64((seconds * 1e9).rounded())))
    }
}

@Suite struct VolumeClockTests {
    private let path = [
        PathSegment(volume: Volume(microliters: 140), pumps: ["cu"]),
        PathSegment(volume: Volume(microliters: 740), pumps: ["cs", "cu", "pfo"]),
        PathSegment(volume: Volume(microliters: 80), pumps: ["cs", "cu", "pfo"]),
    ]

    @Test func atConstantFlowItIsElapsedOverTau() {
        let seed: UInt64 = 11
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let q = random.uniform(1..<5)
            let flows = ["cu": q, "cs": q * random.uniform(0.5..<2), "pfo": random.uniform(0..<10)]
            let total = flows.values.reduce(0, +)
            let tau = 140 / q + 820 / total
            var bench = ClockBench(path)
            var (elapsed, worst) = (0.0, 0.0)
            while elapsed < 1.6 * tau {
                let span = random.uniform(0.01..<2)
                elapsed += span
                bench.run(flows, for: span)
                worst = max(worst, abs(bench.clock.sweptResidenceTimes - elapsed / tau))
            }
            #expect(worst < 1e-9, "seed \(seed)")
            #expect(abs(bench.clock.elapsed.seconds - elapsed) < 1e-6)
        }
    }

    @Test func theSeedBenchAgreesWithTheNetwork() throws {
        let network = try SeedBench.network()
        let point = try #require(try Golden.load().points.first)
        var clock = try #require(network.volumeClock(to: "abs_cell"))
        for second in 0...120 {
            let time = BenchDuration.seconds(Double(second))
            clock.record(displaced: point.flows.mapValues { $0 * time }, at: .zero + time)
        }
        #expect(abs(clock.sweptResidenceTimes - 120 / point.tau) < 1e-9)
    }

    @Test func anOriginLineStalledFromTheStartNeverAdvances() {
        var bench = ClockBench(path)
        for _ in 0..<200 { bench.run(["cs": 3, "pfo": 6], for: 1) }
        #expect(bench.clock.sweptResidenceTimes == 0)
    }

    @Test func allStalledStopsIt() {
        var bench = ClockBench(path)
        let flows = ["cu": 3.0, "cs": 3, "pfo": 6]
        for _ in 0..<60 { bench.run(flows, for: 1) }
        let before = bench.clock.sweptResidenceTimes
        for _ in 0..<600 { bench.run([:], for: 1) }
        #expect(bench.clock.sweptResidenceTimes == before)
        bench.run(flows, for: 1)
        #expect(bench.clock.sweptResidenceTimes > before)
    }

    @Test func itReachesOneWithTheTracerAndNotBefore() {
        let seed: UInt64 = 12
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            var bench = ClockBench(path)
            var last = 0.0
            var (falls, early, late) = (0, 0, 0)
            for _ in 0..<500 {
                var flows = ["cu": random.uniform(1..<5), "cs": random.uniform(1..<5), "pfo": random.uniform(2..<8)]
                for pump in ["cu", "cs", "pfo"] where random.uniform() < 0.2 { flows[pump] = 0 }
                bench.run(flows, for: random.uniform(0.1..<3))
                let now = bench.clock.sweptResidenceTimes
                if now < last { falls += 1 }
                if !bench.arrived, now > 1 + 1e-9 { early += 1 }
                if bench.arrived, now < 1 - 1e-9 { late += 1 }
                last = now
            }
            #expect(falls == 0 && early == 0 && late == 0, "seed \(seed)")
            #expect(bench.arrived && last > 1, "seed \(seed)")
        }
    }

    @Test func aFallingCounterAddsNothingAndIsFlagged() {
        let flows = ["cu": 3.0, "cs": 3, "pfo": 6]
        var whole = ClockBench(path)
        var broken = ClockBench(path)
        for second in 0..<100 {
            whole.run(flows, for: 1)
            if second == 40 { broken.restart("cu") }
            broken.run(flows, for: 1)
        }
        #expect(broken.clock.restartedPumps == ["cu"] && whole.clock.restartedPumps == [])
        #expect(broken.clock.sweptResidenceTimes <= whole.clock.sweptResidenceTimes)
        #expect(broken.clock.sweptResidenceTimes > whole.clock.sweptResidenceTimes - 0.03)
    }

    @Test func unusableRecordsAreIgnored() {
        var clock = VolumeClock(path: path)
        let record: (Double, Double, inout VolumeClock) -> Void = { volume, seconds, clock in
            let volumes = ["cu": volume, "cs": volume, "pfo": volume].mapValues(Volume.init(microliters:))
            clock.record(displaced: volumes, at: .zero + .seconds(seconds))
        }
        record(5000, 10, &clock)
        #expect(clock.sweptResidenceTimes == 0 && clock.start == .zero + .seconds(10))
        record(9000, 5, &clock)
        record(.nan, 11, &clock)
        record(.infinity, 12, &clock)
        #expect(clock.sweptResidenceTimes == 0)
        clock.record(displaced: [:], at: .zero + .seconds(13))
        #expect(clock.sweptResidenceTimes == 0 && clock.elapsed == .seconds(3))
        record(5100, 14, &clock)
        #expect(clock.sweptResidenceTimes > 0 && clock.restartedPumps == [])
    }

    @Test func aLongStallStaysBoundedAndMonotone() {
        var bench = ClockBench(path)
        for _ in 0..<50 { bench.run(["cu": 3, "cs": 3, "pfo": 6], for: 0.1) }
        var last = bench.clock.sweptResidenceTimes
        var falls = 0
        for index in 0..<(VolumeClock.sampleLimit + 1000) {
            bench.run(index % 2 == 0 ? ["cu": 0.01, "cs": 0.01] : [:], for: 0.1)
            if bench.clock.sweptResidenceTimes < last { falls += 1 }
            last = bench.clock.sweptResidenceTimes
        }
        #expect(last < 1 && falls == 0 && !bench.arrived)
        while !bench.arrived { bench.run(["cu": 3, "cs": 3, "pfo": 6], for: 0.1) }
        #expect(abs(bench.clock.sweptResidenceTimes - 1) < 0.01)
    }
}
