import DeviceModel
import Quantities

/// Something that clients will see.
enum Publication: Sendable {
    case event(BenchEvent)
    case readings(firstSequence: UInt64, [Reading])
    case reply(RequestToken, ControlReply)
}

/// Holds back what clients may see until the archive has committed what it speaks of. One queue, so that events keep
/// their order and sequence numbers have no holes.
struct Outbox: Sendable {
    private var writes: [ArchiveWrite] = []
    private var fresh: [Publication] = []
    private var waiting: [(batch: UInt64, publications: [Publication])] = []
    private var nextBatch: UInt64 = 1
    private(set) var nextSequence: UInt64 = 1

    mutating func write(_ write: ArchiveWrite) { writes.append(write) }

    mutating func publish(_ topic: String, _ data: [String: EventValue], at now: Moment) {
        let event = BenchEvent(sequence: takeSequences(1), topic: topic, at: now, data: .object(data.mapValues(\.json)))
        writes.append(.event(event))
        fresh.append(.event(event))
    }

    mutating func publish(_ readings: [Reading]) {
        fresh.append(.readings(firstSequence: takeSequences(UInt64(readings.count)), readings))
    }

    mutating func reply(_ token: RequestToken, _ reply: ControlReply) { fresh.append(.reply(token, reply)) }

    private mutating func takeSequences(_ count: UInt64) -> UInt64 {
        defer { nextSequence += count }
        return nextSequence
    }

    /// Whether everything that was done is also committed and seen.
    var isSettled: Bool { waiting.isEmpty && fresh.isEmpty && writes.isEmpty }

    /// Closes one step: the batch to commit, if there is anything to keep, and what may be seen at once.
    mutating func close() -> (batch: ArchiveBatch?, visible: [Publication]) {
        defer {
            writes = []
            fresh = []
        }
        guard writes.isEmpty else {
            let batch = ArchiveBatch(id: nextBatch, writes: writes)
            nextBatch += 1
            waiting.append((batch.id, fresh))
            return (batch, [])
        }
        guard let last = waiting.last else { return (nil, fresh) }
        if !fresh.isEmpty { waiting.append((last.batch, fresh)) }
        return (nil, [])
    }

    /// All batches up to this one are committed.
    mutating func committed(upTo batch: UInt64) -> [Publication] {
        var visible: [Publication] = []
        while let first = waiting.first, first.batch <= batch {
            visible += first.publications
            waiting.removeFirst()
        }
        return visible
    }
}
