import Experiments
import Wire

/// Begins a series of experiments.
public enum CampaignsCreate: APIMethod {
    public static let name = "campaigns.create"
    public static let role = Role.optimizer
    public static let summary = "Makes a campaign; the same key gives the same campaign."
    public static let params: [Schema.Member] = [
        .required("name", .string(count: 1...APILimits.nameCharacters), "For people; need not be unique."),
        .optional("key", ExperimentSchema.key, "Idempotency key, unique per client."),
        ExperimentSchema.metadata,
    ]
    public static let result = Schema.object([.required("campaign", .string(), "Its id, c-000001.")])
    public static let errors: [ErrorKind] = [.keyConflict, .archiveUnavailable]

    public struct Params: Codable, Sendable {
        public var name: String
        public var key: String?
        public var metadata: JSONValue?

        public init(name: String, key: String? = nil, metadata: JSONValue? = nil) {
            self.name = name
            self.key = key
            self.metadata = metadata
        }
    }

    public struct Result: Codable, Sendable {
        public var campaign: String

        public init(campaign: String) { self.campaign = campaign }
    }
}
