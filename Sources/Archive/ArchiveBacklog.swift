import DeviceModel
import Experiments
import Quantities

/// What waits to be written, oldest first. It is bounded: while nothing can be written, samples of the signal history
/// are drawn together, as they would be in their old age; transitions, results, latches, events and audit records are
/// kept as they are, until there are too many.
public struct ArchiveBacklog: Sendable {
    /// Above this many writes samples are drawn together; some megabytes.
    public static let looseWrites = 20_000
    /// More than this is not held: some 100 MB, which a bench that stands still does not fill in weeks.
    public static let limit = 250_000
    /// Writes that one transaction takes, so that no step of a long recovery holds the others up for long.
    public static let groupWrites = 5000

    private var batches: ArraySlice<ArchiveBatch> = []
    /// Of the samples that were drawn together; they belong to batches that wait or went with them.
    private(set) var means: [SignalSpan: SignalMean] = [:]
    /// The last batch that was added.
    private(set) var last: UInt64?
    /// How much waits: writes and means.
    public private(set) var count = 0
    private var drawAbove = looseWrites

    public init() {}

    public var isEmpty: Bool { last == nil }
    public var isFull: Bool { count > Self.limit }

    public mutating func add(_ more: [ArchiveBatch]) {
        guard let newest = more.last else { return }
        last = newest.id
        batches += more
        count += more.reduce(0) { $0 + $1.writes.count }
        if count > drawAbove { drawTogether() }
    }

    /// The batches that go together next, and up to which batch everything is kept then. All means go with the first
    /// ones: no batch may be said to be kept before its samples are.
    func nextGroup() -> (batches: ArraySlice<ArchiveBatch>, last: UInt64)? {
        guard let last else { return nil }
        var writes = 0
        let group = batches.prefix { batch in
            defer { writes += batch.writes.count }
            return writes < Self.groupWrites
        }
        return (group, group.count < batches.count ? group.last?.id ?? last : last)
    }

    /// The next group is committed, and all means.
    mutating func dropGroup() {
        guard let group = nextGroup()?.batches else { return }
        batches = batches.dropFirst(group.count)
        count -= means.count + group.reduce(0) { $0 + $1.writes.count }
        means = [:]
        if batches.isEmpty { self = ArchiveBacklog() }
    }

    private mutating func drawTogether() {
        var kept: ArraySlice<ArchiveBatch> = []
        for batch in batches {
            var writes: [ArchiveWrite] = []
            for write in batch.writes where !takeSample(write) { writes.append(write) }
            if !writes.isEmpty { kept.append(ArchiveBatch(id: batch.id, writes: writes)) }
        }
        batches = kept
        if means.count > Self.looseWrites { lengthenSpans() }
        count = kept.reduce(means.count) { $0 + $1.writes.count }
        // What is left does not shrink any further: look again only when there is much more.
        drawAbove = max(Self.looseWrites, 2 * count)
    }

    private mutating func lengthenSpans() {
        var long: [SignalSpan: SignalMean] = [:]
        for (span, mean) in means {
            long.add(mean, to: SignalSpan(span.signal, span.unit, SignalAges.longSpan, around: span.start))
        }
        means = long
    }

    private mutating func takeSample(_ write: ArchiveWrite) -> Bool {
        guard case .reading(let signal, let value, let unit, let quality, let moment) = write else { return false }
        let mean = SignalMean(value: value, quality: Quality(stored: quality), at: moment.wall)
        means.add(mean, to: SignalSpan(signal, unit, SignalAges.shortSpan, around: moment.wall))
        return true
    }
}

extension ArchiveBacklog {
    /// What would be lost if the daemon ended now, for people.
    public var summary: String {
        var kinds: [String: Int] = [:]
        for write in batches.lazy.flatMap(\.writes) { kinds[write.word, default: 0] += 1 }
        if !means.isEmpty { kinds["samples", default: 0] += means.values.reduce(0) { $0 + Int($1.count) } }
        return kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}

extension ArchiveWrite {
    fileprivate var word: String {
        switch self {
        case .experiment: "changes of experiments"
        case .spectrum: "spectra"
        case .latchSet, .latchCleared: "changes of latches"
        case .bypassSet, .bypassEnded: "changes of bypasses"
        case .station: "where cuvettes stand"
        case .maintenance, .leaseSet, .leaseEnded: "changes of maintenance"
        case .audit: "audit records"
        case .campaign: "campaigns"
        case .ledger: "states of the ledger"
        case .reagentAct: "refills and charges"
        case .alarm, .shelfSet, .shelfEnded: "changes of alarms"
        case .event: "events"
        case .reading: "samples"
        }
    }
}
