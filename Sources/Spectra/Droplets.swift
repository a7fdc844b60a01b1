/// Which frames of a burst show a droplet from edge to edge.
///
/// Two steps: frames above 0.9 of the 95 % quantile are droplets or their edges; among them, those within 3 % of the median
/// (or three times the detector noise, if that is more) are kept. With 30 ms frames at 8 to 16.8 uL/s this leaves a bias of
/// -0.2 to -0.5 %, where the first step alone has -0.8 to -1.6 %, because edge frames drag its mean down as flow rises.
struct DropletClassifier {
    static let upperQuantile = 0.95
    static let firstThreshold = 0.9
    static let secondTolerance = 0.03
    /// Signals below this many times the noise cannot be told apart.
    static let smallestContrast = 6.0

    let isDroplet: [Bool]
    /// Median signal of the droplet frames.
    let level: Double
    /// Median signal of the frames that show carrier; nil when there is none, or the two cannot be told apart.
    let carrier: Double?
    /// False when the signal is too weak; then every usable frame counts.
    let segmented: Bool

    /// `signals` has one value a frame, rising with the droplet's share; nil for a frame that cannot be used. `noise` is
    /// the detector noise of one signal, in its unit.
    init(signals: [Double?], noise: Double) {
        let usable = signals.compactMap { $0 }.sorted()
        let top = Self.quantile(usable, Self.upperQuantile)
        guard top > Self.smallestContrast * noise, top > 0 else {
            isDroplet = signals.map { $0 != nil }
            level = Self.quantile(usable, 0.5)
            carrier = nil
            segmented = false
            return
        }
        let first = usable.filter { $0 > Self.firstThreshold * top }
        let median = Self.quantile(first, 0.5)
        let threshold = median - max(Self.secondTolerance * median, 3 * noise)
        isDroplet = signals.map { $0.map { $0 > threshold } ?? false }
        level = median
        carrier = Self.carrierLevel(usable, top: top)
        segmented = true
    }

    /// Frames as near to the lowest as droplets are to the highest; edges lie between.
    private static func carrierLevel(_ sorted: [Double], top: Double) -> Double? {
        let bottom = quantile(sorted, 1 - upperQuantile)
        let lowest = sorted.prefix { $0 < bottom + (1 - firstThreshold) * (top - bottom) }
        return lowest.isEmpty ? nil : quantile(Array(lowest), 0.5)
    }

    /// Linear interpolation between the order statistics; 0 for an empty list.
    static func quantile(_ sorted: [Double], _ q: Double) -> Double {
        guard let last = sorted.last else { return 0 }
        let place = q * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }
}
