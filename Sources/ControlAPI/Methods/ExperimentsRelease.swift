import Experiments

/// Lets a held experiment wait for its turn again.
public enum ExperimentsRelease: APIMethod {
    public static let name = "experiments.release"
    public static let role = Role.optimizer
    public static let summary = "Releases an experiment that is held; somebody else's only as technician."
    public static let params: [Schema.Member] = [ExperimentSchema.reference]
    public static let result = ExperimentStanding.schema
    public static let errors: [ErrorKind] = [.notFound, .notWaiting]
    public typealias Params = ExperimentReference
    public typealias Result = ExperimentStanding
}
