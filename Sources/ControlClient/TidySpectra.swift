import ControlAPI
import Wire

/// Spectra as other programs like to read them: one file for what one experiment took with one spectrometer, of one kind,
/// and an index with a row a spectrum.
///
/// The files are in long form, `spectrum,wavelength_nm,value`: they are read and stacked without knowing the number of
/// pixels or of spectra, and joined with the index by `file` and `spectrum`.
public struct TidySpectra: Sendable {
    public struct File: Hashable, Sendable {
        /// `e-000042_spec_pl_droplet.csv`
        public let name: String
        public let text: String
    }

    public static let folder = "spectra"
    public private(set) var index: String = CSV.row([
        "file", "spectrum", "experiment", "campaign", "device", "kind", "unit", "time", "integration_s", "frames",
        "pixels",
    ])
    public private(set) var count = 0

    public init() {}

    /// The files of one experiment, whose rows of the index are added.
    /// - Throws: when an array is not what the daemon says that it is.
    public mutating func add(
        _ spectra: [ExperimentsSpectra.Spectrum], of experiment: String, campaign: String?
    ) throws(ClientError) -> [File] {
        var names: [String] = []
        var texts: [String: String] = [:]
        var numbers: [String: Int] = [:]
        for one in spectra {
            let name = Self.safe("\(experiment)_\(one.device)_\(one.kind)") + ".csv"
            if texts[name] == nil { names.append(name) }
            let number = (numbers[name] ?? 0) + 1
            numbers[name] = number
            let samples = try Self.samples(of: one, in: experiment)
            texts[name, default: CSV.row(["spectrum", "wavelength_nm", "value"])] +=
                samples.map { "\(number),\($0.0),\(Self.text($0.1))\n" }.joined()
            index += CSV.row([
                "\(Self.folder)/\(name)", "\(number)", experiment, campaign ?? "", one.device, one.kind,
                one.unit, one.time, "\(one.integrationS)", "\(one.frames)",
                "\(samples.count)",
            ])
            count += 1
        }
        return names.map { File(name: $0, text: texts[$0] ?? "") }
    }

    private static func samples(
        of one: ExperimentsSpectra.Spectrum, in experiment: String
    ) throws(ClientError) -> [(Float, Float)] {
        guard let wavelengths = SampleArray.decode(one.wavelengthsNM), let values = SampleArray.decode(one.counts),
            wavelengths.count == values.count
        else {
            throw .notUnderstood(detail: "\(experiment): a spectrum of \(one.device) is not base64 of 32-bit floats")
        }
        return Array(zip(wavelengths, values))
    }

    /// Nothing where there is no number, which pandas and R read as missing.
    private static func text(_ value: Float) -> String { value.isFinite ? "\(value)" : "" }

    /// What comes from a daemon becomes no path.
    private static func safe(_ name: String) -> String {
        String(
            decoding: name.utf8.map { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): byte
                default: UInt8(ascii: "-")
                }
            }, as: UTF8.self)
    }
}
