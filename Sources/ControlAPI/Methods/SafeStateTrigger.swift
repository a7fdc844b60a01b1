import Experiments

/// Brings the whole bench to its safe state.
public enum SafeStateTrigger: APIMethod {
    public static let name = "safe_state.trigger"
    public static let role = Role.none
    public static let summary = "Brings everything to its safe state; open to everybody, obeyed whatever its params."
    public static let params: [Schema.Member] = [.optional("reason", .string(), "Why; kept with the latch.")]
    public static let result = Schema.object([
        .required("latched", .array(.string()), "The interlocks that are latched now.")
    ])

    public struct Params: Codable, Sendable {
        public var reason: String?

        public init(reason: String? = nil) { self.reason = reason }
    }

    public struct Result: Codable, Sendable {
        public var latched: [String]

        public init(latched: [String]) { self.latched = latched }
    }
}
