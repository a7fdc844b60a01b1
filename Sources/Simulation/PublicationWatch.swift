import Experiments
import Wire

/// Holds what the daemon publishes against what it promises: sequence numbers without a hole, and nothing shown before
/// it is kept.
public struct PublicationWatch: Sendable {
    /// More than this many broken promises add nothing.
    static let limit = 20

    /// One line for each broken promise.
    public private(set) var violations: [String] = []
    /// Sequence numbers that did not come: of readings, where a disk took nothing for long.
    public private(set) var missed: UInt64 = 0
    private var next: UInt64 = 1

    /// A new daemon counts from one.
    mutating func startDaemon() { next = 1 }

    mutating func saw(_ event: BenchEvent, in archive: MemoryArchive) {
        saw(event.sequence, count: 1)
        if archive.lastEvent < event.sequence { note("event \(event.sequence) was shown before it was kept") }
        guard event.topic == "experiments", let (id, state) = Self.transition(event) else { return }
        let kept = archive.experiments[id]?.transitions.contains { $0.state.rawValue == state } ?? false
        if !kept { note("\(id) was shown as \(state) before it was kept") }
    }

    mutating func saw(_ first: UInt64, count: Int) {
        if first < next { note("sequence number \(first) came where \(next) was due") }
        if first > next { missed += first - next }
        next = first + UInt64(count)
    }

    private mutating func note(_ violation: String) {
        if violations.count < Self.limit { violations.append(violation) }
    }

    private static func transition(_ event: BenchEvent) -> (experiment: String, state: String)? {
        guard case .object(let members) = event.data, let id = members["experiment"]?.text,
            let state = members["state"]?.text
        else { return nil }
        return (id, state)
    }
}
