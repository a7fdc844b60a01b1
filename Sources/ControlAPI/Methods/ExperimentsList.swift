import Experiments

/// Experiments in the order in which they were submitted, a page at a time.
public enum ExperimentsList: APIMethod {
    public static let name = "experiments.list"
    public static let role = Role.observer
    public static let summary = "Experiments in the order of their submission, a page at a time."
    public static let params: [Schema.Member] = [
        .optional("after", .string(), "The id after which to begin: `next` of the page before."),
        .optional("state", ExperimentSchema.state, "Only those in this state."),
        .optional("limit", .integer(1...Int64(APILimits.listedExperiments)), "Experiments a page."),
    ]
    public static let result = Schema.object([
        .required("experiments", .array(.anything), "A summary of each."),
        .optional("next", .string(), "Where the next page begins; null on the last."),
    ])

    public struct Params: Codable, Sendable {
        public var after: String?
        public var state: ExperimentState?
        public var limit: Int?

        public init(after: String? = nil, state: ExperimentState? = nil, limit: Int? = nil) {
            self.after = after
            self.state = state
            self.limit = limit
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
            self.submittedBy = record.submittedBy
            self.since = record.transitions.last?.time
            self.temperatureC = record.plan.temperatureC
            self.features = record.state == .done ? record.features : nil
            self.error = record.error
        }

        enum CodingKeys: String, CodingKey {
            case experiment, state, key, campaign, since, features, error
            case submittedBy = "submitted_by"
            case temperatureC = "temperature_c"
        }
    }
}
