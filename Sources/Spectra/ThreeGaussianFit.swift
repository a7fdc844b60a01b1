import Quantities
import RealMath

/// One Gaussian in photon energy.
public struct GaussianPeak: Hashable, Sendable {
    /// Height, in the counts of the spectrum.
    public let amplitude: Double
    /// Standard error of the height from the scatter about the fit; infinite when the fit does not determine it.
    public let amplitudeError: Double
    /// nm.
    public let centre: Double
    /// Full width at half maximum, eV.
    public let width: Double
}

/// The emission as a sum of three Gaussians in photon energy and an offset: the main band near 450 nm and the side peaks near
/// 380 nm (excess oleic acid) and 600 nm (a second population), by Levenberg-Marquardt with bounded steps.
///
/// Centres stay within 0.1 eV of where they are expected and widths within a factor of 1.6, so that a peak which is not
/// there cannot take over another's part; its height then comes out near 0, and may be negative within its error.
public struct ThreeGaussianFit: Hashable, Sendable {
    public static let iterationLimit = 60
    /// Where the fit looks, nm: clear of the excitation light at 300 nm.
    public static let band = Band(from: 340, to: 720)

    public let main: GaussianPeak
    /// Near 380 nm.
    public let short: GaussianPeak
    /// Near 600 nm.
    public let long: GaussianPeak
    public let offset: Double
    public let iterations: Int
    /// False when the iterations ran out first.
    public let converged: Bool

    /// `spectrum` is a mean droplet spectrum above dark (`BurstEstimate.spectrum`). Nil when it has no light; throws when
    /// the band is not covered.
    public init?(_ spectrum: Spectrum) throws(SpectraError) {
        let points = GaussianFitPoints(spectrum, pixels: try spectrum.axis.pixels(in: Self.band))
        guard let highest = points.counts.max(), highest > 0, highest.isFinite, points.counts.count > 20 else {
            return nil
        }
        var fit = LevenbergMarquardt(points: points, highest: highest)
        fit.run(limit: Self.iterationLimit)
        let errors = fit.errors()
        main = Self.peak(fit.values, errors, 0)
        short = Self.peak(fit.values, errors, 1)
        long = Self.peak(fit.values, errors, 2)
        offset = fit.values[9]
        iterations = fit.iterations
        converged = fit.converged
    }

    /// The side peaks as features `pl_side_380` and `pl_side_600` [counts], from a spectrum that is the mean of `n` frames;
    /// one that the fit does not determine is left out.
    public func sideFeatures(n: Int) -> [Feature] {
        [("pl_side_380", short), ("pl_side_600", long)].filter { $0.1.amplitudeError.isFinite }.map { name, peak in
            Feature(name: name, mean: peak.amplitude, sem: peak.amplitudeError, n: n, unit: .counts)
        }
    }

    private static func peak(_ values: [Double], _ errors: [Double]?, _ index: Int) -> GaussianPeak {
        GaussianPeak(
            amplitude: values[3 * index], amplitudeError: errors?[3 * index] ?? .infinity,
            centre: electronvoltNanometers / values[3 * index + 1],
            width: values[3 * index + 2] * widthPerSigma)
    }
}

/// Full width at half maximum over standard deviation: 2 sqrt(2 ln 2).
private let widthPerSigma = 2.354_820_045

/// The spectrum as points of energy; a few pixels are averaged to one point, far narrower than any peak.
struct GaussianFitPoints {
    static let pixelsPerPoint = 4
    private(set) var energies: [Double] = []
    private(set) var counts: [Double] = []

    init(_ spectrum: Spectrum, pixels: Range<Int>) {
        for start in stride(from: pixels.lowerBound, to: pixels.upperBound, by: Self.pixelsPerPoint) {
            let group = start..<min(start + Self.pixelsPerPoint, pixels.upperBound)
            let n = Double(group.count)
            energies.append(group.reduce(0) { $0 + electronvoltNanometers / spectrum.axis.nanometers[$1] } / n)
            counts.append(group.reduce(0) { $0 + Double(spectrum.counts[$1]) } / n)
        }
    }
}

/// Height, centre [eV] and standard deviation [eV] of three peaks, then the offset: ten values.
struct LevenbergMarquardt {
    private static let smallestGain = 1e-9
    private static let greatestDamping = 1e8

    private let points: GaussianFitPoints
    private let lower: [Double]
    private let upper: [Double]
    private(set) var values: [Double]
    private(set) var iterations = 0
    private(set) var converged = false
    private var cost = Double.infinity
    private var normal = NormalEquations(size: 10)
    private var gradient = [Double](repeating: 0, count: 10)

    init(points: GaussianFitPoints, highest: Double) {
        self.points = points
        var values: [Double] = []
        var lower: [Double] = []
        var upper: [Double] = []
        for (share, centre, sigma) in [(1.0, 2.755, 0.195), (0.2, 3.263, 0.119), (0.05, 2.066, 0.153)] {
            values += [share * highest, centre, sigma]
            lower += [-10 * highest, centre - 0.1, sigma / 1.6]
            upper += [10 * highest, centre + 0.1, sigma * 1.6]
        }
        self.values = values + [0]
        self.lower = lower + [-10 * highest]
        self.upper = upper + [10 * highest]
    }

    mutating func run(limit: Int) {
        cost = linearise(at: values)
        var damping = 1e-3
        while iterations < limit, !converged {
            iterations += 1
            guard let step = normal.solution(damping: damping) else {
                damping *= 10
                continue
            }
            let candidate = values.indices.map { min(max(values[$0] + step[$0], lower[$0]), upper[$0]) }
            let before = normal
            let candidateCost = linearise(at: candidate)
            if candidateCost <= cost {
                converged = cost - candidateCost <= Self.smallestGain * cost
                (values, cost) = (candidate, candidateCost)
                damping = max(damping / 10, 1e-9)
            } else {
                normal = before
                damping *= 10
                converged = damping > Self.greatestDamping
            }
        }
    }

    /// Standard errors of the ten values; nil when they are not determined.
    func errors() -> [Double]? {
        let freedom = Double(points.counts.count - values.count)
        return normal.inverseDiagonal()?.map { ($0 * cost / freedom).squareRoot() }
    }

    /// The sum of squared residuals at `values`; leaves the normal equations there.
    private mutating func linearise(at values: [Double]) -> Double {
        normal.clear()
        var sum = 0.0
        for (energy, counts) in zip(points.energies, points.counts) {
            var model = values[9]
            for first in stride(from: 0, to: 9, by: 3) {
                let (height, sigma) = (values[first], values[first + 2])
                let z = (energy - values[first + 1]) / sigma
                let bell = RealMath.exp(-0.5 * z * z)
                model += height * bell
                gradient[first] = bell
                gradient[first + 1] = height * bell * z / sigma
                gradient[first + 2] = height * bell * z * z / sigma
            }
            gradient[9] = 1
            sum += (counts - model) * (counts - model)
            normal.add(gradient: gradient, residual: counts - model)
        }
        return sum
    }
}
