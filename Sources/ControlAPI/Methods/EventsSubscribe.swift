import Experiments

/// Events as they happen, from a point of the stream on.
public enum EventsSubscribe: APIMethod {
    public static let name = "events.subscribe"
    public static let role = Role.observer
    public static let summary = "Sends events of the topics to this connection; replaces its earlier subscription."
    /// Besides `signals:` and a pattern.
    public static let topics = ["experiments", "alarms", "interlocks", "devices", "maintenance", "stations"]
    public static let params: [Schema.Member] = [
        .required(
            "topics", .array(.string(count: 0...Glob.lengthLimit + 8), count: 1...APILimits.subscriptionTopics),
            "\(topics.joined(separator: ", ")), signals:<pattern>."),
        .optional("from", .integer(0...Int64.max), "First sequence number wanted; without it, only new events."),
        .optional(
            "stream", .string(), "The stream that `from` belongs to; in another one, all that is retained is sent."),
    ]
    public static let result = Schema.object([
        .required("stream", .string(), "Id of this stream; another one after each start of the daemon."),
        .required("next", .integer(), "Sequence number of the next event to happen; what comes below it is replayed."),
    ])

    public struct Params: Codable, Sendable {
        public var topics: [String]
        public var from: UInt64?
        public var stream: String?

        public init(topics: [String], from: UInt64? = nil, stream: String? = nil) {
            self.topics = topics
            self.from = from
            self.stream = stream
        }
    }

    public struct Result: Codable, Sendable {
        public var stream: String
        public var next: UInt64

        public init(stream: String, next: UInt64) {
            self.stream = stream
            self.next = next
        }
    }
}
