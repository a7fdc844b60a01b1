import Experiments

/// Dark and reference spectra that are kept for measurements to come.
public enum ReferencesList: APIMethod {
    public static let name = "references.list"
    public static let role = Role.observer
    public static let summary = "The dark and reference spectra at hand, and whether they may still be used."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("references", .array(Entry.schema), "By device and kind.")
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var references: [Entry]

        public init(references: [Entry]) { self.references = references }
    }

    public struct Entry: Codable, Sendable {
        public var device: String
        public var kind: String
        public var time: String
        public var ageS: Double
        public var integrationS: Double
        public var frames: Int
        public var valid: Bool
        public var reason: String?

        public init(_ reference: ReferenceView) {
            device = reference.device.text
            kind = reference.kind
            time = reference.time
            ageS = reference.age.seconds
            integrationS = reference.integration.seconds
            frames = reference.frames
            valid = reference.invalidBecause == nil
            reason = reference.invalidBecause
        }

        static let schema = Schema.object([
            .required("device", .string(), "The spectrometer."),
            .required("kind", .word(["dark", "reference"]), "Lamp shut, or carrier in the cell."),
            .required("time", .time, "When it was taken; UTC."),
            .required("age_s", .number(), "Bench time since."),
            .required("integration_s", .number(), "Of one frame."),
            .required("frames", .integer(), "That it is the mean of."),
            .required("valid", .boolean, "Whether it may be used for a measurement."),
            .optional("reason", .string(), "Why it may not."),
        ])

        enum CodingKeys: String, CodingKey {
            case device, kind, time, frames, valid, reason
            case ageS = "age_s"
            case integrationS = "integration_s"
        }
    }
}
