import ControlAPI

/// Records that were read from the store lately, as the JSON that they became: a client that looks at an experiment again
/// and again shall not cost a read of the archive each time.
///
/// A record in the store never changes without an event of the topic `experiments` that names it, and the event comes to
/// the server only once the change is committed. So what is kept here is at most as old as the last event, which is what
/// a subscriber knows as well. When events were lost, nothing that is kept here is believed.
final class KnownExperiments {
    static let limit = 128

    private var encoded: [String: EncodedJSON] = [:]
    /// Counts what was forgotten; what was read before the last change is not kept.
    private(set) var changes: UInt64 = 0

    /// - Parameter experiment: nil forgets all.
    func forget(_ experiment: String?) {
        changes += 1
        if let experiment { encoded.removeValue(forKey: experiment) } else { encoded = [:] }
    }

    func keep(_ experiment: String, _ json: EncodedJSON) {
        if encoded.count >= Self.limit { encoded = [:] }
        encoded[experiment] = json
    }

    func json(_ id: String) -> EncodedJSON? { encoded[id] }
}
