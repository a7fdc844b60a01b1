import Quantities
import RealMath

/// Absorbance at 300 nm from a burst of frames in segmented flow: the feature `abs_300` [AU].
public struct AbsorptionAnalysis: Hashable, Sendable {
    public let dark: Spectrum
    public let reference: Spectrum
    public let band: Band

    /// Dark (lamp shut) and reference (solvent) are raw counts, taken with the setting of the bursts.
    public init(dark: Spectrum, reference: Spectrum, band: Band = Band(from: 298, to: 302)) {
        self.dark = dark
        self.reference = reference
        self.band = band
    }

    /// Counts in a pixel of the band, at the least, by which a reference must be above its dark. Noise alone is above it by
    /// chance, and absorbance over noise is nonsense.
    public static let dimmestReference = 100.0

    /// Throws when lengths or settings differ, or when the reference shows hardly more light than the dark: the lamp is out,
    /// the way of the light blocked, or the dark was taken in the light.
    public static func check(
        dark: Spectrum, reference: Spectrum, band: Band = Band(from: 298, to: 302)
    ) throws(SpectraError) {
        let burst = try Burst(axis: reference.axis, frames: [reference.counts], integration: reference.integration)
        let light = try TransmittedLight(burst, dark, reference, band)
        guard light.meanReference >= dimmestReference else { throw .referenceTooDim(band: band) }
        guard spread(of: dark) <= spread(of: reference) * brightestDark else { throw .darkWithLight }
    }

    /// A dark is flat; the spread over its pixels is at most this share of the reference's.
    public static let brightestDark = 0.1

    /// From the 5 % to the 95 % quantile of the counts.
    private static func spread(of spectrum: Spectrum) -> Double {
        let sorted = spectrum.counts.map(Double.init).sorted()
        return DropletClassifier.quantile(sorted, 0.95) - DropletClassifier.quantile(sorted, 0.05)
    }

    /// -log10 of the light that passes the sample, above dark and summed over the band, over that which passes the
    /// reference. A sample that lets nothing through counts as one count. Throws when lengths or settings differ.
    public static func absorbance(
        of sample: Spectrum, dark: Spectrum, reference: Spectrum, band: Band = Band(from: 298, to: 302)
    ) throws(SpectraError) -> Double {
        let burst = try Burst(axis: sample.axis, frames: [sample.counts], integration: sample.integration)
        let light = try TransmittedLight(burst, dark, reference, band)
        return light.absorbance(of: sample.counts)
    }

    /// Throws when lengths or settings differ, the band is not covered or the reference is no brighter than the dark.
    public func analyse(_ burst: Burst) throws(SpectraError) -> BurstEstimate {
        let light = try TransmittedLight(burst, dark, reference, band)
        let values = burst.frames.map { isFinite($0) ? light.absorbance(of: $0) : nil }
        guard values.contains(where: { $0 != nil }) else { return .nothing(frames: burst.frames.count) }
        let classes = DropletClassifier(signals: values, noise: light.noise(of: burst.frames))
        let frames = zip(burst.frames, classes.isDroplet).filter { $0.1 }.map { $0.0 }
        let droplets = zip(values, classes.isDroplet).compactMap { $1 ? $0 : nil }
        let mean = MeanAndError(droplets)
        let counts = meanOfFrames(frames).map(Float.init)
        let spectrum = try Spectrum(axis: burst.axis, counts: counts, integration: burst.integration)
        return BurstEstimate(
            droplets: classes.isDroplet, spectrum: spectrum,
            features: [Feature(name: "abs_300", mean: mean.mean, sem: mean.sem, n: mean.n, unit: .absorbance)],
            flags: BurstLimits.flags(frames, segmented: classes.segmented), carrierAbsorbance: classes.carrier)
    }
}

extension AbsorptionAnalysis {
    /// Absorbance at every pixel [AU], from the raw counts of the droplets. Where the reference is no brighter than the dark
    /// nothing is known, and the value is not a number. Throws when lengths or settings differ.
    public func spectrum(of sample: Spectrum) throws(SpectraError) -> Spectrum {
        let burst = try Burst(axis: sample.axis, frames: [sample.counts], integration: sample.integration)
        try requireSameSetting(dark, burst, "dark spectrum")
        try requireSameSetting(reference, burst, "reference spectrum")
        let values = sample.counts.indices.map { pixel in
            let light = Double(reference.counts[pixel] - dark.counts[pixel])
            guard light > 0 else { return Float.nan }
            let passed = max(1, Double(sample.counts[pixel] - dark.counts[pixel]))
            return Float(-RealMath.log10(passed / light))
        }
        return try Spectrum(axis: sample.axis, counts: values, integration: sample.integration)
    }
}

/// The light in the band: what gets through a frame's sample against what got through the reference.
struct TransmittedLight {
    private let pixels: Range<Int>
    private let dark: Double
    private let reference: Double

    init(_ burst: Burst, _ dark: Spectrum, _ reference: Spectrum, _ band: Band) throws(SpectraError) {
        try requireSameSetting(dark, burst, "dark spectrum")
        try requireSameSetting(reference, burst, "reference spectrum")
        let pixels = try burst.axis.pixels(in: band)
        let darkSum = Self.sum(dark.counts, pixels)
        let referenceSum = Self.sum(reference.counts, pixels) - darkSum
        guard referenceSum > 0 else { throw .referenceTooDim(band: band) }
        self.pixels = pixels
        self.dark = darkSum
        self.reference = referenceSum
    }

    /// Counts above dark in a pixel.
    var meanReference: Double { reference / Double(pixels.count) }

    func absorbance(of frame: [Float]) -> Double {
        -RealMath.log10(max(1, Self.sum(frame, pixels) - dark) / reference)
    }

    /// The detector noise of one absorbance, from the pixel-to-pixel scatter of the frames in the band about a line.
    func noise(of frames: [[Float]]) -> Double {
        let relative = frames.filter(isFinite).map { frame in
            var sum = 0.0
            for pixel in pixels.dropFirst(2) {
                let bend = Double(frame[pixel] - 2 * frame[pixel - 1] + frame[pixel - 2])
                sum += bend * bend
            }
            let perPixel = (sum / 6 / Double(max(1, pixels.count - 2))).squareRoot()
            return perPixel * Double(pixels.count).squareRoot() / max(1, Self.sum(frame, pixels) - dark)
        }
        // d(log10 x) = dx / (x ln 10)
        return DropletClassifier.quantile(relative.sorted(), 0.5) / RealMath.log(10)
    }

    private static func sum(_ counts: [Float], _ pixels: Range<Int>) -> Double {
        pixels.reduce(0.0) { $0 + Double(counts[$1]) }
    }
}
