import Experiments

/// Takes an experiment out of the queue, or stops it.
public enum ExperimentsCancel: APIMethod {
    public static let name = "experiments.cancel"
    public static let role = Role.optimizer
    public static let summary = "Cancels an experiment; somebody else's only as technician."
    public static let params: [Schema.Member] = [ExperimentSchema.reference]
    public static let result = ExperimentStanding.schema
    public static let errors: [ErrorKind] = [.notFound, .notCancellable]
    public typealias Params = ExperimentReference
    public typealias Result = ExperimentStanding
}
