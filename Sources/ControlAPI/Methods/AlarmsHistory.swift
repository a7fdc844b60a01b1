import Experiments
import Interlocks

/// What happened, tonight or last week.
public enum AlarmsHistory: APIMethod {
    public static let name = "alarms.history"
    public static let role = Role.observer
    public static let summary = "Alarms of all times, trips among them, the last one first, a page at a time."
    public static let params: [Schema.Member] = [
        .optional("before", .integer(1...Int64.max), "Where to go on: `next` of the page before."),
        .optional(
            "limit", .integer(1...Int64(APILimits.listedAudit)),
            "Alarms a page at most; \(APILimits.defaultListedAudit) if left out."),
    ]
    public static let result = Schema.object([
        .required("alarms", .array(AlarmsList.Entry.schema), "The last one first; of the past no shelf is told."),
        .optional("next", .integer(), "Where the next page begins; null on the last."),
    ])

    public struct Params: Codable, Sendable {
        public var before: Int64?
        public var limit: Int?

        public init(before: Int64? = nil, limit: Int? = nil) {
            self.before = before
            self.limit = limit
        }
    }

    public struct Result: Codable, Sendable {
        public var alarms: [AlarmsList.Entry]
        public var next: Int64?

        public init(alarms: [AlarmsList.Entry], next: Int64?) {
            self.alarms = alarms
            self.next = next
        }
    }
}
