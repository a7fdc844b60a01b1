/// Droplet and carrier plugs passing one cell: alternating, 2.1 uL a pair, volumes jittered by 8 %, seen through a
/// window of 0.25 uL. Positions are volumes that have passed the cell, uL.
struct SlugTrain: Sendable {
    static let pairVolume = 2.1
    static let windowVolume = 0.25
    static let jitter = 0.08
    /// Beyond this gap since the last frame the train is drawn anew rather than followed.
    static let longestGap = 60.0

    private var generator: Generator
    /// Ends of the plugs, ascending; `edges[0]` is where the first kept plug starts.
    private var edges: [Double]
    private var firstIsDroplet: Bool

    init(generator: Generator) {
        self.generator = generator
        edges = []
        firstIsDroplet = true
    }

    /// The mean share of the window that droplets fill while the volume `from`..`to` passes; `share` is the droplets'
    /// part of the stream.
    mutating func dropletFraction(from start: Double, to end: Double, share: Double, broken: Bool) -> Double {
        prepare(from: start, to: end + Self.windowVolume, share: share, jitter: broken ? 5 * Self.jitter : Self.jitter)
        let window = Self.windowVolume
        let passed = end - start
        guard passed > 1e-9 else {
            return (dropletVolume(to: start + window) - dropletVolume(to: start)) / window
        }
        let leading = dropletIntegral(from: start + window, to: end + window)
        let trailing = dropletIntegral(from: start, to: end)
        return max(0, min(1, (leading - trailing) / (window * passed)))
    }

    private mutating func prepare(from start: Double, to end: Double, share: Double, jitter: Double) {
        if edges.isEmpty || start - (edges.last ?? start) > Self.longestGap || start < edges[0] {
            edges = [start - generator.uniform(0, Self.pairVolume)]
            firstIsDroplet = generator.next() & 1 == 0
        }
        while edges[edges.count - 1] <= end {
            let droplet = firstIsDroplet == (edges.count % 2 == 1)
            let mean = Self.pairVolume * max(0, min(1, droplet ? share : 1 - share))
            edges.append(edges[edges.count - 1] + max(0.02, mean * max(0.2, 1 + jitter * generator.normal())))
        }
        var passed = 0
        while passed + 2 < edges.count && edges[passed + 2] <= start { passed += 2 }
        if passed > 0 { edges.removeFirst(passed) }
    }

    /// Droplet volume between the first kept edge and `position`.
    private func dropletVolume(to position: Double) -> Double {
        var sum = 0.0
        for index in 1..<edges.count where firstIsDroplet == (index % 2 == 1) {
            sum += max(0, min(edges[index], position) - edges[index - 1])
        }
        return sum
    }

    /// The integral of `dropletVolume` over positions, exactly: it is linear between edges.
    private func dropletIntegral(from start: Double, to end: Double) -> Double {
        var integral = 0.0
        var left = start
        for index in 1..<edges.count where edges[index] > left {
            let right = min(edges[index], end)
            integral += (dropletVolume(to: left) + dropletVolume(to: right)) / 2 * (right - left)
            left = right
            if left >= end { break }
        }
        return integral
    }
}
