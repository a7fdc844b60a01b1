import Experiments

/// What was measured.
public enum ExperimentsResult: APIMethod {
    public static let name = "experiments.result"
    public static let role = Role.observer
    public static let summary = "Features and steady-state certificate of an experiment that is done."
    public static let params: [Schema.Member] = [ExperimentSchema.reference]
    public static let result = Schema.object([
        .required("experiment", .string(), "Its id."),
        .required("executed", RecipeSchema.recipe, "As run."),
        .optional("measured", ExperimentSchema.conditions, "What the devices reported while measuring."),
        .required("features", ExperimentSchema.features, "By name."),
        .required("certificate", ExperimentSchema.certificate, "Why the features may be believed."),
        .required("simulated", .boolean, "Whether the devices were simulated."),
    ])
    public static let errors: [ErrorKind] = [.notFound, .noResult]
    public typealias Params = ExperimentReference

    public struct Result: Codable, Sendable {
        public var experiment: String
        public var executed: Recipe
        public var measured: MeasuredConditions?
        public var features: [String: FeatureValue]
        public var certificate: Certificate
        public var simulated: Bool

        public init(
            experiment: String, executed: Recipe, measured: MeasuredConditions?, features: [String: FeatureValue],
            certificate: Certificate, simulated: Bool
        ) {
            self.experiment = experiment
            self.executed = executed
            self.measured = measured
            self.features = features
            self.certificate = certificate
            self.simulated = simulated
        }
    }
}
