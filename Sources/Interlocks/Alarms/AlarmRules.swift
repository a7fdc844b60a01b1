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
    }

    public static let kinds: [Kind] = [
        Kind(
            name: "interlock", priority: .critical, response: ""),
        Kind(
            name: "unproven", priority: .critical,
            response: "Look at % itself, and switch it off by hand if it does not stand."),
        Kind(
            name: "found-running", priority: .high,
            response:
                "It was told to stop. Look at % itself: a contact may be welded, a valve may leak (shut its gas by hand), or somebody else has its port."
        ),
        Kind(
            name: "station-unknown", priority: .high,
            response: "Look what stands at % and say it: flowlabctl stations set % --cuvettes N."),
        Kind(
            name: "failures", priority: .high,
            response: "Mend what the text names, then let the queue go on: flowlabctl alarms acknowledge failures."),
        Kind(
            name: "archive", priority: .high,
            response: "Make room on the disk of the state directory; nothing is lost meanwhile."),
        Kind(
            name: "device", priority: .high,
            response:
                "Do what the text says; if it says nothing, look at the power and the cable of %. The daemon tries again by itself, but for a fault that a board has latched."
        ),
        Kind(
            name: "waste-full", priority: .high,
            response: "Empty the waste, then: flowlabctl reagents empty-waste."),
        Kind(
            name: "alarm-flood", priority: .high, response: "Look for what they have in common: flowlabctl alarms."),
        Kind(
            name: "maintenance-over", priority: .high,
            response: "See that nobody works at the bench, then give it back: flowlabctl maintenance exit."),
        Kind(
            name: "client-gone", priority: .medium,
            response: "Start the client again, or let them go on: flowlabctl release EXPERIMENT."),
        Kind(
            name: "bypass", priority: .medium, response: "See that it ends: flowlabctl interlocks restore %."),
        Kind(
            name: "flush", priority: .medium, response: "Flush the line by hand, or mend what the text names."),
        Kind(
            name: "loop-late", priority: .low,
            response: "Look what else runs on this host (top, its hypervisor), whether its disk hangs, and whether the "
                + "daemon has its real-time priority: the journal says so at its start."),
        Kind(
            name: "recorder", priority: .low,
            response: "Make room on the disk of the state directory; the bench goes on, only unrecorded."),
        Kind(
            name: "reagent-low", priority: .low,
            response: "Fill the syringe, then: flowlabctl reagents refill %."),
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
