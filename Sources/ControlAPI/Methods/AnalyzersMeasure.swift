import DeviceModel
import Experiments

/// One measurement of what stands in an instrument.
public enum AnalyzersMeasure: APIMethod {
    public static let name = "analyzers.measure"
    public static let role = Role.technician
    public static let summary =
        "Has a leased analyzer measure what stands in it, and gives its result once it is whole; it is not stored. The lease lasts that long."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required(
            "sample", .string(count: 1...AnalyzerJob.longestSample),
            "What the result shall be called: letters, digits, _, - and . as for a file; not as an experiment, and never twice."
        ),
        .optional("within_s", .number(1...86_400), "The longest wait, bench time; result_deadline if left out."),
    ]
    public static let result = Schema.object([
        .required("device", .string(), "The analyzer."), .required("sample", .string(), "As asked."),
        .required("file", .string(), "The instrument's file, by its name in the folder."),
        .required("md5", .string(), "Of the file, hexadecimal."),
        .required("encoding", .word(["base64-f32le"]), "Of the arrays: base64 of little-endian 32-bit floats."),
        .required(
            "wavelengths_nm", .string(count: 0...APILimits.lineBytes), "Encoded array, in the order of the file."),
        .required(
            "columns",
            .array(
                .object([
                    .required("name", .string(), "As in the file: CD."),
                    .required("unit", .string(), "As in the file: mdeg; empty where it has none."),
                    .required("values", .string(count: 0...APILimits.lineBytes), "Encoded array of the same length."),
                ])), "What was measured over the wavelengths."),
    ])
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var sample: String
        public var withinS: Double?

        public init(device: String, sample: String, withinS: Double? = nil) {
            self.device = device
            self.sample = sample
            self.withinS = withinS
        }

        enum CodingKeys: String, CodingKey {
            case device, sample
            case withinS = "within_s"
        }
    }

    public struct Result: Codable, Sendable {
        public var device: String
        public var sample: String
        public var file: String
        public var md5: String
        public var encoding = "base64-f32le"
        public var wavelengthsNM: String
        public var columns: [Column]

        public struct Column: Codable, Sendable {
            public var name: String
            public var unit: String
            public var values: String
        }

        public init(_ result: AnalyzerResult) {
            device = result.device.text
            sample = result.sample
            file = result.file
            md5 = result.md5
            wavelengthsNM = SampleArray.encode(result.wavelengths.map(Float.init))
            columns = result.columns.map {
                Column(name: $0.name, unit: $0.unit, values: SampleArray.encode($0.values.map(Float.init)))
            }
        }

        enum CodingKeys: String, CodingKey {
            case device, sample, file, md5, encoding, columns
            case wavelengthsNM = "wavelengths_nm"
        }
    }
}
