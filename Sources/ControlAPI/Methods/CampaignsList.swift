import Experiments

/// All campaigns, a page at a time.
public enum CampaignsList: APIMethod {
    public static let name = "campaigns.list"
    public static let role = Role.observer
    public static let summary = "Campaigns in the order of their making, a page at a time."
    public static let params: [Schema.Member] = [
        .optional("after", ExperimentSchema.campaign, "The id after which to begin: `next` of the page before."),
        .optional(
            "limit", .integer(1...Int64(APILimits.listedCampaigns)),
            "Campaigns a page at most; \(APILimits.defaultListedCampaigns) if left out."),
    ]
    public static let result = Schema.object([
        .required("campaigns", .array(CampaignEntry.schema), "As campaigns.get tells them."),
        .optional("next", .string(), "Where the next page begins; null on the last."),
    ])
    public static let errors = [ErrorKind.notFound]

    public struct Params: Codable, Sendable {
        public var after: String?
        public var limit: Int?

        public init(after: String? = nil, limit: Int? = nil) {
            self.after = after
            self.limit = limit
        }
    }

    public struct Result: Codable, Sendable {
        public var campaigns: [CampaignEntry]
        public var next: String?

        public init(campaigns: [CampaignEntry], next: String?) {
            self.campaigns = campaigns
            self.next = next
        }
    }
}
