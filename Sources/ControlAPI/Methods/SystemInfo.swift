import Experiments

/// Versions, the event stream, the limits that a client may rely on, and how the daemon itself is doing.
public enum SystemInfo: APIMethod {
    public static let name = "system.info"
    public static let role = Role.observer
    public static let summary =
        "Versions, the event stream's id, the limits of this API; how punctual the control loop is, how full the mailboxes, how good the links."
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
        .required("figures_at", .time, "When loop and links were counted, at most half a second ago; UTC."),
        .required("loop", LoopShape.schema, "How punctual the control loop is."),
        .required("mailboxes", .array(MailboxShape.schema), "Between the daemon's threads."),
        .required("links", .array(LinkShape.schema), "To the devices, by name."),
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
        public var figuresAt: String
        public var loop: LoopShape
        public var mailboxes: [MailboxShape]
        public var links: [LinkShape]

        public init(
            api: String, daemon: String, bench: String, simulated: Bool, stream: String, started: String,
            limits: [String: Int], figures: BenchFigures
        ) {
            self.api = api
            self.daemon = daemon
            self.bench = bench
            self.simulated = simulated
            self.stream = stream
            self.started = started
            self.limits = limits
            self.figuresAt = figures.at.wall.rfc3339
            self.loop = LoopShape(figures.loop)
            self.mailboxes = figures.mailboxes.map(MailboxShape.init)
            self.links = figures.links.map(LinkShape.init)
        }

        enum CodingKeys: String, CodingKey {
            case api, daemon, bench, simulated, stream, started, limits, loop, mailboxes, links
            case figuresAt = "figures_at"
        }
    }
}
