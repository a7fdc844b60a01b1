import Quantities
import RealMath

/// Energy of a photon in eV times its wavelength in nm (h c / e).
let electronvoltNanometers = 1239.84198

/// Takes the numbers out of droplet frames.
struct EmissionExtractor {
    let axis: WavelengthAxis
    let dark: DarkLevel
    /// To counts per 100 ms.
    let scale: Double
    let area: Range<Int>
    let peak: Range<Int>
    /// Half the width of the moving average, pixels.
    let half: Int

    /// `mean` is the mean droplet spectrum above dark. The place of the peak is found in it, not in each frame: the largest
    /// of many noisy values is too large.
    func features(of frames: [[Float]], mean: [Double]) -> [Feature] {
        let top = window(around: topPixel(of: mean))
        let peaks = MeanAndError(frames.map { dark.mean(of: $0, over: top) * scale })
        let areas = MeanAndError(frames.map(areaAboveDark))
        var features = [
            Feature(name: "pl_peak", mean: peaks.mean, sem: peaks.sem, n: peaks.n, unit: .counts),
            Feature(name: "pl_area", mean: areas.mean, sem: areas.sem, n: areas.n, unit: .counts),
        ]
        if let centre = centre(of: { mean[$0] }) {
            let each = MeanAndError(frames.compactMap(centreOfFrame))
            features.append(Feature(name: "pl_centre", mean: centre, sem: each.sem, n: each.n, unit: .nanometers))
        }
        return features
    }

    private func window(around pixel: Int) -> Range<Int> {
        max(0, pixel - half)..<min(axis.count, pixel + half + 1)
    }

    private func topPixel(of mean: [Double]) -> Int {
        var best = peak.lowerBound
        var highest = -Double.infinity
        for pixel in peak {
            let window = window(around: pixel)
            let value = mean[window].reduce(0, +) / Double(window.count)
            if value > highest { (best, highest) = (pixel, value) }
        }
        return best
    }

    private func areaAboveDark(_ frame: [Float]) -> Double {
        let level = dark.level(of: frame)
        let sum = area.reduce(0.0) { sum, pixel in
            sum + (Double(frame[pixel]) - level - dark.shape(pixel)) * axis.width(ofPixel: pixel)
        }
        return sum * scale
    }

    private func centreOfFrame(_ frame: [Float]) -> Double? {
        let level = dark.level(of: frame)
        return centre { Double(frame[$0]) - level - dark.shape($0) }
    }

    /// A Gaussian in energy is a parabola in its logarithm; the fit is weighted by the square of the signal, which undoes
    /// what the logarithm does to the noise. nm; nil when the signal does not curve down around a top inside the band.
    private func centre(of signal: (Int) -> Double) -> Double? {
        let middle = electronvoltNanometers / axis.nanometers[(peak.lowerBound + peak.upperBound) / 2]
        var moments = [Double](repeating: 0, count: 5)
        var sums = [Double](repeating: 0, count: 3)
        for pixel in peak {
            let y = signal(pixel)
            guard y > 0 else { continue }
            let x = electronvoltNanometers / axis.nanometers[pixel] - middle
            var weight = y * y
            let logarithm = RealMath.log(y)
            for power in 0..<5 {
                moments[power] += weight
                if power < 3 { sums[power] += weight * logarithm }
                weight *= x
            }
        }
        guard let top = Self.topOfParabola(moments, sums) else { return nil }
        let wavelength = electronvoltNanometers / (middle + top)
        let inside =
            wavelength >= axis.nanometers[peak.lowerBound] && wavelength <= axis.nanometers[peak.upperBound - 1]
        return inside ? wavelength : nil
    }

    /// Solves the normal equations of y = a + b x + c x² by Cramer's rule and returns -b/2c; nil without a maximum.
    private static func topOfParabola(_ m: [Double], _ s: [Double]) -> Double? {
        let b =
            m[0] * (s[1] * m[4] - m[3] * s[2]) - s[0] * (m[1] * m[4] - m[3] * m[2]) + m[2] * (m[1] * s[2] - s[1] * m[2])
        let c =
            m[0] * (m[2] * s[2] - s[1] * m[3]) - m[1] * (m[1] * s[2] - s[1] * m[2]) + s[0] * (m[1] * m[3] - m[2] * m[2])
        let determinant =
            m[0] * (m[2] * m[4] - m[3] * m[3]) - m[1] * (m[1] * m[4] - m[3] * m[2]) + m[2] * (m[1] * m[3] - m[2] * m[2])
        guard determinant > 0, c < 0 else { return nil }
        return -b / (2 * c)
    }
}
