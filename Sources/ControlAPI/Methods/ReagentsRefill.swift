import Experiments

/// Says that a syringe was filled.
public enum ReagentsRefill: APIMethod {
    public static let name = "reagents.refill"
    public static let role = Role.technician
    public static let summary = "Says what a syringe holds now that it was filled; not while its pump is in use."
    public static let params: [Schema.Member] = [
        .required("device", .string(count: 1...APILimits.nameCharacters), "The pump."),
        .optional("volume_ul", .number(0...APILimits.syringeMicroliters), "What it holds now; full if left out."),
        .optional("batch", .string(count: 1...APILimits.batchCharacters), "Of the stock; unknown if left out."),
        .optional("lot", .string(count: 1...APILimits.batchCharacters), "Of the chemical; unknown if left out."),
        .optional(
            "components_mm", .table(.number(0...Double.greatestFiniteMagnitude), count: 0...APILimits.components),
            "Molarity of each component; as in the bench file if left out."),
        .optional("note", .string(count: 0...APILimits.noteCharacters), "Kept with the act."),
    ]
    public static let result = Schema.object([
        .required("device", .string(), "The pump."), .required("remaining_ul", .number(), "What it holds now."),
    ])
    public static let errors: [ErrorKind] = [.notFound, .unknownDevice, .deviceBusy, .outOfRange, .stockRefused]

    public struct Params: Codable, Sendable {
        public var device: String
        public var volumeUL: Double?
        public var batch: String?
        public var lot: String?
        public var componentsMM: [String: Double]?
        public var note: String?

        public init(
            device: String, volumeUL: Double? = nil, batch: String? = nil, lot: String? = nil,
            componentsMM: [String: Double]? = nil, note: String? = nil
        ) {
            self.device = device
            self.volumeUL = volumeUL
            self.batch = batch
            self.lot = lot
            self.componentsMM = componentsMM
            self.note = note
        }

        enum CodingKeys: String, CodingKey {
            case device, batch, lot, note
            case volumeUL = "volume_ul"
            case componentsMM = "components_mm"
        }
    }

    public struct Result: Codable, Sendable {
        public var device: String
        public var remainingUL: Double

        public init(device: String, remainingUL: Double) {
            self.device = device
            self.remainingUL = remainingUL
        }

        enum CodingKeys: String, CodingKey {
            case device
            case remainingUL = "remaining_ul"
        }
    }
}
