import Experiments
import Wire

/// Takes a prior or external result into the archive.
public enum ExperimentsAttach: APIMethod {
    public static let name = "experiments.attach"
    public static let role = Role.optimizer
    public static let summary = "Keeps a result that was not measured here, as an experiment in the state attached."
    public static let params: [Schema.Member] = [
        .required("recipe", RecipeSchema.recipe, "What was run, as flows or as a point of the box."),
        .required("features", .table(given, count: 1...APILimits.attachedFeatures), "By name, as pl_peak."),
        .required("source", .string(count: 1...APILimits.sourceCharacters), "Where it comes from."),
        .optional(
            "key", ExperimentSchema.key,
            "Idempotency key, unique per client. Used again with the same recipe, the first result stays and is answered; "
                + "to correct it, abandon it and attach under a new key."),
        ExperimentSchema.metadata,
        .optional("campaign", ExperimentSchema.campaign, "The campaign it belongs to."),
    ]
    public static let result = ExperimentStanding.schema
    public static let errors: [ErrorKind] = [.unknownCampaign, .keyConflict, .archiveUnavailable]
    public typealias Result = ExperimentStanding

    private static let given = Schema.object([
        .required("mean", .number(), "The value, or the mean of several."),
        .optional(
            "sem", .number(0...Double.greatestFiniteMagnitude), "Standard error of the mean; unknown if left out."),
        .optional("n", .integer(1...Int64(Int32.max)), "Of how many values; 1 if left out."),
        .required("unit", .string(count: 1...APILimits.batchCharacters), "Of mean and sem: AU, counts, nm."),
    ])

    public struct Given: Codable, Sendable {
        public var mean: Double
        public var sem: Double?
        public var n: Int?
        public var unit: String

        public init(mean: Double, sem: Double? = nil, n: Int? = nil, unit: String) {
            self.mean = mean
            self.sem = sem
            self.n = n
            self.unit = unit
        }
    }

    public struct Params: Codable, Sendable {
        public var recipe: Recipe
        public var features: [String: Given]
        public var source: String
        public var key: String?
        public var metadata: JSONValue?
        public var campaign: String?

        public init(
            recipe: Recipe, features: [String: Given], source: String, key: String? = nil, metadata: JSONValue? = nil,
            campaign: String? = nil
        ) {
            self.recipe = recipe
            self.features = features
            self.source = source
            self.key = key
            self.metadata = metadata
            self.campaign = campaign
        }
    }
}
