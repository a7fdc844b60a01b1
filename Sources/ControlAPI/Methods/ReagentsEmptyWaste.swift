import Experiments

/// Says that the waste container was emptied.
public enum ReagentsEmptyWaste: APIMethod {
    public static let name = "reagents.empty_waste"
    public static let role = Role.technician
    public static let summary = "Says that the waste container was emptied."
    public static let params: [Schema.Member] = [
        .optional("note", .string(count: 0...APILimits.noteCharacters), "Kept with the act.")
    ]
    public static let result = Schema.object([.required("remaining_ul", .number(), "What it has room for now.")])

    public struct Params: Codable, Sendable {
        public var note: String?

        public init(note: String? = nil) { self.note = note }
    }

    public struct Result: Codable, Sendable {
        public var remainingUL: Double

        public init(remainingUL: Double) { self.remainingUL = remainingUL }

        enum CodingKeys: String, CodingKey { case remainingUL = "remaining_ul" }
    }
}
