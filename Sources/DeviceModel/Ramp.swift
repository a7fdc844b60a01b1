import Quantities

/// What a heater can do as a ramp. Its set point moves in steps, because each step is a write to a memory that wears out.
public struct RampLimits: Hashable, Sendable {
    /// A slower ramp would take days.
    public static let slowestKelvinPerMinute = 0.05

    public let fastestKelvinPerMinute: Double
    /// Each step is a multiple of this.
    public let smallestStepKelvin: Double
    /// With coarser ones it would be no ramp.
    public let largestStepKelvin: Double
    /// Set point writes that a ramp may take out of any hour: one for its start, one for each step.
    public let writesPerHour: Int

    /// nil where a heater cannot ramp: not wanted, or too few writes for a start and a step.
    public init?(
        fastestKelvinPerMinute: Double, smallestStepKelvin: Double, largestStepKelvin: Double, writesPerHour: Int
    ) {
        guard fastestKelvinPerMinute >= Self.slowestKelvinPerMinute, smallestStepKelvin > 0, writesPerHour >= 2 else {
            return nil
        }
        self.fastestKelvinPerMinute = fastestKelvinPerMinute
        self.smallestStepKelvin = smallestStepKelvin
        self.largestStepKelvin = max(smallestStepKelvin, largestStepKelvin)
        self.writesPerHour = writesPerHour
    }

    /// The finest steps that change a temperature by so many kelvin at that rate.
    public func steps(over kelvin: Double, kelvinPerMinute rate: Double) throws(RampRefusal) -> RampSteps {
        if let refusal = refusal(ofRate: rate) { throw refusal }
        let inAnHour = min(kelvin.magnitude, 60 * rate)
        let multiple = roundedUp(inAnHour / Double(writesPerHour - 1) / smallestStepKelvin)
        guard let steps = steps(over: kelvin, rate, multiple: max(1, multiple)) else {
            let possible = largestStepKelvin * Double(writesPerHour - 1) / 60
            throw .tooManyWrites(kelvin: kelvin.magnitude, rate, writesPerHour: writesPerHour, possible: possible)
        }
        return steps
    }

    /// nil: such a rate may be asked for.
    public func refusal(ofRate kelvinPerMinute: Double) -> RampRefusal? {
        let range = Self.slowestKelvinPerMinute...fastestKelvinPerMinute
        return range.contains(kelvinPerMinute) ? nil : .rate(kelvinPerMinute, range)
    }

    /// The next coarser steps; nil where those would be too coarse.
    public func coarser(than steps: RampSteps) -> RampSteps? {
        let multiple = (steps.stepKelvin / smallestStepKelvin).rounded()
        return self.steps(
            over: steps.kelvin, steps.kelvinPerMinute, multiple: max(multiple + 1, (multiple * 1.25).rounded()))
    }

    private func steps(over kelvin: Double, _ rate: Double, multiple: Double) -> RampSteps? {
        let step = multiple * smallestStepKelvin
        guard step <= largestStepKelvin + Self.tolerance else { return nil }
        return RampSteps(
            kelvin: kelvin, kelvinPerMinute: rate, stepKelvin: step,
            count: Int(roundedUp(kelvin.magnitude / step)))
    }

    /// Steps are sums of binary fractions.
    private static let tolerance = 1e-6

    private func roundedUp(_ value: Double) -> Double { (value - Self.tolerance).rounded(.up) }
}

/// How a ramp goes: `count` steps of `stepKelvin`, of which the last may be smaller.
public struct RampSteps: Hashable, Sendable {
    /// From start to target; below zero when it cools.
    public let kelvin: Double
    public let kelvinPerMinute: Double
    /// Above zero.
    public let stepKelvin: Double
    public let count: Int

    /// From the start to the end of step `index`, 1 to `count`.
    public func time(ofStep index: Int) -> BenchDuration {
        .seconds(change(atStep: index).magnitude / kelvinPerMinute * 60)
    }

    /// How far from the start step `index` is, in kelvin; the last one is at the target.
    public func change(atStep index: Int) -> Double {
        let way = index >= count ? kelvin.magnitude : stepKelvin * Double(max(0, index))
        return kelvin < 0 ? -way : way
    }

    public var duration: BenchDuration { time(ofStep: count) }
}

/// Why a heater cannot ramp as it was asked to.
public enum RampRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case rate(Double, ClosedRange<Double>)
    /// `possible`: the fastest rate that the writes allow over a long way, in K/min.
    case tooManyWrites(kelvin: Double, Double, writesPerHour: Int, possible: Double)

    public var description: String {
        switch self {
        case .rate(let rate, let range):
            return "a ramp of \(rate) K/min, expected \(range.lowerBound) to \(range.upperBound) K/min"
        case .tooManyWrites(let kelvin, let rate, let writes, let possible):
            let way = (kelvin * 10).rounded() / 10
            return "a ramp over \(way) K at \(rate) K/min needs more than the \(writes) set point writes an hour that "
                + "ramps may take; at most \((possible * 1000).rounded(.down) / 1000) K/min is possible, or "
                + "set_point_writes_per_hour must be raised"
        }
    }
}
