import Quantities
import RealMath
import Spectra
import Testing

@Suite struct AbsorptionTests {
    @Test(arguments: [0.02, 0.1, 0.4, 1.0]) func absorbanceComesBack(truth: Double) throws {
        let seed: UInt64 = 300
        var bench = try #require(SyntheticBench(seed: seed))
        let analysis = AbsorptionAnalysis(dark: try flatDark(bench), reference: try lamp(bench))
        var values: [Double] = []
        for _ in 0..<8 {
            let estimate = try analysis.analyse(bench.absorptionBurst(absorbance: truth))
            let feature = try #require(estimate.feature("abs_300"))
            #expect(feature.unit == .absorbance && feature.n == estimate.dropletCount)
            values.append(feature.mean)
            // The carrier absorbs nothing, however dark the droplets are.
            #expect(abs(try #require(estimate.carrierAbsorbance)) < 0.004)
        }
        let found = Scatter(values)
        print("absorbance \(truth), seed \(seed): \(found)")
        #expect(abs(found.mean - truth) < 0.012 * truth + 0.001 && found.deviation < 0.01 * truth + 0.001)
    }

    /// A fifth of the lamp's light is gone since the reference was taken: carrier and droplets show it alike.
    @Test(arguments: [0.1, 0.4, 1.0]) func carrierShowsAChangedLamp(truth: Double) throws {
        var bench = try #require(SyntheticBench(seed: 301))
        let brighter = bench.axis.nanometers.map { Float(1500 + bench.lamp($0) / 0.8) }
        let reference = try Spectrum(axis: bench.axis, counts: brighter, integration: .seconds(bench.integration))
        let analysis = AbsorptionAnalysis(dark: try flatDark(bench), reference: reference)
        let estimates = try (0..<4).map { _ in try analysis.analyse(bench.absorptionBurst(absorbance: truth)) }
        for estimate in try estimates + [BurstEstimate(combining: estimates)] {
            #expect(abs(try #require(estimate.carrierAbsorbance) - 0.0969) < 0.004)
        }
    }

    private func flatDark(_ bench: SyntheticBench) throws -> Spectrum {
        let counts = [Float](repeating: 1500, count: bench.axis.count)
        return try Spectrum(axis: bench.axis, counts: counts, integration: .seconds(bench.integration))
    }

    private func lamp(_ bench: SyntheticBench) throws -> Spectrum {
        let counts = bench.axis.nanometers.map { Float(1500 + bench.lamp($0)) }
        return try Spectrum(axis: bench.axis, counts: counts, integration: .seconds(bench.integration))
    }

    @Test func oneSpectrumWithoutNoise() throws {
        let bench = try #require(SyntheticBench(seed: 1))
        let (dark, reference) = (try flatDark(bench), try lamp(bench))
        let counts = bench.axis.nanometers.map { Float(1500 + bench.lamp($0) * 0.1) }
        let sample = try Spectrum(axis: bench.axis, counts: counts, integration: dark.integration)
        let found = try AbsorptionAnalysis.absorbance(of: sample, dark: dark, reference: reference)
        #expect(abs(found - 1) < 1e-4)
        let opaque = try AbsorptionAnalysis.absorbance(of: dark, dark: dark, reference: reference)
        #expect(opaque > 4 && opaque.isFinite)
        #expect(throws: SpectraError.referenceTooDim(band: Band(from: 298, to: 302))) {
            try AbsorptionAnalysis.absorbance(of: sample, dark: dark, reference: dark)
        }
    }

    @Test func averagesServeAsDarkAndReference() throws {
        var bench = try #require(SyntheticBench(seed: 2))
        let frames = try (0..<20).map { _ in try bench.dark().counts }
        let dark = try #require(Burst(axis: bench.axis, frames: frames, integration: .seconds(0.03)).average)
        #expect(dark.counts.allSatisfy { abs($0 - 1500) < 30 })
        bench.integration = 0.02
        let late = try bench.reference()
        let burst = try bench.absorptionBurst(frames: 6, absorbance: 0.4)
        #expect(throws: SpectraError.settingMismatch(what: "dark spectrum", found: 0.03, expected: 0.02)) {
            try AbsorptionAnalysis(dark: dark, reference: late).analyse(burst)
        }
    }
}

