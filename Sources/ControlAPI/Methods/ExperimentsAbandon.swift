import Experiments

/// Withdraws an experiment.
public enum ExperimentsAbandon: APIMethod {
    public static let name = "experiments.abandon"
    public static let role = Role.optimizer
    public static let summary =
        "Withdraws an experiment that does not run, even one that has ended; somebody else's only as technician."
    public static let params: [Schema.Member] = [
        ExperimentSchema.reference,
        .required("reason", .string(count: 1...APILimits.reasonCharacters), "Why it shall not count."),
    ]
    public static let result = ExperimentStanding.schema
    public static let errors: [ErrorKind] = [.notFound, .running]
    public typealias Result = ExperimentStanding

    public struct Params: Codable, Sendable {
        public var experiment: String
        public var reason: String

        public init(experiment: String, reason: String) {
            self.experiment = experiment
            self.reason = reason
        }
    }
}
