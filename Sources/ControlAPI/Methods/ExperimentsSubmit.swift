import Experiments
import Wire

/// Queues an experiment.
public enum ExperimentsSubmit: APIMethod {
    public static let name = "experiments.submit"
    public static let role = Role.optimizer
    public static let summary = "Queues an experiment; the same key with the same params gives the same experiment."
    public static let params: [Schema.Member] = [
        .required("recipe", RecipeSchema.recipe, "What to run."),
        .optional("key", .string(longest: APILimits.keyCharacters), "Idempotency key, unique per client."),
        .optional("metadata", .anything, "Kept with the experiment; at most \(APILimits.metadataBytes) bytes."),
        .optional("campaign", .string(), "The campaign it belongs to."),
    ]
    public static let result = Schema.object([
        .required("experiment", .string(), "Its id."),
        .required("state", .word(ExperimentState.allCases.map(\.rawValue)), "queued, or further for a known key."),
        .required("position", .integer(), "Place in the queue, 1 is next."),
    ])

    public struct Params: Codable, Sendable {
        public var recipe: Recipe
        public var key: String?
        public var metadata: JSONValue?
        public var campaign: String?

        public init(recipe: Recipe, key: String? = nil, metadata: JSONValue? = nil, campaign: String? = nil) {
            self.recipe = recipe
            self.key = key
            self.metadata = metadata
            self.campaign = campaign
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