@Suite struct ThreeGaussianFitTests {
    @Test func heightsCentresAndWidthsComeBack() throws {
        let seed: UInt64 = 380
        var bench = try #require(SyntheticBench(seed: seed))
        let names = ["main", "short", "long"]
        var heights = [[Double]](repeating: [], count: 3)
        for _ in 0..<8 {
            // Light that all frames share: the fit is judged here, not the splitting of the burst.
            let light = bench.light()
            let counts = light.map { light in
                (0..<20).reduce(Float(0)) { sum, _ in sum + bench.detected(light.droplet + light.scatter) } / 20 - 1500
            }
            let spectrum = try Spectrum(axis: bench.axis, counts: counts, integration: .milliseconds(100))
            let fit = try #require(try ThreeGaussianFit(spectrum))
            #expect(fit.converged && fit.iterations < ThreeGaussianFit.iterationLimit)
            #expect(abs(fit.main.centre - 450) < 0.5 && abs(fit.main.width - 0.46) < 0.01)
            #expect(abs(fit.short.centre - 380) < 0.5 && abs(fit.long.centre - 600) < 3)
            for (index, peak) in [fit.main, fit.short, fit.long].enumerated() { heights[index].append(peak.amplitude) }
        }
        for (index, truth) in [bench.main, bench.short, bench.long].enumerated() {
            let found = Scatter(heights[index].map { $0 / truth })
            print("\(names[index]), seed \(seed): \(found)")
            #expect(abs(found.mean - 1) < 0.005 && found.deviation < 0.02)
        }
    }

    @Test func absentSidePeaksStayNearZero() throws {
        var bench = try #require(SyntheticBench(seed: 381))
        (bench.short, bench.long) = (0, 0)
        let estimate = try EmissionAnalysis().analyse(bench.emissionBurst())
        let spectrum = try #require(estimate.spectrum)
        let fit = try #require(try ThreeGaussianFit(spectrum))
        let features = fit.sideFeatures(n: estimate.dropletCount)
        #expect(features.map(\.name) == ["pl_side_380", "pl_side_600"])
        #expect(features.allSatisfy { abs($0.mean) < 0.01 * bench.main && $0.sem.isFinite })
    }

    @Test func darknessHasNoFitOrAHarmlessOne() throws {
        let axis = try #require(SyntheticBench.axis)
        let zero = try Spectrum(
            axis: axis, counts: Array(repeating: 0, count: axis.count), integration: .milliseconds(100))
        #expect(try ThreeGaussianFit(zero) == nil)
        var random = SeededRandom(seed: 382)
        let noise = try Spectrum(
            axis: axis, counts: (0..<axis.count).map { _ in Float(random.gaussian()) }, integration: .milliseconds(100))
        let fit = try #require(try ThreeGaussianFit(noise))
        #expect(fit.iterations <= ThreeGaussianFit.iterationLimit && fit.main.amplitude.isFinite)
        let visible = try WavelengthAxis(nanometers: (0..<50).map { 800 + Double($0) })
        let infrared = try Spectrum(
            axis: visible, counts: Array(repeating: 1, count: 50), integration: .milliseconds(100))
        #expect(throws: SpectraError.bandNotCovered(band: ThreeGaussianFit.band)) { try ThreeGaussianFit(infrared) }
    }
}

@Suite struct SpeedTests {
    /// Prints rather than judges: a shared machine and a debug build say nothing about the product.
    @Test func howLongABurstAndAFitTake() throws {
        var bench = try #require(SyntheticBench(seed: 5))
        let burst = try bench.emissionBurst()
        let clock = ContinuousClock()
        var spectrum: Spectrum?
        let analysing = try (0..<5).map { _ in
            try clock.measure { spectrum = try EmissionAnalysis().analyse(burst).spectrum }
        }
        let averaged = try #require(spectrum)
        let fitting = try (0..<5).map { _ in try clock.measure { _ = try ThreeGaussianFit(averaged) } }
        print("burst of 66 frames: \(analysing.min() ?? .zero); three-Gaussian fit: \(fitting.min() ?? .zero)")
        #expect(analysing.count == 5 && fitting.count == 5)
    }
}
