import Quantities
import RealMath
import Spectra
import Testing

/// Several bursts as one measurement.
@Suite struct CombiningTests {
    @Test func theMeanIsThatOfTheBurstsAndTheErrorThatBetweenThem() throws {
        let seed: UInt64 = 390
        print("seed \(seed)")
        var bench = try #require(SyntheticBench(seed: seed))
        // A light source that wanders between bursts, not within them.
        let levels = [0.95, 0.98, 1.0, 1.02, 1.05]
        let main = bench.main
        var estimates: [BurstEstimate] = []
        for level in levels {
            bench.main = main * level
            estimates.append(try EmissionAnalysis().analyse(bench.emissionBurst(frames: 40)))
        }
        let together = try BurstEstimate(combining: estimates)
        let means = try estimates.map { try #require($0.feature("pl_peak")).mean }
        let mean = means.reduce(0, +) / 5
        let deviation = (means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
        let peak = try #require(together.feature("pl_peak"))
        #expect(abs(peak.mean / mean - 1) < 1e-9)
        #expect(abs(peak.sem / (deviation / 5.0.squareRoot()) - 1) < 1e-9)
        // The error within one burst says far too little of how well the level is known.
        let within = try #require(estimates[0].feature("pl_peak")).sem
        print("sem between bursts \(peak.sem), within one \(within)")
        #expect(peak.sem > 2 * within)
        #expect(peak.n == estimates.reduce(0) { $0 + $1.dropletCount } && together.frameCount == 200)
        #expect(together.flags.isEmpty)
        let spectrum = try #require(together.spectrum)
        let weighted = try estimates.reduce(0.0) { sum, estimate in
            sum + Double(try #require(estimate.spectrum).counts[1000]) * Double(estimate.dropletCount)
        }
        #expect(abs(Double(spectrum.counts[1000]) - weighted / Double(together.dropletCount)) < 0.1)
    }

    /// What cannot be used is left out; one that is over the top makes the whole doubtful.
    @Test func flagsOfTheWhole() throws {
        print("seed 391")
        var bench = try #require(SyntheticBench(seed: 391))
        let good = try EmissionAnalysis().analyse(bench.emissionBurst(frames: 40))
        let nan = [Float](repeating: .nan, count: bench.axis.count)
        let broken = try EmissionAnalysis().analyse(
            Burst(axis: bench.axis, frames: [nan, nan], integration: .seconds(bench.integration)))
        #expect(broken.flags.contains(.dropout))
        let most = try BurstEstimate(combining: [good, broken, good])
        #expect(!most.flags.contains(.dropout) && most.frameCount == 82)
        #expect(most.feature("pl_peak")?.mean == good.feature("pl_peak")?.mean)
        let few = try BurstEstimate(combining: [good, broken, broken, broken, good])
        #expect(few.flags.contains(.dropout))
        // One that can be used of five is no measurement, nor is none of two.
        #expect(try BurstEstimate(combining: [broken, good, broken, broken, broken]).flags.contains(.dropout))
        #expect(try BurstEstimate(combining: [broken, broken]).flags.contains(.dropout))
        bench.main = 500_000
        let bright = try EmissionAnalysis().analyse(bench.emissionBurst(frames: 40))
        #expect(bright.flags.contains(.saturated))
        #expect(try BurstEstimate(combining: [good, bright, good]).flags.contains(.saturated))
        #expect(throws: SpectraError.emptyBurst) { try BurstEstimate(combining: []) }
        #expect(try BurstEstimate(combining: [good]) == good)
    }

    @Test func burstsOfTwoSpectrometersDoNotMix() throws {
        print("seed 392")
        var bench = try #require(SyntheticBench(seed: 392))
        let one = try EmissionAnalysis().analyse(bench.emissionBurst(frames: 40))
        bench.axis = try WavelengthAxis(
            calibration: WavelengthCalibration(coefficients: [200, 600.0 / 1023]), pixels: 1024)
        let other = try EmissionAnalysis().analyse(bench.emissionBurst(frames: 40))
        #expect(throws: SpectraError.lengthMismatch(what: "burst", found: 1024, expected: 2068)) {
            try BurstEstimate(combining: [one, other])
        }
    }
}

/// Absorbance pixel by pixel.
@Suite struct AbsorbanceSpectrumTests {
    @Test func eachPixelHasItsOwnAbsorbance() throws {
        let bench = try #require(SyntheticBench(seed: 393))
        let truth = bench.axis.nanometers.map { 0.8 * RealMath.exp(-($0 - 300) * ($0 - 300) / 5000) }
        let sample = try spectrum(
            bench, zip(bench.axis.nanometers, truth).map { 1500 + bench.lamp($0) * RealMath.pow(10, -$1) })
        let found = try analysis(bench).spectrum(of: sample)
        #expect(found.axis == sample.axis && found.integration == sample.integration)
        #expect(zip(found.counts, truth).allSatisfy { abs(Double($0) - $1) < 1e-3 })
    }

    /// No light: not a number, not a large one. Nothing that comes through: a large one, not infinity.
    @Test func whereNothingIsKnownNothingIsSaid() throws {
        let bench = try #require(SyntheticBench(seed: 394))
        var lamp = bench.axis.nanometers.map { 1500 + bench.lamp($0) }
        lamp[10] = 1500
        lamp[11] = 1499
        let analysis = AbsorptionAnalysis(dark: try dark(bench), reference: try spectrum(bench, lamp))
        var counts = lamp
        counts[20] = 1500
        counts[21] = 1400
        let found = try analysis.spectrum(of: try spectrum(bench, counts)).counts
        #expect(found[10].isNaN && found[11].isNaN)
        #expect(found[20].isFinite && found[20] > 3 && found[21].isFinite && found[21] > 3)
        #expect(found[30] == 0)
    }

    @Test func settingsMustAgree() throws {
        var bench = try #require(SyntheticBench(seed: 395))
        let analysis = try analysis(bench)
        bench.integration = 0.02
        let sample = try spectrum(bench, bench.axis.nanometers.map { _ in 2000 })
        #expect(throws: SpectraError.settingMismatch(what: "dark spectrum", found: 0.03, expected: 0.02)) {
            try analysis.spectrum(of: sample)
        }
    }

    private func analysis(_ bench: SyntheticBench) throws -> AbsorptionAnalysis {
        AbsorptionAnalysis(
            dark: try dark(bench), reference: try spectrum(bench, bench.axis.nanometers.map { 1500 + bench.lamp($0) }))
    }

    private func dark(_ bench: SyntheticBench) throws -> Spectrum {
        try spectrum(bench, bench.axis.nanometers.map { _ in 1500 })
    }

    private func spectrum(_ bench: SyntheticBench, _ counts: [Double]) throws -> Spectrum {
        try Spectrum(axis: bench.axis, counts: counts.map { Float($0) }, integration: .seconds(bench.integration))
    }
}
