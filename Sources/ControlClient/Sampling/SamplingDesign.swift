/// What is to be run, in which order: points drawn by a policy, and replicates of a baseline between them.
public struct SamplingDesign: Sendable {
    public enum Role: String, Sendable { case sample, baseline }

    public struct Point: Hashable, Sendable {
        public let role: Role
        /// 1, 2, … among the points of its role, as drawn; the order of running does not change it.
        public let number: Int
        /// 0 to 1, in the order of the box's inputs.
        public let x: [Double]
    }

    /// An input of a grid.
    public struct Axis: Hashable, Sendable {
        public let input: Int
        public let levels: Int

        public init(input: Int, levels: Int) {
            self.input = input
            self.levels = levels
        }
    }

    public var policy: SamplingPolicy
    /// Points of `random` and `lhs`.
    public var experiments: Int
    public var seed: UInt64
    /// How often the baseline is run.
    public var replicates: Int
    /// What `grid` varies.
    public var axes: [Axis]
    /// 0 to 1, in the order of the box's inputs; also where a grid holds the other inputs.
    public var baseline: [Double]
    /// The input by which points are sorted; nil: as drawn.
    public var order: Int?

    public init(
        policy: SamplingPolicy, experiments: Int, seed: UInt64, replicates: Int = 0, axes: [Axis] = [],
        baseline: [Double], order: Int? = nil
    ) {
        self.policy = policy
        self.experiments = experiments
        self.seed = seed
        self.replicates = replicates
        self.axes = axes
        self.baseline = baseline
        self.order = order
    }

    /// In the order in which they are run.
    public func points(in box: InputBox) -> [Point] {
        let samples = drawn(in: box).enumerated().map { Point(role: .sample, number: $0.offset + 1, x: $0.element) }
        let baselines = (0..<replicates).map { Point(role: .baseline, number: $0 + 1, x: baseline) }
        guard let order else { return Self.spread(baselines, among: samples) }
        let sorted = samples.sorted { ($0.x[order], $0.number) < ($1.x[order], $1.number) }
        let window = Self.window(of: baselines.count - 1, around: baseline[order], in: sorted.map { $0.x[order] })
        let middle = Self.spread(baselines, among: Array(sorted[window]))
        return Array(sorted[..<window.lowerBound]) + middle + Array(sorted[window.upperBound...])
    }

    private func drawn(in box: InputBox) -> [[Double]] {
        let dimensions = box.inputs.count
        switch policy {
        case .random: return SamplingPolicy.random(experiments, dimensions: dimensions, seed: seed).map(box.x(at:))
        case .lhs:
            return SamplingPolicy.latinHypercube(experiments, dimensions: dimensions, seed: seed).map(box.x(at:))
        case .grid:
            return SamplingPolicy.grid(levels: axes.map(\.levels)).map { levels in
                var point = [Double](repeating: 0, count: dimensions)
                for (axis, level) in zip(axes, levels) { point[axis.input] = level }
                let placed = box.x(at: point)
                var x = baseline
                for axis in axes { x[axis.input] = placed[axis.input] }
                return x
            }
        case .replicate:
            return SamplingPolicy.random(max(0, replicates - 1), dimensions: dimensions, seed: seed).map(box.x(at:))
        }
    }

    /// The first baseline before all samples, the last behind them, the others evenly between.
    private static func spread(_ baselines: [Point], among samples: [Point]) -> [Point] {
        let gaps = baselines.count - 1
        var points: [Point] = []
        var next = 0
        for index in 0...samples.count {
            while next < baselines.count {
                let place = gaps == 0 ? samples.count / 2 : (next * samples.count + gaps / 2) / gaps
                guard place <= index else { break }
                points.append(baselines[next])
                next += 1
            }
            if index < samples.count { points.append(samples[index]) }
        }
        return points
    }

    /// Where the baselines stand among sorted points: the `size` of them that are nearest to the baseline lie between two
    /// baselines each, so that the way there and back is as short as it can be.
    private static func window(of size: Int, around baseline: Double, in sorted: [Double]) -> Range<Int> {
        let size = min(max(0, size), sorted.count)
        guard size > 0 else {
            let below = sorted.count { $0 < baseline }
            return below..<below
        }
        let farthest = { (start: Int) in
            max((sorted[start] - baseline).magnitude, (sorted[start + size - 1] - baseline).magnitude)
        }
        let start = (0...(sorted.count - size)).min { farthest($0) < farthest($1) } ?? 0
        return start..<(start + size)
    }
}
