import Experiments

/// Everything that is known of one experiment.
public enum ExperimentsGet: APIMethod {
    public static let name = "experiments.get"
    public static let role = Role.observer
    public static let summary = "Everything that is known of one experiment."
    public static let params: [Schema.Member] = [ExperimentSchema.reference]
    public static let result = ExperimentSchema.experiment
    public static let errors = [ErrorKind.notFound]
    public typealias Params = ExperimentReference
    public typealias Result = ExperimentRecord
}
