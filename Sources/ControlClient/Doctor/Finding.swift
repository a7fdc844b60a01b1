import Wire

/// One thing that `flowlabctl doctor` has looked at, and what to do about it.
public struct Finding: Hashable, Sendable {
    public enum Level: String, Sendable, CaseIterable {
        case ok
        /// Nothing is wrong; it might be better.
        case note
        /// The bench works, but not as it should, or not for ever.
        case warning
        /// The bench does not work, or not safely.
        case problem
        /// It could not be looked at: that is never `ok`.
        case unseen = "not looked at"
    }

    public let level: Level
    /// `port pump_cui`
    public let subject: String
    public let found: String
    /// What to do; nil where nothing is to be done.
    public let remedy: String?

    init(_ level: Level, _ subject: String, _ found: String, _ remedy: String? = nil) {
        self.level = level
        self.subject = subject
        self.found = found
        self.remedy = remedy
    }

    /// One line for people.
    public var text: String {
        let word = level.rawValue + String(repeating: " ", count: 13 - level.rawValue.count)
        return "\(word)  \(subject): \(found)\(remedy.map { "; what now: \($0)" } ?? "")"
    }

    public var json: JSONValue {
        .object([
            "level": .string(level.rawValue), "subject": .string(subject), "found": .string(found),
            "remedy": remedy.map { .string($0) } ?? .null,
        ])
    }
}

/// What was found on a host.
public struct Diagnosis: Sendable {
    public let findings: [Finding]

    public init(_ findings: [Finding]) { self.findings = findings }

    public func count(_ level: Finding.Level) -> Int { findings.count { $0.level == level } }

    public var isWell: Bool { count(.problem) == 0 }

    /// `21 checks: 18 ok, 2 warnings, 1 problem`
    public var summary: String {
        let parts = Finding.Level.allCases.compactMap { level -> String? in
            let number = count(level)
            guard number > 0 else { return nil }
            let isPlural = number > 1 && [.note, .warning, .problem].contains(level)
            return "\(number) \(level.rawValue)\(isPlural ? "s" : "")"
        }
        return "\(findings.count) checks: \(parts.joined(separator: ", "))"
    }

    public var json: JSONValue {
        .object([
            "findings": .array(findings.map(\.json)), "problems": .integer(Int64(count(.problem))),
            "warnings": .integer(Int64(count(.warning))), "not_looked_at": .integer(Int64(count(.unseen))),
        ])
    }
}
