import Experiments

/// Everything that is known of one experiment.
public enum ExperimentsGet: APIMethod {
    public static let name = "experiments.get"
    public static let role = Role.observer
    public static let summary = "Everything that is known of one experiment."
    public static let params: [Schema.Member] = [.required("experiment", .string(), "Its id, e-000042.")]
    public static let result = ExperimentSchema.experiment
    public typealias Params = ExperimentReference
    public typealias Result = ExperimentRecord
}

/// Names one experiment.
public struct ExperimentReference: Codable, Sendable {
    public var experiment: String

    public init(experiment: String) { self.experiment = experiment }
}

enum ExperimentSchema {
    static let state = Schema.word(ExperimentState.allCases.map(\.rawValue))
    static let features = Schema.table(
        .object([
            .required("mean", .number(), "Over the droplet frames."),
            .optional("sem", .number(), "Standard error of the mean."),
            .required("n", .integer(), "Droplet frames."),
            .required("unit", .string(), "Unit of the mean."),
        ]))
    static let experiment = Schema.object([
        .required("experiment", .string(), "Its id."),
        .required("state", state, "How far it is."),
        .optional("key", .string(), "The idempotency key it was submitted with."),
        .optional("campaign", .string(), "The campaign it belongs to."),
        .optional("metadata", .anything, "As submitted."),
        .required("submitted_by", .integer(), "uid of the submitter."),
        .required("recipe", RecipeSchema.recipe, "As asked."),
        .required("executed", RecipeSchema.recipe, "As run."),
        .required("plan", ExperimentsPlan.result, "What was planned."),
        .optional("measured", .anything, "What the devices reported while measuring."),
        .optional("features", features, "null until there is a certificate."),
        .optional("certificate", .anything, "Why the bench may be believed to have been at steady state."),
        .required("transitions", .array(.anything), "state, time, bench_s, cause."),
        .optional("error", .anything, "Why it did not end well: kind, device, detail, hint."),
        .required("simulated", .boolean, "Whether the devices were simulated."),
    ])
}
