import Quantities
import RealMath
import Spectra

/// Frames as the reference model of the plant makes them: Gaussians in energy over a dark of 1500 counts, shot and read
/// noise, droplets and carrier passing a window of 0.25 uL, averaged over the integration time.
struct SyntheticBench {
    static let axis: WavelengthAxis? = try? WavelengthAxis(
        calibration: WavelengthCalibration(coefficients: [200, 600.0 / 2067]), pixels: 2068)
    static let countsPerUnit = 4.2e5

    var random: SeededRandom
    /// Counts at the top of each emission band at 100 ms.
    var main = 30_000.0
    var short = 4000.0
    var long = 1500.0
    var absorbance = 0.4
    /// uL/s.
    var flow = 10.0
    var integration = 0.03
    /// Relative noise of the source, frame by frame.
    var sourceNoise = 0.0098
    var axis: WavelengthAxis

    init?(seed: UInt64) {
        guard let axis = Self.axis else { return nil }
        self.axis = axis
        random = SeededRandom(seed: seed)
    }

    private func bell(_ wavelength: Double, _ centre: Double, _ width: Double) -> Double {
        let z = (1239.84198 / wavelength - 1239.84198 / centre) / (width / 2.354_82)
        return RealMath.exp(-0.5 * z * z)
    }

    /// The emission of a droplet and the scatter of the excitation light, counts at 100 ms.
    func light() -> [(droplet: Double, scatter: Double)] {
        axis.nanometers.map { wavelength in
            let z = (wavelength - 300) / (12 / 2.354_82)
            let droplet =
                main * bell(wavelength, 450, 0.46) + short * bell(wavelength, 380, 0.28)
                + long * bell(wavelength, 600, 0.36)
            return (droplet, 900 * RealMath.exp(-0.5 * z * z))
        }
    }

    /// The share of droplet seen by each of `count` consecutive frames.
    mutating func shares(_ count: Int) -> [Double] {
        var edges = [random.uniform(-2.1..<0)]
        let end = flow * integration * Double(count) + 4.5
        while let last = edges.last, last < end { edges.append(last + 1.05 * max(0.2, 1 + 0.08 * random.gaussian())) }
        let isDroplet: (Double) -> Bool = { place in edges.count(where: { $0 <= place }) % 2 == 1 }
        // The window's mean over the frame, by the midpoints of a fine grid.
        let steps = 12
        return (0..<count).map { frame in
            var inside = 0
            for step in 0..<steps {
                let start = flow * integration * (Double(frame) + (Double(step) + 0.5) / Double(steps))
                for part in 0..<steps where isDroplet(start + 0.25 * (Double(part) + 0.5) / Double(steps)) {
                    inside += 1
                }
            }
            return Double(inside) / Double(steps * steps)
        }
    }

    mutating func detected(_ counts: Double) -> Float {
        let noisy = 1500 + counts + (max(0, counts) * 0.35).squareRoot() * random.gaussian() + 18 * random.gaussian()
        return Float(min(65_535, max(0, noisy.rounded())))
    }

    mutating func emissionBurst(frames count: Int = 66) throws -> Burst {
        let light = light()
        let shares = shares(count)
        let frames = shares.map { share in
            let factor = integration / 0.1 * share * (1 + sourceNoise * random.gaussian())
            return light.map { detected(factor * $0.droplet + integration / 0.1 * $0.scatter) }
        }
        return try Burst(axis: axis, frames: frames, integration: .seconds(integration))
    }

    func lamp(_ wavelength: Double) -> Double {
        let (uv, red) = ((wavelength - 240) / 45, (wavelength - 560) / 150)
        return 11_000 * RealMath.exp(-0.5 * uv * uv) + 36_000 * RealMath.exp(-0.5 * red * red) + 9000
    }

    /// Frames of the lamp through droplets whose absorbance is the same at every wavelength.
    mutating func absorptionBurst(frames count: Int = 66, absorbance: Double) throws -> Burst {
        let shares = shares(count)
        let frames = shares.map { share in
            let factor = RealMath.pow(10, -absorbance * share) * (1 + 0.0026 * random.gaussian())
            return axis.nanometers.map { detected(lamp($0) * factor) }
        }
        return try Burst(axis: axis, frames: frames, integration: .seconds(integration))
    }

    mutating func dark() throws -> Spectrum {
        try Spectrum(
            axis: axis, counts: axis.nanometers.map { _ in detected(0) }, integration: .seconds(integration))
    }

    mutating func reference() throws -> Spectrum {
        try Spectrum(
            axis: axis, counts: axis.nanometers.map { detected(lamp($0)) }, integration: .seconds(integration))
    }
}
