import Quantities

/// One stretch of a path: its volume, and the pumps whose displacement moves the liquid in it.
public struct PathSegment: Hashable, Sendable {
    public let volume: Volume
    public let pumps: [String]

    public init(volume: Volume, pumps: [String]) {
        self.volume = volume
        self.pumps = pumps
    }
}

/// Residence counted in volume actually displaced, so that a stall, a refill or a slow start does not count as waiting.
///
/// `sweptResidenceTimes` is the largest f for which f V1 was pushed through the first segment since the start, then
/// f V2 through the second after that moment, and so on to the end of the path. At constant flow f is elapsed time over
/// tau; f reaches 1 exactly when the element that stood at the origin at the start arrives (plug flow). While the
/// first segment stalls, f cannot pass what that segment has already handed on; if it stalls from the start, f stays 0.
///
/// The counters are motor motion, not proof of flow. Between two records flow is taken as constant.
public struct VolumeClock: Hashable, Sendable {
    /// Most samples kept. Those that can no longer matter are dropped first; if there are still more, every second one
    /// of the older half goes, which only coarsens the interpolation there.
    public static let sampleLimit = 4096
    private static let bisections = 60

    private struct Sample: Hashable, Sendable {
        var at: BenchInstant
        /// Displaced through each segment since the start, uL.
        var swept: [Double]
    }

    public let path: [PathSegment]
    /// How many whole tau have been swept: 0 at the first record, never falling.
    public private(set) var sweptResidenceTimes = 0.0
    /// Pumps whose counter has fallen (restarted, refilled) since the start, sorted.
    public private(set) var restartedPumps: [String] = []
    private var counters: [String: Double] = [:]
    private var samples: [Sample] = []
    private var startedAt: BenchInstant?

    public init(path: [PathSegment]) { self.path = path }

    /// When the first record came.
    public var start: BenchInstant? { startedAt }

    /// The time since the first record.
    public var elapsed: BenchDuration {
        guard let startedAt, let last = samples.last else { return .zero }
        return last.at - startedAt
    }

    /// Takes the cumulative counters of the pumps. The first record is the start: its counters are the zero, as is the
    /// first value of a pump that appears later. A counter that falls adds nothing and counts on from its new value, and
    /// its pump is listed in `restartedPumps`. A pump that is missing has not moved. Records must not go back in time;
    /// one that does is ignored, as are counters that are not finite.
    public mutating func record(displaced: [String: Volume], at now: BenchInstant) {
        if let last = samples.last, now < last.at { return }
        let moved = increments(of: displaced)
        let before = samples.last?.swept ?? Array(repeating: 0, count: path.count)
        let swept = zip(before, path).map { total, segment in
            segment.pumps.reduce(total) { $0 + (moved[$1] ?? 0) }
        }
        if startedAt == nil { startedAt = now }
        if samples.last?.at == now { samples.removeLast() }
        samples.append(Sample(at: now, swept: swept))
        advance()
        forgetOldSamples()
    }

    private mutating func increments(of displaced: [String: Volume]) -> [String: Double] {
        var moved: [String: Double] = [:]
        for (pump, volume) in displaced where volume.microliters.isFinite {
            let previous = counters.updateValue(volume.microliters, forKey: pump) ?? volume.microliters
            moved[pump] = max(0, volume.microliters - previous)
            if volume.microliters < previous, !restartedPumps.contains(pump) {
                restartedPumps.append(pump)
                restartedPumps.sort()
            }
        }
        return moved
    }

    /// Arrival is monotonic in f, so bisection finds the largest f; the lower end is kept, never above the truth.
    private mutating func advance() {
        guard let last = samples.last, !path.isEmpty else { return }
        var low = sweptResidenceTimes
        var high = zip(last.swept, path).map { $0 / $1.volume.microliters }.min() ?? 0
        guard high > low else { return }
        if arrives(high) {
            sweptResidenceTimes = high
            return
        }
        for _ in 0..<Self.bisections {
            let middle = low + (high - low) / 2
            if arrives(middle) { low = middle } else { high = middle }
        }
        sweptResidenceTimes = low
    }

    /// Whether f tau has been swept by now.
    private func arrives(_ f: Double) -> Bool {
        var needed = 0.0
        for (index, segment) in path.enumerated() {
            let target = needed + f * segment.volume.microliters
            guard let crossing = crossing(of: index, at: target) else { return false }
            guard index + 1 < path.count else { return true }
            needed = swept(index + 1, at: crossing)
        }
        return true
    }

    /// A place between two samples: the later one's index, and how far on the way to it.
    private struct Crossing {
        var later: Int
        var fraction: Double
    }

    /// The first moment at which segment `index` had displaced `target`; nil when it has not yet.
    private func crossing(of index: Int, at target: Double) -> Crossing? {
        guard let last = samples.last, last.swept[index] >= target else { return nil }
        var low = 0
        var high = samples.count - 1
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].swept[index] >= target { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return Crossing(later: 0, fraction: 1) }
        let (before, after) = (samples[low - 1].swept[index], samples[low].swept[index])
        return Crossing(later: low, fraction: (target - before) / (after - before))
    }

    private func swept(_ index: Int, at crossing: Crossing) -> Double {
        let after = samples[crossing.later].swept[index]
        guard crossing.later > 0 else { return after }
        let before = samples[crossing.later - 1].swept[index]
        return before + (after - before) * crossing.fraction
    }

    /// f never falls, so nothing before the first segment's crossing for the present f is looked at again.
    private mutating func forgetOldSamples() {
        guard samples.count > 2, let first = path.first else { return }
        if let crossing = crossing(of: 0, at: sweptResidenceTimes * first.volume.microliters), crossing.later > 1 {
            samples.removeFirst(crossing.later - 1)
        }
        if samples.count > Self.sampleLimit {
            let old = samples.count / 2
            samples = (0..<samples.count).filter { $0 >= old || $0 % 2 == 0 }.map { samples[$0] }
        }
    }
}
