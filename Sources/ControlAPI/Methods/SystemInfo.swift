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
        .required("started", .time, "When the daemon started; UTC."),
        .required(
            "limits", .object(limits.map { .required($0.name, .integer(), $0.doc) }), "What a client may rely on."),
    ])
    public typealias Params = Empty

    /// Each limit with its value.
    public static let limits: [(name: String, value: Int, doc: String)] = [
        ("line_bytes", APILimits.lineBytes, "Of a request or a reply, with its LF."),
        ("nesting", JSONParser.nestingLimit, "Arrays and objects inside each other."),
        ("batch_requests", APILimits.batchRequests, "Requests of one batch."),
        ("outstanding_requests", APILimits.outstandingRequests, "Requests of one connection that wait."),
        ("connections", APILimits.connections, "Clients at a time."),
        ("retained_events", APILimits.retainedEvents, "Events, and as many readings, that one may resume from."),
        ("output_bytes", APILimits.outputHardBytes, "Not yet taken by a client; beyond it, it is closed."),
        ("missed_events", APILimits.missedEvents, "That a subscriber may be behind; beyond it, it is closed."),
        ("metadata_bytes", APILimits.metadataBytes, "Of an experiment's or a campaign's metadata."),
        ("key_characters", APILimits.keyCharacters, "Of an idempotency key."),
        ("signal_names", APILimits.signalNames, "Of one signals.read."),
        ("listed_experiments", APILimits.listedExperiments, "Of one page."),
        ("listed_results", APILimits.listedResults, "Of one page."),
        ("history_points", APILimits.historyPoints, "Of one page."),
        ("wait_s", Int(APILimits.waitSeconds), "The longest timeout_s of experiments.wait."),
    ]

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
