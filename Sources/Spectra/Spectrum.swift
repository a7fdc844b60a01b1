import Quantities

/// The polynomial by which a spectrometer maps pixel numbers (from 0) to nm: c0 + c1 p + c2 p² + ...
public struct WavelengthCalibration: Hashable, Sendable {
    public let coefficients: [Double]

    public init(coefficients: [Double]) { self.coefficients = coefficients }

    public func nanometers(atPixel pixel: Int) -> Double {
        coefficients.reversed().reduce(0) { $0 * Double(pixel) + $1 }
    }
}

/// A stretch of wavelengths, nm: from `from` on, up to but not including `to`.
public struct Band: Hashable, Sendable {
    public let from: Double
    public let to: Double

    public init(from: Double, to: Double) {
        self.from = from
        self.to = to
    }
}

/// The wavelength of each pixel, nm, rising. Spectra of one spectrometer share it.
public struct WavelengthAxis: Hashable, Sendable {
    public let nanometers: [Double]

    /// At least two finite, positive, strictly rising values.
    public init(nanometers: [Double]) throws(SpectraError) {
        guard nanometers.count >= 2 else { throw .badWavelengths(reason: "\(nanometers.count) pixels") }
        guard nanometers.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw .badWavelengths(reason: "a wavelength that is not a positive number")
        }
        guard zip(nanometers, nanometers.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .badWavelengths(reason: "wavelengths do not rise from pixel to pixel")
        }
        self.nanometers = nanometers
    }

    public init(calibration: WavelengthCalibration, pixels: Int) throws(SpectraError) {
        try self.init(nanometers: (0..<max(0, pixels)).map(calibration.nanometers(atPixel:)))
    }

    public var count: Int { nanometers.count }

    /// The pixels of a band; throws `bandNotCovered` when there are none.
    public func pixels(in band: Band) throws(SpectraError) -> Range<Int> {
        let first = firstPixel(atOrAbove: band.from)
        let end = firstPixel(atOrAbove: band.to)
        guard first < end else { throw .bandNotCovered(band: band) }
        return first..<end
    }

    /// How many nm a pixel stands for: half the distance between its neighbours.
    public func width(ofPixel pixel: Int) -> Double {
        let (low, high) = (max(0, pixel - 1), min(count - 1, pixel + 1))
        return (nanometers[high] - nanometers[low]) / Double(high - low)
    }

    private func firstPixel(atOrAbove wavelength: Double) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if nanometers[middle] >= wavelength { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// One spectrum in counts.
public struct Spectrum: Hashable, Sendable {
    public let axis: WavelengthAxis
    /// One value a pixel, as the detector gave it (dark included) unless said otherwise.
    public let counts: [Float]
    /// How long the detector integrated.
    public let integration: BenchDuration

    public init(axis: WavelengthAxis, counts: [Float], integration: BenchDuration) throws(SpectraError) {
        guard counts.count == axis.count else {
            throw .lengthMismatch(what: "spectrum", found: counts.count, expected: axis.count)
        }
        guard integration > .zero else { throw .badIntegration(seconds: integration.seconds) }
        self.axis = axis
        self.counts = counts
        self.integration = integration
    }
}

/// Consecutive frames of one spectrometer with one setting.
public struct Burst: Hashable, Sendable {
    public let axis: WavelengthAxis
    /// Raw counts, one array a frame.
    public let frames: [[Float]]
    /// Of each frame.
    public let integration: BenchDuration

    /// Throws when there are no frames, or when one has another length than the axis.
    public init(axis: WavelengthAxis, frames: [[Float]], integration: BenchDuration) throws(SpectraError) {
        guard !frames.isEmpty else { throw .emptyBurst }
        guard integration > .zero else { throw .badIntegration(seconds: integration.seconds) }
        for (index, frame) in frames.enumerated() where frame.count != axis.count {
            throw .lengthMismatch(what: "frame \(index)", found: frame.count, expected: axis.count)
        }
        self.axis = axis
        self.frames = frames
        self.integration = integration
    }

    /// The mean of all frames, as for a dark or a reference spectrum. Frames with a value that is not finite are left out;
    /// nil when none remains.
    public var average: Spectrum? {
        let usable = frames.filter(isFinite)
        guard !usable.isEmpty else { return nil }
        let mean = meanOfFrames(usable).map(Float.init)
        return try? Spectrum(axis: axis, counts: mean, integration: integration)
    }
}

/// Whether every value of a frame is a number.
func isFinite(_ frame: [Float]) -> Bool {
    // A sum is finite only if every term is: one pass without a branch a pixel.
    frame.reduce(0, +).isFinite
}

/// Pixel by pixel; the frames have one length and there is at least one.
func meanOfFrames(_ frames: [[Float]]) -> [Double] {
    var sum = [Double](repeating: 0, count: frames[0].count)
    for frame in frames {
        for pixel in sum.indices { sum[pixel] += Double(frame[pixel]) }
    }
    let n = Double(frames.count)
    for pixel in sum.indices { sum[pixel] /= n }
    return sum
}
