import Quantities
import RealMath
import Spectra
import Testing

@Suite struct EmissionTests {
    private let seed: UInt64 = 66

    /// What a noise-free, endless droplet would give.
    private func truth(_ bench: SyntheticBench) -> (peak: Double, area: Double) {
        var (peak, area) = (0.0, 0.0)
        for (wavelength, light) in zip(bench.axis.nanometers, bench.light()) {
            if wavelength >= 430, wavelength < 475 { peak = max(peak, light.droplet) }
            if wavelength >= 410, wavelength < 560 { area += light.droplet * 600 / 2067 }
        }
        return (peak, area)
    }

    @Test(arguments: [8.0, 10, 16.8]) func burstsScatterByLessThanOnePercent(flow: Double) throws {
        var bench = try #require(SyntheticBench(seed: seed))
        bench.flow = flow
        let truth = truth(bench)
        var (peaks, areas, centres): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<10 {
            let estimate = try EmissionAnalysis().analyse(bench.emissionBurst())
            #expect(estimate.flags == [] && estimate.dropletCount > 8 && estimate.dropletCount < 40)
            peaks.append(try #require(estimate.feature("pl_peak")).mean / truth.peak)
            areas.append(try #require(estimate.feature("pl_area")).mean / truth.area)
            centres.append(try #require(estimate.feature("pl_centre")).mean)
        }
        let (peak, area, centre) = (Scatter(peaks), Scatter(areas), Scatter(centres))
        print("flow \(flow) uL/s, seed \(seed): peak \(peak), area \(area), centre \(centre)")
        #expect(abs(peak.mean - 1) < 0.01 && peak.deviation < 0.01)
        #expect(abs(area.mean - 1) < 0.01 && area.deviation < 0.01)
        #expect(abs(centre.mean - 450) < 1 && centre.deviation < 0.2)
    }

    @Test func countsAreNormalisedToTheIntegrationTime() throws {
        var bench = try #require(SyntheticBench(seed: seed))
        let truth = truth(bench)
        for (integration, frames) in [(0.01, 200), (0.02, 100)] {
            bench.integration = integration
            let estimate = try EmissionAnalysis().analyse(bench.emissionBurst(frames: frames))
            let peak = try #require(estimate.feature("pl_peak"))
            #expect(abs(peak.mean / truth.peak - 1) < 0.015 && peak.sem < 0.01 * peak.mean)
            #expect(estimate.spectrum?.integration == .milliseconds(100) && peak.unit == .counts)
        }
    }

    @Test func aGivenDarkDoesAsWellAsADarkBand() throws {
        var bench = try #require(SyntheticBench(seed: seed))
        let burst = try bench.emissionBurst()
        let dark = try Spectrum(
            axis: bench.axis, counts: Array(repeating: 1500, count: bench.axis.count), integration: burst.integration)
        let given = try EmissionAnalysis(dark: .spectrum(dark)).analyse(burst)
        let band = try EmissionAnalysis().analyse(burst)
        #expect(given.droplets == band.droplets)
        let (a, b) = (try #require(given.feature("pl_peak")), try #require(band.feature("pl_peak")))
        #expect(abs(a.mean / b.mean - 1) < 0.002)
    }

    @Test func saturationDropoutAndDarknessAreFlagged() throws {
        var bench = try #require(SyntheticBench(seed: seed))
        bench.main = 230_000
        #expect(try EmissionAnalysis().analyse(bench.emissionBurst()).flags == .saturated)
        bench.main = 30_000
        let short = try EmissionAnalysis().analyse(bench.emissionBurst(frames: 3))
        #expect(short.flags.contains(.dropout) && short.flags.names.contains("dropout"))
        (bench.main, bench.short, bench.long) = (0, 0, 0)
        let darkness = try EmissionAnalysis().analyse(bench.emissionBurst())
        #expect(darkness.flags == .unsegmented && darkness.dropletCount == 66)
        #expect(abs(try #require(darkness.feature("pl_peak")).mean) < 15)
    }

    @Test func framesThatAreNoNumbersAreLeftOut() throws {
        var bench = try #require(SyntheticBench(seed: seed))
        let good = try bench.emissionBurst()
        var frames = good.frames
        for index in stride(from: 0, to: 66, by: 5) { frames[index][1000] = .nan }
        let mixed = try Burst(axis: good.axis, frames: frames, integration: good.integration)
        let estimate = try EmissionAnalysis().analyse(mixed)
        #expect(estimate.flags == [] && !estimate.droplets[0] && estimate.frameCount == 66)
        let nothing = try Burst(
            axis: good.axis, frames: good.frames.map { $0.map { _ in .nan } }, integration: good.integration)
        let empty = try EmissionAnalysis().analyse(nothing)
        #expect(empty.flags == .dropout && empty.features == [] && empty.spectrum == nil && nothing.average == nil)
    }

    @Test func anUnsegmentedStreamUsesEveryFrame() throws {
        var bench = try #require(SyntheticBench(seed: seed))
        bench.flow = 0.001
        bench.sourceNoise = 0.001
        var burst = try bench.emissionBurst(frames: 12)
        while try EmissionAnalysis().analyse(burst).flags != [] { burst = try bench.emissionBurst(frames: 12) }
        #expect(try EmissionAnalysis().analyse(burst).dropletCount == 12)
    }

    @Test func whatDoesNotFitTogetherIsAnError() throws {
        var bench = try #require(SyntheticBench(seed: seed))
        let axis = bench.axis
        #expect(throws: SpectraError.emptyBurst) { try Burst(axis: axis, frames: [], integration: .milliseconds(30)) }
        #expect(throws: SpectraError.lengthMismatch(what: "frame 0", found: 3, expected: 2068)) {
            try Burst(axis: axis, frames: [[1, 2, 3]], integration: .milliseconds(30))
        }
        #expect(throws: SpectraError.badIntegration(seconds: 0)) {
            try Spectrum(axis: axis, counts: Array(repeating: 0, count: 2068), integration: .zero)
        }
        let burst = try bench.emissionBurst(frames: 6)
        bench.integration = 0.1
        let dark = try bench.dark()
        #expect(throws: SpectraError.settingMismatch(what: "dark spectrum", found: 0.1, expected: 0.03)) {
            try EmissionAnalysis(dark: .spectrum(dark)).analyse(burst)
        }
        let band = Band(from: 900, to: 950)
        #expect(throws: SpectraError.bandNotCovered(band: band)) { try EmissionAnalysis(peakBand: band).analyse(burst) }
        for bad in [[], [1], [2, 1], [1, 1], [0, 1], [1, .nan], [1, .infinity]] as [[Double]] {
            #expect(throws: SpectraError.self) { try WavelengthAxis(nanometers: bad) }
        }
    }

    @Test func aCalibrationIsAPolynomialInThePixel() {
        let calibration = WavelengthCalibration(coefficients: [200, 0.5, -1e-3])
        #expect(calibration.nanometers(atPixel: 0) == 200)
        #expect(abs(calibration.nanometers(atPixel: 10) - 204.9) < 1e-9)
    }
}

/// Mean and standard deviation of a few results.
struct Scatter: CustomStringConvertible {
    let mean: Double
    let deviation: Double

    init(_ values: [Double]) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        self.mean = mean
        deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
    }

    var description: String { "\(mean) +- \(deviation)" }
}
