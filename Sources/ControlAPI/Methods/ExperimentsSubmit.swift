import Experiments
import Wire

/// Queues an experiment.
public enum ExperimentsSubmit: APIMethod {
    public static let name = "experiments.submit"
    public static let role = Role.optimizer
    public static let summary = "Queues an experiment; the same key with the same params gives the same experiment."
    public static let params: [Schema.Member] = [
        .required("recipe", RecipeSchema.recipe, "What to run."),
        .optional("key", ExperimentSchema.key, "Idempotency key, unique per client."),
        ExperimentSchema.metadata,
        .optional("campaign", ExperimentSchema.campaign, "The campaign it belongs to."),
        ExperimentSchema.priority,
        .optional(
            "if_client_gone", .word(ClientGonePolicy.allCases.map(\.rawValue)),
            "When nobody looks after it any more: finish it all the same, hold it if it waits, or also bring the bench to its safe state if it runs; as in the bench file if left out."
        ),
    ]
    public static let result = Schema.object([
        .required("experiment", .string(), "Its id."),
        .required("state", ExperimentSchema.state, "queued, or further for a known key."),
        .required("position", .integer(), "Place in the queue, 1 is next; 0 when it waits no more."),
    ])
    public static let errors: [ErrorKind] = [
        .infeasible, .unknownCampaign, .queueFull, .keyConflict, .archiveUnavailable,
    ]

    public struct Params: Codable, Sendable {
        public var recipe: Recipe
        public var key: String?
        public var metadata: JSONValue?
        public var campaign: String?
        public var priority: Int?
        public var ifClientGone: ClientGonePolicy?

        public init(
            recipe: Recipe, key: String? = nil, metadata: JSONValue? = nil, campaign: String? = nil,
            priority: Int? = nil, ifClientGone: ClientGonePolicy? = nil
        ) {
            self.recipe = recipe
            self.key = key
            self.metadata = metadata
            self.campaign = campaign
            self.priority = priority
            self.ifClientGone = ifClientGone
        }

        enum CodingKeys: String, CodingKey {
            case recipe, key, metadata, campaign, priority
            case ifClientGone = "if_client_gone"
        }
    }

    public struct Result: Codable, Sendable {
        public var experiment: String
        public var state: ExperimentState
        public var position: Int

        public init(experiment: String, state: ExperimentState, position: Int) {
            self.experiment = experiment
            self.state = state
            self.position = position
        }
    }
}
