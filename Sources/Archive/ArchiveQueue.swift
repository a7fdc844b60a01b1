import Experiments
import Quantities

/// The control loop's side of the archive: batches in their order, until the archive's mailbox takes them, and when it
/// last had an answer. Nothing is dropped; an archive that stalls is noticed, and the daemon ends in order before its
/// memory does.
public struct ArchiveQueue: Sendable {
    /// Batches that wait for room in the mailbox; at a hundred a second some ten minutes.
    public static let limit = 65_536
    /// A commit takes milliseconds; a disk that says nothing for so long hangs.
    public static let patience = WireDuration.seconds(10)

    public enum Trouble: Hashable, Sendable {
        /// No answer, neither good nor bad. Said again after every further `patience`.
        case stalled(String)
        /// More waits than can be held. Said once.
        case full(String)
    }

    private var waiting: ArraySlice<ArchiveBatch> = []
    /// The last batch that was added, and the last one known to be kept.
    private var added: UInt64 = 0
    private var kept: UInt64 = 0
    /// Since when an answer is due; nil while none is.
    private var dueSince: WireInstant?
    private var saidAt: WireInstant?
    private var hasSaidFull = false

    public init() {}

    /// The batch to post next.
    public var first: ArchiveBatch? { waiting.first }

    public mutating func add(_ batch: ArchiveBatch, at now: WireInstant) {
        waiting.append(batch)
        added = batch.id
        if dueSince == nil { dueSince = now }
    }

    /// The mailbox took the first one.
    public mutating func posted() { waiting = waiting.dropFirst() }

    /// Everything up to this batch is kept.
    public mutating func committed(_ batch: UInt64, at now: WireInstant) {
        kept = max(kept, batch)
        dueSince = kept >= added ? nil : now
    }

    /// The archive cannot write, but it lives.
    public mutating func failed(at now: WireInstant) { if dueSince != nil { dueSince = now } }

    public mutating func trouble(at now: WireInstant) -> Trouble? {
        if waiting.count > Self.limit, !hasSaidFull {
            hasSaidFull = true
            return .full("the archive takes nothing any more, and more than \(Self.limit) batches wait for it")
        }
        guard let dueSince, now - dueSince >= Self.patience else { return nil }
        if let saidAt, saidAt >= dueSince, now - saidAt < Self.patience { return nil }
        saidAt = now
        return .stalled("it has not answered for \(Int(Self.patience.seconds)) s; its disk stalls")
    }
}
