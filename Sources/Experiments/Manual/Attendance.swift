import Quantities

/// Which clients look after which experiments: those that submitted them, and those that wait for them.
struct Attendance: Sendable {
    private var clients: [String: Set<UInt64>] = [:]
    /// Since when nobody does.
    private var aloneSince: [String: WireInstant] = [:]
    /// Those whose client counts as gone.
    private(set) var gone: Set<String> = []
    /// Those of them that were held for it.
    var held: Set<String> = []

    mutating func attend(_ experiment: String, _ client: UInt64) {
        clients[experiment, default: []].insert(client)
        aloneSince[experiment] = nil
        gone.remove(experiment)
    }

    /// Nobody looks after it, from now on.
    mutating func leave(_ experiment: String, at now: WireInstant) {
        guard clients[experiment]?.isEmpty ?? true else { return }
        clients[experiment] = []
        aloneSince[experiment] = now
    }

    mutating func restoreHeld(_ experiment: String) {
        clients[experiment] = []
        gone.insert(experiment)
        held.insert(experiment)
    }

    mutating func gone(_ client: UInt64, at now: WireInstant) {
        for experiment in clients.keys.sorted() where clients[experiment]?.remove(client) != nil {
            leave(experiment, at: now)
        }
    }

    mutating func forget(_ experiment: String) {
        clients[experiment] = nil
        aloneSince[experiment] = nil
        gone.remove(experiment)
        held.remove(experiment)
    }

    /// Those that have been alone for so long, each once.
    mutating func expire(after patience: WireDuration, at now: WireInstant) -> [String] {
        let late = aloneSince.filter { $0.value + patience <= now }.keys.sorted()
        for experiment in late { aloneSince[experiment] = nil }
        gone.formUnion(late)
        return late
    }

    func deadline(_ patience: WireDuration) -> WireInstant? { aloneSince.values.min().map { $0 + patience } }
}
