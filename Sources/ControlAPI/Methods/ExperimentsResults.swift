import Experiments

/// Ended experiments in the order of their ends: what an optimizer follows.
public enum ExperimentsResults: APIMethod {
    public static let name = "experiments.results"
    public static let role = Role.observer
    public static let summary =
        "Experiments that have ended since a sequence number, each once; ask again with since = next."
    public static let params: [Schema.Member] = [
        .optional("since", .integer(0...Int64.max), "The last sequence number that is known; 0 if left out."),
        .optional("campaign", ExperimentSchema.campaign, "Only those of this campaign."),
        .optional(
            "limit", .integer(1...Int64(APILimits.listedResults)),
            "Experiments a page at most; \(APILimits.defaultListedResults) if left out."),
    ]
    public static let result = Schema.object([
        .required("results", .array(ExperimentSchema.experiment), "In whatever final state; by rising sequence."),
        .required("next", .integer(), "What to give as since next time."),
        .required("more", .boolean, "Whether more have ended already."),
    ])
    public static let errors = [ErrorKind.unknownCampaign]

    public struct Params: Codable, Sendable {
        public var since: Int?
        public var campaign: String?
        public var limit: Int?

        public init(since: Int? = nil, campaign: String? = nil, limit: Int? = nil) {
            self.since = since
            self.campaign = campaign
            self.limit = limit
        }
    }

    public struct Result: Codable, Sendable {
        public var results: [ExperimentRecord]
        public var next: Int
        public var more: Bool

        public init(results: [ExperimentRecord], next: Int, more: Bool) {
            self.results = results
            self.next = next
            self.more = more
        }
    }
}
