import Quantities
import RealMath
import SteadyState
import Testing

/// A mean of 1000 with AR(1) noise and a ramp, one sample a second.
struct NoisySignal {
    var random: SeededRandom
    let phi: Double
    let sigma: Double
    /// Per second, as a fraction of the mean.
    let ramp: Double
    private var noise = 0.0

    init(seed: UInt64, phi: Double, sigma: Double, ramp: Double = 0) {
        random = SeededRandom(seed: seed)
        (self.phi, self.sigma, self.ramp) = (phi, sigma, ramp)
        noise = sigma * random.gaussian()
    }

    mutating func value(at second: Int) -> Double {
        noise = phi * noise + (1 - phi * phi).squareRoot() * sigma * random.gaussian()
        return 1000 * (1 + noise + ramp * Double(second))
    }
}

extension SeededRandom {
    /// Standard normal, by Box and Muller.
    mutating func gaussian() -> Double {
        let radius = (-2 * RealMath.log(uniform(.leastNormalMagnitude..<1))).squareRoot()
        return radius * RealMath.cos(2 * Double.pi * uniform())
    }
}

@Suite struct SteadyStateTests {
    private let seed: UInt64 = 2026

    private func at(_ second: Double) -> BenchInstant { .zero + .seconds(second) }

    /// The share of independent windows that the test calls steady.
    private func acceptance(phi: Double, sigma: Double, ramp: Double = 0, runs: Int = 400) -> Double {
        let accepted = (0..<runs).count { run in
            var signal = NoisySignal(seed: seed &+ UInt64(run) &* 7919, phi: phi, sigma: sigma, ramp: ramp)
            var test = EquivalenceTest()
            for second in 0..<25 { test.add(signal.value(at: second), at: at(Double(second))) }
            return test.verdict == .steady
        }
        return Double(accepted) / Double(runs)
    }

    @Test func anExactRampGivesItsSlopeAndDrift() throws {
        var test = EquivalenceTest(window: 25, limitFraction: 0.03)
        for second in 0..<25 { test.add(100 + 0.1 * Double(second), at: at(Double(second) * 2)) }
        let found = try #require(test.statistics)
        #expect(abs(found.mean - 101.2) < 1e-9 && abs(found.slopePerSecond - 0.05) < 1e-12)
        #expect(abs(found.boundFraction - 25 * 0.1 / 101.2) < 1e-9)
        #expect(found.n == 25 && found.limitFraction == 0.03 && test.verdict == .steady)
    }

    @Test func theVerdictWaitsForAFullWindowAndFollowsTheLimit() {
        var test = EquivalenceTest(window: 5, limitFraction: 0.03)
        for second in 0..<4 { test.add(10, at: at(Double(second))) }
        #expect(test.verdict == .insufficient && test.statistics == nil)
        test.add(10, at: at(4))
        #expect(test.verdict == .steady)
        test.add(11, at: at(5))
        #expect(test.verdict == .unsteady)
        for second in 6..<11 { test.add(11, at: at(Double(second))) }
        #expect(test.verdict == .steady)
    }

    @Test func badSamplesNeverCountAsSteady() {
        var test = EquivalenceTest(window: 4)
        for second in 0..<4 { test.add(10, at: at(Double(second))) }
        test.add(99, at: at(3))
        test.add(99, at: at(1))
        #expect(test.verdict == .steady, "samples that are not later are ignored")
        test.add(.nan, at: at(5))
        #expect(test.verdict == .insufficient)
        for second in 6..<10 { test.add(0, at: at(Double(second))) }
        #expect(test.statistics?.boundFraction == .infinity && test.verdict == .unsteady)
        test.reset()
        #expect(test.verdict == .insufficient)
    }

    @Test func anAbsentSignalIsSteadyOnItsScale() {
        var random = SeededRandom(seed: seed)
        var (plain, scaled) = (EquivalenceTest(), EquivalenceTest(smallestScale: 1000))
        for second in 0..<25 {
            let value = 10 * random.gaussian()
            plain.add(value, at: at(Double(second)))
            scaled.add(value, at: at(Double(second)))
        }
        #expect(plain.verdict == .unsteady && scaled.verdict == .steady)
    }

    @Test func steadyNoiseIsAcceptedAndRampsAreRefused() {
        let steady = acceptance(phi: 0.3, sigma: 0.01)
        let quiet = acceptance(phi: 0.3, sigma: 0.003)
        // A drift of 3 % a window is just at the limit, 5 % a window clearly beyond it.
        let limit = acceptance(phi: 0.3, sigma: 0.01, ramp: 0.03 / 25)
        let beyond = acceptance(phi: 0.3, sigma: 0.01, ramp: 0.05 / 25)
        print("equivalence test, seed \(seed): steady 1 % \(steady), 0.3 % \(quiet); ramp 3 % \(limit), 5 % \(beyond)")
        #expect(steady > 0.5 && quiet > 0.99)
        #expect(limit < 0.2 && beyond < 0.02)
    }

    @Test func combinedVerdictsNeedEveryFeature() {
        #expect(SteadyVerdict.combined([]) == .insufficient)
        #expect(SteadyVerdict.combined([.steady, .steady]) == .steady)
        #expect(SteadyVerdict.combined([.steady, .unsteady]) == .unsteady)
        #expect(SteadyVerdict.combined([.unsteady, .insufficient]) == .insufficient)
    }

    /// The median of R over steady runs of 60 samples.
    private func medianRatio(phi: Double, every: Int = 1, ramp: Double = 0) -> Double {
        let ratios = (0..<300).compactMap { run -> Double? in
            var signal = NoisySignal(seed: seed &+ UInt64(run) &* 104_729, phi: phi, sigma: 0.01, ramp: ramp)
            var statistic = CaoRhinehart(every: every)
            for second in 0..<(60 * every) { statistic.add(signal.value(at: second)) }
            return statistic.ratio
        }
        return ratios.sorted()[ratios.count / 2]
    }

    @Test func theRatioIsNearOneWhenSteadyAndGrowsWithDriftAndCorrelation() {
        let (white, correlated) = (medianRatio(phi: 0), medianRatio(phi: 0.8))
        let (decimated, drifting) = (medianRatio(phi: 0.8, every: 10), medianRatio(phi: 0, ramp: 0.005))
        print(
            "Cao-Rhinehart R, seed \(seed): white \(white), AR(1) 0.8 \(correlated), decimated \(decimated), ramp \(drifting)"
        )
        #expect(white > 0.8 && white < 1.2)
        #expect(correlated > 2.2 && correlated < 4.5)
        #expect(decimated > 0.7 && decimated < 1.5)
        #expect(drifting > 2.5)
    }

    @Test func theRatioNeedsItsWarmUpAndKnowsConstants() {
        var statistic = CaoRhinehart()
        for _ in 0..<5 { statistic.add(3) }
        statistic.add(.nan)
        #expect(statistic.ratio == nil)
        for _ in 0..<5 { statistic.add(3) }
        #expect(statistic.ratio == 1)
    }
}
