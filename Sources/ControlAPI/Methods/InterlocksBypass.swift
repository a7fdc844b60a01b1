import Experiments

/// Takes an interlock out of service for a while.
public enum InterlocksBypass: APIMethod {
    public static let name = "interlocks.bypass"
    public static let role = Role.technician
    public static let summary =
        "Takes an interlock out of service for a while, where the bench file permits it; an alarm says so meanwhile."
    public static let params: [Schema.Member] = [
        .required("interlock", .string(), "Its name in the bench file."),
        .required("person", .string(count: 1...100), "Who answers for it."),
        .required("reason", .string(count: 1...1000), "Why."),
        .required("duration_s", .number(10...86_400), "How long; it ends by itself."),
    ]
    public static let result = Schema.object([
        .required("interlock", .string(), "Its name."), .required("until", .time, "When it is in service again; UTC."),
    ])
    public static let errors: [ErrorKind] = [.unknownInterlock, .bypassForbidden]

    public struct Params: Codable, Sendable {
        public var interlock: String
        public var person: String
        public var reason: String
        public var durationS: Double

        public init(interlock: String, person: String, reason: String, durationS: Double) {
            self.interlock = interlock
            self.person = person
            self.reason = reason
            self.durationS = durationS
        }

        enum CodingKeys: String, CodingKey {
            case interlock, person, reason
            case durationS = "duration_s"
        }
    }

    public struct Result: Codable, Sendable {
        public var interlock: String
        public var until: String

        public init(interlock: String, until: String) {
            self.interlock = interlock
            self.until = until
        }
    }
}

/// Who took an interlock out of service.
public struct InterlockBypass: Codable, Sendable {
    public var person: String
    public var reason: String
    public var since: String
    public var until: String

    public init(person: String, reason: String, since: String, until: String) {
        self.person = person
        self.reason = reason
        self.since = since
        self.until = until
    }

    static let schema = Schema.object([
        .required("person", .string(), "Who answers for it."), .required("reason", .string(), "Why."),
        .required("since", .time, "UTC."), .required("until", .time, "When it ends by itself; UTC."),
    ])
}
