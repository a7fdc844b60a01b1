import Experiments

/// Keeps a waiting experiment from being started.
public enum ExperimentsHold: APIMethod {
    public static let name = "experiments.hold"
    public static let role = Role.optimizer
    public static let summary = "Holds an experiment that waits; somebody else's only as technician."
    public static let params: [Schema.Member] = [
        ExperimentSchema.reference,
        .optional("reason", .string(count: 0...APILimits.reasonCharacters), "Why; kept with the transition."),
    ]
    public static let result = ExperimentStanding.schema
    public static let errors: [ErrorKind] = [.notFound, .notWaiting]
    public typealias Result = ExperimentStanding

    public struct Params: Codable, Sendable {
        public var experiment: String
        public var reason: String?

        public init(experiment: String, reason: String? = nil) {
            self.experiment = experiment
            self.reason = reason
        }
    }
}
