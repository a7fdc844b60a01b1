import DeviceModel
import Quantities

/// Something that clients will see.
enum Publication: Sendable {
    case event(BenchEvent)
    case readings(firstSequence: UInt64, [Reading])
    case reply(RequestToken, ControlReply)

    var readings: Int { if case .readings(_, let readings) = self { readings.count } else { 0 } }
}

/// Holds back what clients may see until the archive has committed what it speaks of. One queue, so that events keep
/// their order. Readings are what the world was, whatever becomes of the archive: they wait only behind what must be kept
/// first. Sequence numbers have holes only where readings were dropped because a disk took nothing for long: then a
/// subscriber sees a gap. Events and replies are never dropped.
struct Outbox: Sendable {
    /// Readings that may wait; the example bench has some ninety a second.
    static let heldReadings = 16_384

    private var writes: [ArchiveWrite] = []
    private var fresh: [Publication] = []
    private struct Step {
        let batch: UInt64
        var publications: [Publication]
        /// The queue after this step; nil: it is as it was.
        let queue: QueueView?
    }

    private var waiting: ArraySlice<Step> = []
    private var lastKept: UInt64 = 0
    private var readingsHeld = 0
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

    /// The kind of refusal that was just given to this request; nil when it was none.
    func refusal(of token: RequestToken) -> String? {
        guard case .reply(let last, .refused(let error))? = fresh.last, last == token else { return nil }
        return error.kind
    }

    private mutating func takeSequences(_ count: UInt64) -> UInt64 {
        defer { nextSequence += count }
        return nextSequence
    }

    /// Whether everything that was done is also committed and seen.
    var isSettled: Bool { waiting.isEmpty && fresh.isEmpty && writes.isEmpty && lastKept + 1 == nextBatch }

    /// Whether this step keeps more than readings: it is seen once that is committed.
    var mustBeKept: Bool { !writes.areReadingsOnly }

    /// Whether the queue is as it is kept.
    var isQueueKept: Bool { waiting.isEmpty }

    /// Closes one step: the batch to commit, if there is anything to keep, and what may be seen at once.
    ///
    /// - Parameter queue: as it is after the step; needed only where it `mustBeKept`.
    mutating func close(_ queue: QueueView?) -> (batch: ArchiveBatch?, visible: [Publication]) {
        defer {
            writes = []
            fresh = []
        }
        var batch: ArchiveBatch?
        if !writes.isEmpty {
            batch = ArchiveBatch(id: nextBatch, writes: writes)
            nextBatch += 1
        }
        if let batch, !batch.isOfReadingsOnly {
            hold(Step(batch: batch.id, publications: fresh, queue: queue))
        } else if let last = waiting.last {
            if !fresh.isEmpty { hold(Step(batch: last.batch, publications: fresh, queue: nil)) }
        } else {
            return (batch, fresh)
        }
        return (batch, [])
    }

    private mutating func hold(_ step: Step) {
        waiting.append(step)
        readingsHeld += step.publications.reduce(0) { $0 + $1.readings }
        if readingsHeld > Self.heldReadings { dropOldReadings() }
    }

    /// The older half.
    private mutating func dropOldReadings() {
        for index in waiting.indices where readingsHeld > Self.heldReadings / 2 {
            readingsHeld -= waiting[index].publications.reduce(0) { $0 + $1.readings }
            waiting[index].publications.removeAll { $0.readings > 0 }
        }
        guard let last = waiting.last else { return }
        // Whatever a later one waits for includes what an empty one did.
        waiting = waiting.dropLast().filter { !$0.publications.isEmpty || $0.queue != nil }[...] + [last]
    }

    /// All batches up to this one are committed: what may be seen now, and the queue as it is kept, if that has changed.
    mutating func committed(upTo batch: UInt64) -> (visible: [Publication], queue: QueueView?) {
        lastKept = batch
        var (visible, queue): ([Publication], QueueView?) = ([], nil)
        while let first = waiting.first, first.batch <= batch {
            visible += first.publications
            readingsHeld -= first.publications.reduce(0) { $0 + $1.readings }
            queue = first.queue ?? queue
            waiting = waiting.dropFirst()
        }
        return (visible, queue)
    }
}
