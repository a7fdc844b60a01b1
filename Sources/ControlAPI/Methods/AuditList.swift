import Experiments

/// Who changed what.
public enum AuditList: APIMethod {
    public static let name = "audit.list"
    public static let role = Role.observer
    public static let summary =
        "Calls that changed something, the last one first: who, what, and what came of it. Refused bypasses and resets too."
    public static let params: [Schema.Member] = [
        .optional("method", .string(), "Only calls of this method."),
        .optional("uid", .integer(0...Int64(UInt32.max)), "Only this user's."),
        .optional("before", .integer(1...Int64.max), "Where to go on: `next` of the page before."),
        .optional(
            "limit", .integer(1...Int64(APILimits.listedAudit)),
            "Records a page at most; \(APILimits.defaultListedAudit) if left out."),
    ]
    public static let result = Schema.object([
        .required("records", .array(Entry.schema), "The last one first."),
        .optional("next", .integer(), "Where the next page begins; null on the last."),
    ])

    public struct Params: Codable, Sendable {
        public var method: String?
        public var uid: UInt32?
        public var before: Int64?
        public var limit: Int?

        public init(method: String? = nil, uid: UInt32? = nil, before: Int64? = nil, limit: Int? = nil) {
            self.method = method
            self.uid = uid
            self.before = before
            self.limit = limit
        }
    }

    public struct Result: Codable, Sendable {
        public var records: [Entry]
        public var next: Int64?

        public init(records: [Entry], next: Int64?) {
            self.records = records
            self.next = next
        }
    }

    public struct Entry: Codable, Sendable {
        public var number: Int64
        public var time: String
        public var uid: UInt32
        public var pid: Int32
        public var method: String
        public var detail: String
        public var outcome: String

        public init(_ number: Int64, _ record: AuditRecord) {
            self.number = number
            time = record.at.wall.rfc3339
            uid = record.uid
            pid = record.pid
            method = record.method
            detail = record.detail
            outcome = record.outcome
        }

        static let schema = Schema.object([
            .required("number", .integer(), "Its number; later ones are higher."),
            .required("time", .time, "UTC."),
            .required("uid", .integer(), "The user who called."), .required("pid", .integer(), "His process."),
            .required("method", .string(), "What he called."), .required("detail", .string(), "With what."),
            .required("outcome", .string(), "What came of it; a refusal by its kind."),
        ])
    }
}
