import Experiments

/// Puts an alarm away for a while.
public enum AlarmsShelve: APIMethod {
    public static let name = "alarms.shelve"
    public static let role = Role.technician
    public static let summary =
        "Puts an alarm away for a while: it calls nobody, however often it comes and goes. Not for critical ones."
    public static let params: [Schema.Member] = [
        .required("alarm", .string(), "Its id, as alarms.list tells it."),
        .required("person", .string(count: 1...100), "Who answers for it."),
        .required("reason", .string(count: 1...1000), "Why."),
        .required("duration_s", .number(10...86_400), "How long; it ends by itself."),
    ]
    public static let result = Schema.object([
        .required("alarm", .string(), "Its id."), .required("until", .time, "When it calls again; UTC."),
    ])
    public static let errors: [ErrorKind] = [.unknownAlarm, .shelvingForbidden]

    public struct Params: Codable, Sendable {
        public var alarm: String
        public var person: String
        public var reason: String
        public var durationS: Double

        public init(alarm: String, person: String, reason: String, durationS: Double) {
            self.alarm = alarm
            self.person = person
            self.reason = reason
            self.durationS = durationS
        }

        enum CodingKeys: String, CodingKey {
            case alarm, person, reason
            case durationS = "duration_s"
        }
    }

    public struct Result: Codable, Sendable {
        public var alarm: String
        public var until: String

        public init(alarm: String, until: String) {
            self.alarm = alarm
            self.until = until
        }
    }
}
