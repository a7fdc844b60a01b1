import Experiments
import Wire

/// One campaign and how far its experiments are.
public enum CampaignsGet: APIMethod {
    public static let name = "campaigns.get"
    public static let role = Role.observer
    public static let summary = "One campaign, and how many of its experiments are in each state."
    public static let params: [Schema.Member] = [.required("campaign", ExperimentSchema.campaign, "Its id, c-000001.")]
    public static let result = CampaignEntry.schema
    public static let errors = [ErrorKind.notFound]
    public typealias Result = CampaignEntry

    public struct Params: Codable, Sendable {
        public var campaign: String

        public init(campaign: String) { self.campaign = campaign }
    }
}

/// A campaign as a client sees it.
public struct CampaignEntry: Codable, Sendable {
    public var campaign: String
    public var name: String
    public var key: String?
    public var metadata: JSONValue?
    public var created: String
    public var createdBy: UInt32
    /// Number of its experiments by state; states without any are left out.
    public var states: [String: Int]

    static let schema = Schema.shape(
        Schema.Shape(
            "Campaign", "A series of experiments with a name.",
            .object([
                .required("campaign", .string(), "Its id."), .required("name", .string(), "For people."),
                .optional("key", .string(), "The idempotency key it was made with."),
                .optional("metadata", .anything, "As given."), .required("created", .time, "When; UTC."),
                .required("created_by", .integer(), "uid of whoever made it."),
                .required("states", .table(.integer()), "Number of its experiments by state."),
            ])))

    public init(_ record: CampaignRecord, states: [ExperimentState: Int]) {
        self.campaign = record.campaign
        self.name = record.name
        self.key = record.key
        self.metadata = record.metadata
        self.created = record.created
        self.createdBy = record.createdBy
        self.states = Dictionary(
            states.map { ($0.key.rawValue, $0.value) }.filter { $0.1 > 0 }, uniquingKeysWith: +)
    }

    enum CodingKeys: String, CodingKey {
        case campaign, name, key, metadata, created, states
        case createdBy = "created_by"
    }
}
