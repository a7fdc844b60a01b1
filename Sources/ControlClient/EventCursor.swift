import ControlAPI

/// The place in the daemon's stream of events from which a subscription goes on after a loss.
struct EventCursor {
    let topics: [String]
    private(set) var stream: String
    /// Of the last event that was told.
    private(set) var sequence: UInt64

    /// - Parameter from: the first event that was asked for; nil: only new ones.
    init(topics: [String], from: UInt64?, _ answer: EventsSubscribe.Result) {
        self.topics = topics
        stream = answer.stream
        sequence = (from.map { max($0, 1) } ?? max(answer.next, 1)) - 1
    }

    /// What to ask on the next connection.
    var params: EventsSubscribe.Params { .init(topics: topics, from: sequence + 1, stream: stream) }

    /// - Returns: whether the daemon was started anew: its stream is another one, and is told from its beginning.
    mutating func resume(_ answer: EventsSubscribe.Result) -> Bool {
        guard answer.stream != stream else { return false }
        stream = answer.stream
        sequence = 0
        return true
    }

    /// Whether to tell it; what was told before is not told again. A gap of one kind says nothing of the other kind's
    /// events in its range, which still come: only one of all moves the place.
    mutating func takes(_ event: DaemonConnection.Event) -> Bool {
        if event.topic == "gap" {
            if event.data["kind"] == .string("all") { sequence = max(sequence, event.sequence) }
            return true
        }
        guard event.sequence > sequence else { return false }
        sequence = event.sequence
        return true
    }
}
