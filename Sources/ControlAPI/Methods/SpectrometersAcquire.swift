import Experiments

/// One look.
public enum SpectrometersAcquire: APIMethod {
    public static let name = "spectrometers.acquire"
    public static let role = Role.technician
    public static let summary = "Takes frames with a leased spectrometer and gives their mean; it is not stored."
    public static let params: [Schema.Member] = [
        NamedDevice.member, .required("integration_s", .number(0.000001...60), "Of one frame, bench time."),
        .optional("frames", .integer(1...APILimits.acquiredFrames), "How many; 1 if left out."),
    ]
    public static let result = Schema.object([
        .required("device", .string(), "The spectrometer."),
        .required("integration_s", .number(), "Of one frame."),
        .required("frames", .integer(), "That it is the mean of."),
        .required("maximum_counts", .number(), "The largest count of a single frame: 65535 is saturated."),
        .required("encoding", .word(["base64-f32le"]), "Of the arrays: base64 of little-endian 32-bit floats."),
        .required("wavelengths_nm", .string(count: 0...APILimits.lineBytes), "Encoded array."),
        .required("counts", .string(count: 0...APILimits.lineBytes), "Encoded array of the same length."),
    ])
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var integrationS: Double
        public var frames: Int?

        public init(device: String, integrationS: Double, frames: Int? = nil) {
            self.device = device
            self.integrationS = integrationS
            self.frames = frames
        }

        enum CodingKeys: String, CodingKey {
            case device, frames
            case integrationS = "integration_s"
        }
    }

    public struct Result: Codable, Sendable {
        public var device: String
        public var integrationS: Double
        public var frames: Int
        public var maximumCounts: Double
        public var encoding: String
        public var wavelengthsNM: String
        public var counts: String

        public init(
            device: String, integrationS: Double, frames: Int, maximumCounts: Double, wavelengthsNM: [Float],
            counts: [Float]
        ) {
            self.device = device
            self.integrationS = integrationS
            self.frames = frames
            self.maximumCounts = maximumCounts
            self.encoding = "base64-f32le"
            self.wavelengthsNM = SampleArray.encode(wavelengthsNM)
            self.counts = SampleArray.encode(counts)
        }

        enum CodingKeys: String, CodingKey {
            case device, frames, encoding, counts
            case integrationS = "integration_s"
            case maximumCounts = "maximum_counts"
            case wavelengthsNM = "wavelengths_nm"
        }
    }
}
