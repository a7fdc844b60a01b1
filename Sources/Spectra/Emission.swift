import Quantities
import RealMath

/// The dark level of emission frames.
public enum DarkSource: Hashable, Sendable {
    /// The mean over a band without light, frame by frame.
    case band(Band)
    /// A spectrum taken with the light shut and the same setting.
    case spectrum(Spectrum)
}

/// Features of photoluminescence (PL) from a burst of frames in segmented flow.
///
/// Counts are above dark and normalised to an integration time of 100 ms, so that they compare across settings:
/// - `pl_peak`: the largest value between 430 and 475 nm of the mean droplet spectrum, smoothed over 9 pixels [counts per 100 ms].
/// - `pl_area`: the area from 410 to 560 nm [counts x nm per 100 ms].
/// - `pl_centre`: the top of a Gaussian in energy through 430 to 475 nm [nm]; left out when there is no peak.
///
/// Standard errors take the droplet frames as independent.
public struct EmissionAnalysis: Hashable, Sendable {
    /// All counts are reported for this integration time, s.
    public static let normalSeconds = 0.1

    public let dark: DarkSource
    public let peakBand: Band
    public let areaBand: Band
    /// Width of the moving average, pixels; odd.
    public let smoothing: Int

    /// By default the dark comes from 210 to 270 nm, where neither sample nor 300 nm excitation shines.
    public init(
        dark: DarkSource = .band(Band(from: 210, to: 270)), peakBand: Band = Band(from: 430, to: 475),
        areaBand: Band = Band(from: 410, to: 560), smoothing: Int = 9
    ) {
        precondition(smoothing > 0 && smoothing % 2 == 1)
        self.dark = dark
        self.peakBand = peakBand
        self.areaBand = areaBand
        self.smoothing = smoothing
    }

    /// Throws when a band is not covered, or when a given dark has another length or integration time.
    public func analyse(_ burst: Burst) throws(SpectraError) -> BurstEstimate {
        let area = try burst.axis.pixels(in: areaBand)
        let peak = try burst.axis.pixels(in: peakBand)
        let darkLevel = try DarkLevel(dark, burst)
        let usable = burst.frames.map(isFinite)
        guard usable.contains(true) else { return .nothing(frames: burst.frames.count) }
        let signals = zip(burst.frames, usable).map { frame, good in
            good ? darkLevel.mean(of: frame, over: area) : nil
        }
        let noise = Self.noise(of: burst.frames, usable, over: area)
        let classes = DropletClassifier(signals: signals, noise: noise)
        let frames = zip(burst.frames, classes.isDroplet).filter { $0.1 }.map { $0.0 }
        let flags = BurstLimits.flags(frames, segmented: classes.segmented)
        let scale = Self.normalSeconds / burst.integration.seconds
        let mean = meanAboveDark(frames, darkLevel, scale)
        let extractor = EmissionExtractor(
            axis: burst.axis, dark: darkLevel, scale: scale, area: area, peak: peak, half: smoothing / 2)
        let counts = mean.map(Float.init)
        let spectrum = try Spectrum(axis: burst.axis, counts: counts, integration: .seconds(Self.normalSeconds))
        return BurstEstimate(
            droplets: classes.isDroplet, spectrum: spectrum, features: extractor.features(of: frames, mean: mean),
            flags: flags)
    }

    private func meanAboveDark(_ frames: [[Float]], _ dark: DarkLevel, _ scale: Double) -> [Double] {
        var mean = meanOfFrames(frames)
        let level = frames.reduce(0) { $0 + dark.level(of: $1) } / Double(frames.count)
        for pixel in mean.indices { mean[pixel] = (mean[pixel] - level - dark.shape(pixel)) * scale }
        return mean
    }

    /// The detector noise of a band mean, from differences of neighbouring pixels; the median over frames.
    private static func noise(of frames: [[Float]], _ usable: [Bool], over band: Range<Int>) -> Double {
        let variances = zip(frames, usable).filter { $0.1 }.map { frame, _ in
            var sum = 0.0
            for pixel in band.dropFirst() {
                let step = Double(frame[pixel] - frame[pixel - 1])
                sum += step * step
            }
            return sum / 2 / Double(band.count)
        }
        return (DropletClassifier.quantile(variances.sorted(), 0.5) / Double(band.count)).squareRoot()
    }
}

/// The dark to subtract: a level of the frame itself, or a fixed shape.
struct DarkLevel {
    private let band: Range<Int>
    private let fixed: [Float]

    init(_ source: DarkSource, _ burst: Burst) throws(SpectraError) {
        switch source {
        case .band(let band):
            self.band = try burst.axis.pixels(in: band)
            fixed = []
        case .spectrum(let spectrum):
            try requireSameSetting(spectrum, burst, "dark spectrum")
            band = 0..<0
            fixed = spectrum.counts
        }
    }

    func level(of frame: [Float]) -> Double {
        band.isEmpty ? 0 : Double(frame[band].reduce(0, +)) / Double(band.count)
    }

    func shape(_ pixel: Int) -> Double { fixed.isEmpty ? 0 : Double(fixed[pixel]) }

    /// The mean above dark over some pixels of a frame.
    func mean(of frame: [Float], over pixels: Range<Int>) -> Double {
        var sum = Double(frame[pixels].reduce(0, +))
        if !fixed.isEmpty { sum -= Double(fixed[pixels].reduce(0, +)) }
        return sum / Double(pixels.count) - level(of: frame)
    }
}

func requireSameSetting(_ spectrum: Spectrum, _ burst: Burst, _ what: String) throws(SpectraError) {
    guard spectrum.counts.count == burst.axis.count else {
        throw .lengthMismatch(what: what, found: spectrum.counts.count, expected: burst.axis.count)
    }
    guard spectrum.integration == burst.integration else {
        throw .settingMismatch(
            what: what, found: spectrum.integration.seconds, expected: burst.integration.seconds)
    }
}
