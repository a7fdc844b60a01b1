import RealMath

/// Shapes on the detector's pixels, computed once: 2068 pixels from 200 to 800 nm.
public enum SpectralShapes {
    public static let pixelCount = 2068
    /// Wavelength of each pixel, nm, evenly spaced.
    public static let wavelengths: [Double] = (0..<pixelCount).map { 200 + 600 * Double($0) / Double(pixelCount - 1) }

    /// Areas of the three emission bands of unit height from 410 to 560 nm, nm.
    static let areas: (main: Double, ligand: Double, second: Double) = {
        let step = 600 / Double(pixelCount - 1)
        let pixels = wavelengths.indices.filter { (410..<560).contains(wavelengths[$0]) }
        func area(_ band: [Float]) -> Double { pixels.reduce(0) { $0 + Double(band[$1]) } * step }
        return (area(main), area(ligand), area(second))
    }()

    static let main = band(450, widthElectronvolts: 0.46)
    static let ligand = band(380, widthElectronvolts: 0.28)
    static let second = band(600, widthElectronvolts: 0.36)
    /// The 300 nm LED scattered into the 90 degree fibre.
    static let excitation: [Float] = wavelengths.map { Float(bell(($0 - 300) / (12 / 2.3548))) }
    /// Deuterium and halogen lamp through a clear cell, counts for the reference integration time.
    static let lamp: [Float] = wavelengths.map {
        Float(1.1e4 * bell(($0 - 240) / 45) + 3.6e4 * bell(($0 - 560) / 150) + 9e3)
    }
    /// Absorbance of the product for unit absorbance at 300 nm, times -ln 10, so that exp gives the transmission.
    static let attenuation: [Float] = absorption.map { Float(-$0 * log(10)) }

    static let absorption: [Double] = {
        let raw = wavelengths.map(absorptionShape)
        // The value at 300 nm as linear interpolation between pixels gives it.
        let position = 100.0 / 600 * Double(pixelCount - 1)
        let index = Int(position)
        let at300 = raw[index] + (raw[index + 1] - raw[index]) * (position - Double(index))
        return raw.map { $0 / at300 }
    }()

    private static func absorptionShape(_ nm: Double) -> Double {
        let exciton = bell(distance(nm, 288) / (0.42 / 2.3548))
        let edge = 0.55 / (1 + exp((nm - 268) / 9))
        return exciton + edge + (nm > 250 ? 0.04 * exp(-(nm - 300) / 60) : 0)
    }

    private static func band(_ center: Double, widthElectronvolts: Double) -> [Float] {
        wavelengths.map { Float(bell(distance($0, center) / (widthElectronvolts / 2.3548))) }
    }

    private static func distance(_ a: Double, _ b: Double) -> Double {
        Features.photonEnergy / a - Features.photonEnergy / b
    }
    private static func bell(_ x: Double) -> Double { exp(-0.5 * x * x) }
}
