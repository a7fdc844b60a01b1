import Experiments
import Interlocks

/// Conditions that a person should know of.
public enum AlarmsList: APIMethod {
    public static let name = "alarms.list"
    public static let role = Role.observer
    public static let summary =
        "Alarms that stand, and high and critical ones that are over and that nobody acknowledged; critical ones first."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("alarms", .array(Entry.schema), "Critical ones first, older ones first."),
        .required("rate_per_10_min", .integer(), "New alarms in the last ten minutes of link time."),
        .required("flood", .boolean, "So many that low and medium ones call nobody."),
        .required("not_notified", .integer(), "Alarms that called nobody since the flood began."),
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var alarms: [Entry]
        public var ratePer10Min: Int
        public var flood: Bool
        public var notNotified: Int

        public init(alarms: [Entry], ratePer10Min: Int, flood: Bool, notNotified: Int) {
            self.alarms = alarms
            self.ratePer10Min = ratePer10Min
            self.flood = flood
            self.notNotified = notNotified
        }

        enum CodingKeys: String, CodingKey {
            case alarms, flood
            case ratePer10Min = "rate_per_10_min"
            case notNotified = "not_notified"
        }
    }

    public struct Entry: Codable, Sendable {
        public var alarm: String
        public var text: String
        public var priority: String
        public var state: String
        public var latched: Bool
        public var since: String
        public var ended: String?
        public var acknowledged: Acknowledgement?
        public var shelf: Shelf?
        public var response: String

        public init(_ alarm: Alarm) {
            self.alarm = alarm.id
            text = alarm.text
            priority = alarm.priority.rawValue
            state = alarm.state.rawValue
            latched = alarm.isLatched
            since = alarm.since.wall.rfc3339
            ended = alarm.endedAt?.wall.rfc3339
            acknowledged = alarm.acknowledgement.map { Acknowledgement(uid: $0.uid, time: $0.at.rfc3339) }
            shelf = alarm.shelf.map { Shelf(person: $0.person, reason: $0.reason, until: $0.until.rfc3339) }
            response = alarm.response
        }

        static let schema = Schema.object([
            .required("alarm", .string(), "Its id: interlock:NAME, device:NAME, archive."),
            .required("text", .string(), "In words."),
            .required("priority", .word(AlarmPriority.allCases.map(\.rawValue)), "How soon a person is needed."),
            .required("state", .word(AlarmState.allCases.map(\.rawValue)), "Where it is in its life."),
            .required("latched", .boolean, "Whether it stays until interlocks.reset, whatever its condition does."),
            .required("since", .time, "When it was raised; UTC."),
            .optional("ended", .time, "When its condition was gone; UTC."),
            .optional(
                "acknowledged",
                .object([
                    .required("uid", .integer(), "Who knows of it."), .required("time", .time, "Since when; UTC."),
                ]), "Null while nobody does."),
            .optional(
                "shelf",
                .object([
                    .required("person", .string(), "Who put it away."), .required("reason", .string(), "Why."),
                    .required("until", .time, "When it calls again by itself; UTC."),
                ]), "Null when it is not shelved."),
            .required("response", .string(), "What to do."),
        ])
    }

    public struct Acknowledgement: Codable, Sendable {
        public var uid: UInt32
        public var time: String
    }

    public struct Shelf: Codable, Sendable {
        public var person: String
        public var reason: String
        public var until: String
    }
}
