import Experiments

/// Experiments in the order in which they were submitted, a page at a time.
public enum ExperimentsList: APIMethod {
    public static let name = "experiments.list"
    public static let role = Role.observer
    public static let summary = "Experiments in the order of their submission, a page at a time."
    public static let params: [Schema.Member] = [
        .optional("after", .string(), "The id after which to begin: `next` of the page before."),
        .optional("state", ExperimentSchema.state, "Only those in this state."),
        .optional(
            "limit", .integer(1...Int64(APILimits.listedExperiments)),
            "Experiments a page; \(APILimits.defaultListedExperiments) if left out."),
        .optional("campaign", ExperimentSchema.campaign, "Only those of this campaign."),
        .optional("pending", .boolean, "true: only those that have not ended."),
    ]
    public static let result = Schema.object([
        .required("experiments", .array(Summary.schema), "A summary of each."),
        .optional("next", .string(), "Where the next page begins; null on the last."),
    ])
    public static let errors: [ErrorKind] = [.notFound, .unknownCampaign]

    public struct Params: Codable, Sendable {
        public var after: String?
        public var state: ExperimentState?
        public var limit: Int?
        public var campaign: String?
        public var pending: Bool?

        public init(
            after: String? = nil, state: ExperimentState? = nil, limit: Int? = nil, campaign: String? = nil,
            pending: Bool? = nil
        ) {
            self.after = after
            self.state = state
            self.limit = limit
            self.campaign = campaign
            self.pending = pending
        }
    }

    public struct Result: Codable, Sendable {
        public var experiments: [Summary]
        public var next: String?

        public init(experiments: [Summary], next: String?) {
            self.experiments = experiments
            self.next = next
        }
    }

    public struct Summary: Codable, Sendable {
        public var experiment: String
        public var state: ExperimentState
        public var key: String?
        public var campaign: String?
        public var priority: Int
        public var origin: ExperimentRecord.Origin
        public var sequence: Int?
        public var submittedBy: UInt32
        /// Time of the last transition; RFC 3339, UTC.
        public var since: String?
        public var temperatureC: Double?
        public var features: [String: FeatureValue]?
        public var error: ExperimentError?

        public init(_ record: ExperimentRecord) {
            self.experiment = record.experiment
            self.state = record.state
            self.key = record.key
            self.campaign = record.campaign
            self.priority = record.priority
            self.origin = record.origin
            self.sequence = record.sequence
            self.submittedBy = record.submittedBy
            self.since = record.transitions.last?.time
            self.temperatureC = record.plan.temperatureC
            self.features = record.state == .done || record.state == .attached ? record.features : nil
            self.error = record.error
        }

        enum CodingKeys: String, CodingKey {
            case experiment, state, key, campaign, priority, origin, sequence, since, features, error
            case submittedBy = "submitted_by"
            case temperatureC = "temperature_c"
        }

        static let schema = Schema.object([
            .required("experiment", .string(), "Its id."),
            .required("state", ExperimentSchema.state, "How far it is."),
            .optional("key", .string(), "The idempotency key it was submitted with."),
            .optional("campaign", .string(), "The campaign it belongs to."),
            .required("priority", .integer(), "Higher runs first."),
            .required("origin", .word(["bench", "external"]), "Where it was measured."),
            .optional("sequence", .integer(), "The number of its end among all ends; null until it has ended."),
            .required("submitted_by", .integer(), "uid of the submitter."),
            .optional("since", .time, "When it came into this state; UTC."),
            .optional("temperature_c", .number(), "Of the plate, as planned."),
            .optional("features", ExperimentSchema.features, "By name; null unless it is done or attached."),
            .optional("error", ExperimentSchema.error, "Why it did not end well."),
        ])
    }
}
