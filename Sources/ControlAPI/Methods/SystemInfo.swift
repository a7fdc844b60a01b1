import Experiments

/// Versions, the event stream and the limits that a client may rely on.
public enum SystemInfo: APIMethod {
    public static let name = "system.info"
    public static let role = Role.observer
    public static let summary = "Versions, the event stream's id and the limits of this API."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("api", .string(), "Semantic version of this API."),
        .required("daemon", .string(), "Name and version of the daemon."),
        .required("bench", .string(), "Name of the bench."),
        .required("simulated", .boolean, "Whether the devices are simulated."),
        .required("stream", .string(), "Id of the event stream; another one after each start."),
        .required("started", .string(), "RFC 3339, UTC."),
        .required("limits", .table(.number()), "Limits of the wire."),
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var api: String
        public var daemon: String
        public var bench: String
        public var simulated: Bool
        public var stream: String
        public var started: String
        public var limits: [String: Int]

        public init(
            api: String, daemon: String, bench: String, simulated: Bool, stream: String, started: String,
            limits: [String: Int]
        ) {
            self.api = api
            self.daemon = daemon
            self.bench = bench
            self.simulated = simulated
            self.stream = stream
            self.started = started
            self.limits = limits
        }
    }
}
