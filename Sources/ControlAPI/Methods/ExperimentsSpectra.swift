import Experiments

/// Stored spectra, a page at a time.
public enum ExperimentsSpectra: APIMethod {
    public static let name = "experiments.spectra"
    public static let role = Role.observer
    public static let summary = "Stored spectra of an experiment, a page at a time."
    public static let params: [Schema.Member] = [
        ExperimentSchema.reference,
        .optional("device", .string(), "Only those of this spectrometer."),
        .optional("page", .integer(1...1_000_000), "1 if left out."),
    ]
    public static let result = Schema.object([
        .required("experiment", .string(), "Its id."),
        .required("page", .integer(), "This page."),
        .required("pages", .integer(), "Number of pages; 0 when there are no spectra."),
        .required("encoding", .word(["base64-f32le"]), "Of the arrays: base64 of little-endian 32-bit floats."),
        .required("spectra", .array(spectrum), "In the order in which they were taken."),
    ])
    public static let errors = [ErrorKind.notFound]

    private static let spectrum = Schema.object([
        .required("device", .string(), "The spectrometer."),
        .required(
            "kind", .string(),
            "droplet, carrier (means of frames), absorbance, dark, reference (raw counts of a procedure); of an analyzer the column of its file: cd, ht."
        ),
        .required("unit", .string(), "Of the values: counts, AU, or that of the analyzer's file."),
        .required("integration_s", .number(), "Of one frame."),
        .required("frames", .integer(), "That it is the mean of."), .required("time", .time, "When; UTC."),
        .required("wavelengths_nm", .string(count: 0...APILimits.lineBytes), "Encoded array."),
        .required(
            "counts", .string(count: 0...APILimits.lineBytes),
            "The values, whatever their unit; encoded array of the same length."),
    ])

    public struct Params: Codable, Sendable {
        public var experiment: String
        public var device: String?
        public var page: Int?

        public init(experiment: String, device: String? = nil, page: Int? = nil) {
            self.experiment = experiment
            self.device = device
            self.page = page
        }
    }

    public struct Result: Codable, Sendable {
        public var experiment: String
        public var page: Int
        public var pages: Int
        public var encoding: String
        public var spectra: [Spectrum]

        public init(experiment: String, page: Int, pages: Int, spectra: [Spectrum]) {
            self.experiment = experiment
            self.page = page
            self.pages = pages
            self.encoding = "base64-f32le"
            self.spectra = spectra
        }
    }

    public struct Spectrum: Codable, Sendable {
        public var device: String
        public var kind: String
        public var unit: String
        public var integrationS: Double
        public var frames: Int
        public var time: String
        /// base64 of little-endian 32-bit floats.
        public var wavelengthsNM: String
        public var counts: String

        /// - Parameter units: of the kinds that an analyzer measured.
        public init(_ record: SpectrumRecord, units: [String: String] = [:]) {
            self.device = record.device
            self.kind = record.kind
            self.unit = units[record.kind] ?? (record.kind == "absorbance" ? "AU" : "counts")
            self.integrationS = record.integrationS
            self.frames = record.frames
            self.time = record.time
            self.wavelengthsNM = SampleArray.encode(record.wavelengthsNM)
            self.counts = SampleArray.encode(record.counts)
        }

        enum CodingKeys: String, CodingKey {
            case device, kind, unit, frames, time, counts
            case integrationS = "integration_s"
            case wavelengthsNM = "wavelengths_nm"
        }
    }
}
