/// How points of the unit cube are drawn, all before the first is run, so that a restarted client draws the same.
public enum SamplingPolicy: String, Sendable, CaseIterable {
    /// Each coordinate of each point on its own.
    case random
    /// Latin hypercube: of `count` equal slices of each coordinate, each holds one point (McKay et al., 1979).
    case lhs
    /// Every combination of some inputs' levels, the others held.
    case grid
    /// One recipe again and again, with a random point between each two: how well the bench repeats itself.
    case replicate

    /// `count` independent points of `dimensions` coordinates, each 0 or more and below 1; the first points of a longer
    /// draw are those of a shorter one.
    public static func random(_ count: Int, dimensions: Int, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in (0..<dimensions).map { _ in generator.unit() } }
    }

    /// `count` points of `dimensions` coordinates, each 0 or more and below 1; another count gives other points.
    public static func latinHypercube(_ count: Int, dimensions: Int, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        let columns = (0..<dimensions).map { _ in column(count, &generator) }
        return (0..<count).map { point in columns.map { $0[point] } }
    }

    /// Every combination of `levels`, the last coordinate fastest. Levels are even and reach both ends, 0 and 1; a single
    /// one lies in the middle.
    public static func grid(levels: [Int]) -> [[Double]] {
        levels.reduce([[]]) { points, count in
            points.flatMap { point in (0..<count).map { point + [count == 1 ? 0.5 : Double($0) / Double(count - 1)] } }
        }
    }

    private static func column(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
        var slices = Array(0..<count)
        slices.shuffle(using: &generator)
        let top = 1.0.nextDown
        return slices.map { min(top, (Double($0) + generator.unit()) / Double(count)) }
    }
}
