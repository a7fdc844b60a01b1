public enum SpectraError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A wavelength scale that is too short, not finite or not rising.
    case badWavelengths(reason: String)
    /// A spectrum with another number of pixels than its wavelength scale.
    case lengthMismatch(what: String, found: Int, expected: Int)
    /// A burst without frames.
    case emptyBurst
    /// An integration time that is not above zero.
    case badIntegration(seconds: Double)
    /// A band that the wavelength scale does not cover.
    case bandNotCovered(band: Band)
    /// A dark or reference spectrum that was taken with another setting than the burst.
    case settingMismatch(what: String, found: Double, expected: Double)
    /// A reference that is not brighter than its dark in the band.
    case referenceTooDim(band: Band)
    /// A dark spectrum with the shape of a light source.
    case darkWithLight

    public var description: String {
        switch self {
        case .badWavelengths(let reason):
            "wavelength scale: \(reason); check the calibration coefficients of the spectrometer"
        case .lengthMismatch(let what, let found, let expected):
            "\(what): \(found) pixels, expected \(expected); frames of one burst come from one spectrometer"
        case .darkWithLight:
            "dark: it has the shape of light; check that the shutter shuts and the lamp goes off when told"
        case .emptyBurst:
            "burst: no frames; check that the spectrometer delivered any"
        case .badIntegration(let seconds):
            "integration time: \(seconds) s, expected more than 0 s"
        case .bandNotCovered(let band):
            "band \(band.from) to \(band.to) nm: no pixels there; choose a band that the spectrometer covers"
        case .settingMismatch(let what, let found, let expected):
            "\(what): integration time \(found) s, expected \(expected) s; take it again with the present setting"
        case .referenceTooDim(let band):
            "reference: not above its dark from \(band.from) to \(band.to) nm; check that the lamp was on and the shutter open"
        }
    }
}
