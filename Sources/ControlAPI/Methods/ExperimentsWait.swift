import Experiments

/// Waits until an experiment has ended.
public enum ExperimentsWait: APIMethod {
    public static let name = "experiments.wait"
    public static let role = Role.observer
    public static let summary = "The experiment once it has ended, or as it is at the time-out."
    public static let params: [Schema.Member] = [
        ExperimentSchema.reference,
        .optional(
            "timeout_s", .number(0...APILimits.waitSeconds),
            "Wall time to wait at most; \(Int(APILimits.defaultWaitSeconds)) s if left out."),
    ]
    public static let result = ExperimentSchema.experiment
    public static let errors = [ErrorKind.notFound]

    public struct Params: Codable, Sendable {
        public var experiment: String
        public var timeoutS: Double?

        public init(experiment: String, timeoutS: Double? = nil) {
            self.experiment = experiment
            self.timeoutS = timeoutS
        }

        enum CodingKeys: String, CodingKey {
            case experiment
            case timeoutS = "timeout_s"
        }
    }

    public typealias Result = ExperimentRecord
}
