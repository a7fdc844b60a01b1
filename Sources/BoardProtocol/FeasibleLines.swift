/// All lines that pass above every lower point and below every upper point, with slopes in a range.
///
/// A line is `y = height + slope * x`. Of all slopes a line of slope s may have heights from `floor(s)` to `ceiling(s)`;
/// the room between them is concave in s, and linear between the slopes of the hulls' edges, so that everything asked
/// here is found exactly by looking at those slopes.
struct FeasibleLines: Sendable {
    struct Point: Hashable, Sendable {
        let x: Double
        let y: Double
    }

    /// Of all feasible lines.
    let slopes: ClosedRange<Double>
    /// The middle of the widest strip between the points.
    let slope: Double
    let height: Double
    private let lower: Hull
    private let upper: Hull

    /// - Parameters:
    ///   - lower: not empty, as is `upper`.
    ///   - wanted: the slope that is taken where the points leave it open.
    ///   - reluctance: of two slopes the one farther from the wanted one must give a strip wider by this times how much
    ///     farther it is. It has the unit of x.
    /// - Returns: nil where no line is feasible.
    init?(
        above lower: [Point], below upper: [Point], slopes allowed: ClosedRange<Double>, wanted: Double,
        reluctance: Double
    ) {
        self.lower = Hull(lower, isUpper: false)
        self.upper = Hull(upper, isUpper: true)
        let room = Room(self.lower, self.upper, allowed, wanted)
        guard let slopes = room.slopes, let best = room.best(wanted, reluctance) else { return nil }
        self.slopes = slopes
        slope = best
        height = (self.lower.height(slope) + self.upper.height(slope)) / 2
    }

    func value(at x: Double) -> Double { height + slope * x }

    /// Between the lowest and the highest feasible line there.
    func bounds(at x: Double) -> (lowest: Double, highest: Double) {
        let high = min(max(upper.slope(at: x), slopes.lowerBound), slopes.upperBound)
        // Seen from below everything is mirrored.
        let low = min(max(lower.slope(at: x), slopes.lowerBound), slopes.upperBound)
        return (lower.height(low) + low * x, upper.height(high) + high * x)
    }
}

/// The points that bound a line of any slope, from left to right.
private struct Hull: Sendable {
    private var points: [FeasibleLines.Point] = []
    /// Upper points bound lines from above, and their hull is convex.
    private let isUpper: Bool

    init(_ all: [FeasibleLines.Point], isUpper: Bool) {
        self.isUpper = isUpper
        for point in all.sorted(by: { $0.x < $1.x }) { add(point) }
    }

    private mutating func add(_ point: FeasibleLines.Point) {
        if let last = points.last, last.x == point.x {
            guard isUpper ? point.y < last.y : point.y > last.y else { return }
            points.removeLast()
        }
        while points.count > 1, !isNeeded(points[points.count - 1], between: points[points.count - 2], and: point) {
            points.removeLast()
        }
        points.append(point)
    }

    private func isNeeded(
        _ middle: FeasibleLines.Point, between left: FeasibleLines.Point, and right: FeasibleLines.Point
    ) -> Bool {
        let straight = (middle.y - left.y) * (right.x - left.x) - (right.y - left.y) * (middle.x - left.x)
        return isUpper ? straight < 0 : straight > 0
    }

    var edges: [Double] { points.indices.dropLast().map(edge) }

    /// Slope from a point to the next.
    private func edge(_ index: Int) -> Double {
        (points[index + 1].y - points[index].y) / (points[index + 1].x - points[index].x)
    }

    /// The bound for the height of a line with this slope.
    func height(_ slope: Double) -> Double {
        let heights = points.lazy.map { $0.y - slope * $0.x }
        return (isUpper ? heights.min() : heights.max()) ?? 0
    }

    /// Of the line that comes closest to the hull at `x`: its edge there, and infinitely steep beyond its ends.
    func slope(at x: Double) -> Double {
        let rising = isUpper ? Double.infinity : -Double.infinity
        guard let first = points.first, x > first.x else { return -rising }
        guard let right = points.firstIndex(where: { $0.x >= x }) else { return rising }
        return edge(right - 1)
    }
}

/// The room between the bounds of a line's height, by its slope.
private struct Room {
    private let corners: [(slope: Double, width: Double)]

    init(_ lower: Hull, _ upper: Hull, _ allowed: ClosedRange<Double>, _ wanted: Double) {
        let turns = (lower.edges + upper.edges + [wanted]).filter {
            $0 > allowed.lowerBound && $0 < allowed.upperBound
        }
        corners = ([allowed.lowerBound] + turns.sorted() + [allowed.upperBound]).map {
            ($0, upper.height($0) - lower.height($0))
        }
    }

    /// Of those with room, the one with the widest, as far as reluctance lets it.
    func best(_ wanted: Double, _ reluctance: Double) -> Double? {
        let worth = { (corner: (slope: Double, width: Double)) in
            corner.width - reluctance * abs(corner.slope - wanted)
        }
        return corners.filter { $0.width >= 0 }.max { worth($0) < worth($1) }?.slope
    }

    /// All slopes with room.
    var slopes: ClosedRange<Double>? {
        guard let first = corners.firstIndex(where: { $0.width >= 0 }),
            let last = corners.lastIndex(where: { $0.width >= 0 })
        else { return nil }
        let lowest = first == 0 ? corners[0].slope : crossing(first - 1)
        let highest = last == corners.count - 1 ? corners[last].slope : crossing(last)
        return min(lowest, highest)...highest
    }

    /// Where the room begins or ends, between this corner and the next.
    private func crossing(_ index: Int) -> Double {
        let (left, right) = (corners[index], corners[index + 1])
        let share = -left.width / (right.width - left.width)
        return left.slope + min(max(share, 0), 1) * (right.slope - left.slope)
    }
}
