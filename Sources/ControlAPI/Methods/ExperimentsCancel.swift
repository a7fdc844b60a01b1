import Experiments

/// Takes an experiment out of the queue, or stops it.
public enum ExperimentsCancel: APIMethod {
    public static let name = "experiments.cancel"
    public static let role = Role.optimizer
    public static let summary = "Cancels an experiment; somebody else's only as technician."
    public static let params: [Schema.Member] = [.required("experiment", .string(), "Its id, e-000042.")]
    public static let result = Schema.object([
        .required("experiment", .string(), "Its id."),
        .required("state", ExperimentSchema.state, "Its state now."),
    ])
    public typealias Params = ExperimentReference

    public struct Result: Codable, Sendable {
        public var experiment: String
        public var state: ExperimentState

        public init(experiment: String, state: ExperimentState) {
            self.experiment = experiment
            self.state = state
        }
    }
}
