import Quantities

/// What a test of steadiness says.
public enum SteadyVerdict: String, Hashable, Sendable, Codable {
    /// Not enough samples yet.
    case insufficient
    case unsteady
    case steady

    /// One verdict for several features: steady when all are (and there is at least one), insufficient when any is.
    public static func combined(_ verdicts: [SteadyVerdict]) -> SteadyVerdict {
        if verdicts.isEmpty || verdicts.contains(.insufficient) { return .insufficient }
        return verdicts.contains(.unsteady) ? .unsteady : .steady
    }
}

/// The numbers behind a verdict, for the certificate of a measurement.
public struct SteadyStatistics: Hashable, Sendable {
    /// Mean over the window, in the unit of the feature.
    public let mean: Double
    /// Slope of the least-squares line, in the unit of the feature per second.
    public let slopePerSecond: Double
    /// Upper bound of the drift over one window, as a fraction of the mean (or of the smallest scale);
    /// infinite when that is 0.
    public let boundFraction: Double
    /// What the bound must stay under.
    public let limitFraction: Double
    /// Samples in the window.
    public let n: Int
}

/// An equivalence test of steadiness: over a sliding window the upper bound of the drift, (|slope| + 1.7 SE) x window, must
/// stay under 3 % of the mean.
///
/// Failing to find a slope is no proof of steadiness; bounding it is. The test knows nothing of transport: the signal is
/// flat until the front arrives, so that it means something only after a transport floor (1.2 tau).
public struct EquivalenceTest: Hashable, Sendable {
    /// Fewest samples a window may have: the standard error needs two more than the line has parameters.
    public static let smallestWindow = 4

    public let window: Int
    public let limitFraction: Double
    /// How many standard errors of the slope are added to it; 1.7 is the one-sided 95 % quantile for 25 samples.
    public let confidenceFactor: Double
    /// The drift is compared with the mean or with this, whichever is larger, in the unit of the feature: it lets a signal
    /// that is as good as absent become steady.
    public let smallestScale: Double
    private var times: [BenchInstant] = []
    private var values: [Double] = []

    /// `window` counts samples (at least `smallestWindow`), `limitFraction` is a fraction of the mean.
    public init(
        window: Int = 25, limitFraction: Double = 0.03, confidenceFactor: Double = 1.7, smallestScale: Double = 0
    ) {
        precondition(
            window >= Self.smallestWindow && limitFraction > 0 && confidenceFactor >= 0 && smallestScale >= 0)
        self.smallestScale = smallestScale
        self.window = window
        self.limitFraction = limitFraction
        self.confidenceFactor = confidenceFactor
    }

    /// Takes the next value. A value that is not finite empties the window: steadiness must be shown anew. A sample that
    /// is not later than the last is ignored.
    public mutating func add(_ value: Double, at now: BenchInstant) {
        if let last = times.last, now <= last { return }
        guard value.isFinite else {
            reset()
            return
        }
        times.append(now)
        values.append(value)
        if values.count > window {
            times.removeFirst()
            values.removeFirst()
        }
    }

    /// Forgets all samples, as after a change of conditions.
    public mutating func reset() {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    public var verdict: SteadyVerdict {
        guard let statistics else { return .insufficient }
        return statistics.boundFraction < limitFraction ? .steady : .unsteady
    }

    /// Nil until the window is full.
    public var statistics: SteadyStatistics? {
        guard values.count == window, let first = times.first, let last = times.last else { return nil }
        let seconds = times.map { ($0 - first).seconds }
        let line = LeastSquaresLine(x: seconds, y: values)
        // n samples stand for n intervals, one more than lie between the first and the last.
        let length = (last - first).seconds * Double(window) / Double(window - 1)
        let drift = (abs(line.slope) + confidenceFactor * line.slopeError) * length
        let scale = max(abs(line.mean), smallestScale)
        return SteadyStatistics(
            mean: line.mean, slopePerSecond: line.slope,
            boundFraction: scale == 0 ? .infinity : drift / scale, limitFraction: limitFraction, n: window)
    }
}
