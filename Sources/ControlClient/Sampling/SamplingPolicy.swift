/// How points of the unit cube are drawn, all before the first is run, so that a restarted client draws the same.
public enum SamplingPolicy: String, Sendable, CaseIterable {
    /// Each coordinate of each point on its own.
    case random
    /// Latin hypercube: of `count` equal slices of each coordinate, each holds one point (McKay et al., 1979).
    case lhs

    /// `count` points of `dimensions` coordinates, each 0 or more and below 1.
    public func points(_ count: Int, dimensions: Int, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        switch self {
        case .random: return (0..<count).map { _ in (0..<dimensions).map { _ in generator.unit() } }
        case .lhs:
            let columns = (0..<dimensions).map { _ in Self.column(count, &generator) }
            return (0..<count).map { point in columns.map { $0[point] } }
        }
    }

    private static func column(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
        var slices = Array(0..<count)
        slices.shuffle(using: &generator)
        let top = 1.0.nextDown
        return slices.map { min(top, (Double($0) + generator.unit()) / Double(count)) }
    }
}
