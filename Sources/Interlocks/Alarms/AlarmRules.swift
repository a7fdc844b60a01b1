import Quantities

/// How this bench treats alarms: `[alarms]` of the bench file, and what every bench has in common.
public struct AlarmRules: Hashable, Sendable {
    /// A condition that is gone again within this is no alarm; critical ones do not wait.
    public var onDelay: WireDuration
    /// One that is back within this after its end has not ended.
    public var offDelay: WireDuration
    /// More new alarms than this within `AlarmBook.floodSpan` are a flood.
    public var floodLimit: Int
    /// Priorities other than the usual, by alarm or kind: `device:spec_pl`, `device`.
    public var priorities: [String: AlarmPriority]
    /// The program that is told of alarms, with its arguments; empty: none.
    public var notify: [String]

    public init(
        onDelay: WireDuration = .zero, offDelay: WireDuration = .zero, floodLimit: Int = 10,
        priorities: [String: AlarmPriority] = [:], notify: [String] = []
    ) {
        self.onDelay = onDelay
        self.offDelay = offDelay
        self.floodLimit = floodLimit
        self.priorities = priorities
        self.notify = notify
    }

    /// Alarms of one kind: what they mean wherever they are.
    public struct Kind: Sendable {
        /// The part of an id before the colon, or all of it.
        public let name: String
        public let priority: AlarmPriority
        /// What to do; `%` is what stands behind the colon.
        let response: String
        public let meaning: String
    }

    public static let kinds: [Kind] = [
        Kind(
            name: "interlock", priority: .critical, response: "",
            meaning: "an interlock has tripped; until it is reset"),
        Kind(
            name: "unproven", priority: .critical,
            response: "Look at % itself, and switch it off by hand if it does not stand.",
            meaning: "a device does not show its safe state after a trip"),
        Kind(
            name: "found-running", priority: .high,
            response: "It was told to stop. Look at % itself: a contact may be welded, or somebody else has its port.",
            meaning: "a device runs and nobody asked for it; the queue waits"),
        Kind(
            name: "failures", priority: .high,
            response: "Mend what the text names, then let the queue go on: flowlabctl alarms acknowledge failures.",
            meaning: "experiments fail one after the other; the queue waits until this is acknowledged"),
        Kind(
            name: "archive", priority: .high,
            response: "Make room on the disk of the state directory; nothing is lost meanwhile.",
            meaning: "the archive cannot write"),
        Kind(
            name: "device", priority: .high,
            response: "Look at the power and the cable of %; the daemon tries again by itself.",
            meaning: "a device is lost or faulted"),
        Kind(
            name: "waste-full", priority: .high,
            response: "Empty the waste, then: flowlabctl reagents empty-waste.",
            meaning: "the waste is full by the ledger"),
        Kind(
            name: "alarm-flood", priority: .high, response: "Look for what they have in common: flowlabctl alarms.",
            meaning: "more alarms than a person can take in"),
        Kind(
            name: "bypass", priority: .medium, response: "See that it ends: flowlabctl interlocks restore %.",
            meaning: "an interlock is out of service"),
        Kind(
            name: "flush", priority: .medium, response: "Flush the line by hand, or mend what the text names.",
            meaning: "the line could not be flushed"),
        Kind(
            name: "reagent-low", priority: .low,
            response: "Fill the syringe, then: flowlabctl reagents refill %.",
            meaning: "a syringe is nearly empty by the ledger"),
    ]

    static func kind(of id: String) -> (kind: Kind?, subject: String) {
        let parts = id.split(separator: ":", maxSplits: 1)
        return (kinds.first { $0.name == parts[0] }, parts.count == 2 ? String(parts[1]) : "")
    }

    func priority(of id: String) -> AlarmPriority {
        let kind = Self.kind(of: id).kind
        return priorities[id] ?? kind.flatMap { priorities[$0.name] } ?? kind?.priority ?? .medium
    }

    static func response(to id: String) -> String {
        let (kind, subject) = kind(of: id)
        return (kind?.response ?? "").split(separator: "%", omittingEmptySubsequences: false).joined(separator: subject)
    }
}
