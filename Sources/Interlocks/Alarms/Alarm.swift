import Quantities

/// How soon a person is needed, after ISA-18.2: it follows from what happens if nobody comes, not from what broke.
public enum AlarmPriority: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case low, medium, high, critical

    public static func < (a: AlarmPriority, b: AlarmPriority) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// Where an alarm is in its life, after ISA-18.2.
public enum AlarmState: String, Hashable, Sendable, CaseIterable {
    /// The condition is there, and nobody has said that he knows.
    case active
    /// The condition is there, and somebody knows.
    case acknowledged
    /// The condition is gone before anybody acknowledged it.
    case returned
    /// Put away for a while: it is there and notifies nobody.
    case shelved
}

/// A condition that a person should know of.
public struct Alarm: Hashable, Sendable, Codable {
    /// `device:cui`, `interlock:plate-over-temperature`, `archive`.
    public let id: String
    public var text: String
    public var priority: AlarmPriority
    /// Since when the condition is there.
    public var since: Moment
    /// nil while the condition is there.
    public var endedAt: Moment?
    public var acknowledgement: Acknowledgement?
    public var shelf: Shelf?
    /// Stays until it is reset, whatever its condition does.
    public var isLatched: Bool
    /// What the person should do.
    public var response: String

    public init(
        id: String, text: String, priority: AlarmPriority, since: Moment, endedAt: Moment? = nil,
        acknowledgement: Acknowledgement? = nil, shelf: Shelf? = nil, isLatched: Bool = false, response: String = ""
    ) {
        self.id = id
        self.text = text
        self.priority = priority
        self.since = since
        self.endedAt = endedAt
        self.acknowledgement = acknowledgement
        self.shelf = shelf
        self.isLatched = isLatched
        self.response = response
    }

    /// Whether its condition is there.
    public var isActive: Bool { endedAt == nil }

    public var state: AlarmState {
        if shelf != nil { return .shelved }
        guard isActive else { return .returned }
        return acknowledgement == nil ? .active : .acknowledged
    }

    /// Who said that he knows.
    public struct Acknowledgement: Hashable, Sendable, Codable {
        public let uid: UInt32
        public let at: WallInstant

        public init(uid: UInt32, at: WallInstant) {
            self.uid = uid
            self.at = at
        }
    }

    /// Who put it away, why and until when.
    public struct Shelf: Hashable, Sendable, Codable {
        public let alarm: String
        public let person: String
        public let reason: String
        /// By the calendar, so that a restart does not make it longer.
        public let until: WallInstant

        public init(alarm: String, person: String, reason: String, until: WallInstant) {
            self.alarm = alarm
            self.person = person
            self.reason = reason
            self.until = until
        }
    }
}

/// Something that became of an alarm.
public struct AlarmChange: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case raised, ended, acknowledged, shelved, unshelved
        /// Its text is another one.
        case told
    }

    public let alarm: Alarm
    public let kind: Kind
    /// Whether somebody is called; false for what is shelved, and in a flood for what can wait.
    public let notifies: Bool
}

/// Why an alarm was left as it is.
public enum AlarmRefusal: Error, Hashable, Sendable {
    case unknown(String, known: [String])
    case critical(String)
    case notShelved(String)

    public var kind: String {
        switch self {
        case .unknown: "unknown_alarm"
        case .critical: "shelving_forbidden"
        case .notShelved: "not_shelved"
        }
    }

    public var text: String {
        switch self {
        case .unknown(let id, let known):
            "no alarm \"\(id.prefix(64))\" now; there is \(known.isEmpty ? "none" : known.joined(separator: ", "))"
        case .critical(let id): "\(id) is critical: such an alarm is not shelved"
        case .notShelved(let id): "\(id) is not shelved"
        }
    }

    public var hint: String {
        switch self {
        case .unknown, .notShelved: "see alarms.list"
        case .critical: "acknowledge it and mend its cause"
        }
    }
}
