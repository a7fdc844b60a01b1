/// The R statistic of Cao and Rhinehart (J. Process Control 5(6), 1995, 363-374): two estimates of the variance, one about a
/// filtered mean and one from successive differences; their ratio is near 1 for a steady, uncorrelated signal and grows
/// when the signal moves.
///
/// Autocorrelation inflates it (median 2.6 to 3.9 for AR(1) noise of 0.8): decimate with `every`, or calibrate the threshold.
public struct CaoRhinehart: Hashable, Sendable {
    /// Samples that set the start values.
    public static let warmUp = 6

    private struct Factors: Hashable, Sendable {
        let mean: Double
        let variance: Double
        let difference: Double
    }

    private let lambda: Factors
    private let every: Int
    private var skipped: Int
    private var start: [Double] = []
    private var filtered = 0.0
    private var variance = 0.0
    private var difference = 0.0
    private var previous = 0.0

    /// Filter factors for the mean, the variance about it and the squared differences; only each `every`-th sample counts.
    public init(mean: Double = 0.2, variance: Double = 0.1, difference: Double = 0.1, every: Int = 1) {
        precondition(every >= 1 && [mean, variance, difference].allSatisfy { $0 > 0 && $0 < 1 })
        lambda = Factors(mean: mean, variance: variance, difference: difference)
        self.every = every
        skipped = every - 1
    }

    /// Takes the next value, equally spaced in time; one that is not finite is ignored.
    public mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        skipped += 1
        guard skipped == every else { return }
        skipped = 0
        if start.count < Self.warmUp {
            start.append(value)
            if start.count == Self.warmUp { begin() }
        } else {
            filter(value)
        }
    }

    /// Nil until the warm-up is over; infinite when the differences are all zero but the mean moved, 1 when nothing moved.
    public var ratio: Double? {
        guard start.count == Self.warmUp else { return nil }
        if difference == 0 { return variance == 0 ? 1 : .infinity }
        return (2 - lambda.mean) * variance / difference
    }

    private mutating func begin() {
        let n = Double(start.count)
        filtered = start.reduce(0, +) / n
        variance = start.reduce(0) { $0 + ($1 - filtered) * ($1 - filtered) } / n
        difference = zip(start, start.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) } / (n - 1)
        previous = start[start.count - 1]
    }

    private mutating func filter(_ value: Double) {
        let deviation = value - filtered
        let step = value - previous
        variance += lambda.variance * (deviation * deviation - variance)
        filtered += lambda.mean * deviation
        difference += lambda.difference * (step * step - difference)
        previous = value
    }
}
