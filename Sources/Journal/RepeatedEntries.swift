import Quantities

/// Keeps one loose cable from filling the journal: an entry that says again what was said is counted, and told with its
/// count when its time is over. The time is a minute at first, and twice as long as long as it goes on, an hour at most.
///
/// Only devices and their alarms are limited; a trip or an experiment is always told.
public struct RepeatedEntries: Sendable {
    static let firstSpan = WireDuration.seconds(60)
    static let longestSpan = WireDuration.seconds(3600)
    /// Entries that are remembered; the one that is over first makes room.
    static let capacity = 256

    private struct Remembered {
        var entry: JournalEntry
        var span: WireDuration
        var until: WireInstant
        var count = 0
    }

    private var remembered: [String: Remembered] = [:]

    public init() {}

    /// When `due` has something to do at the latest.
    public var deadline: WireInstant? { remembered.values.map(\.until).min() }

    /// What is to be written now that this entry has come: the entry, or nothing; before it, what its room was taken
    /// from.
    public mutating func admit(_ entry: JournalEntry, at now: WireInstant) -> [JournalEntry] {
        var written = due(at: now)
        guard entry.component == "devices" || entry.component == "alarms" else { return written + [entry] }
        let key = "\(entry.message)\u{0}\(entry.text)"
        guard remembered[key] == nil else {
            remembered[key]?.count += 1
            remembered[key]?.entry = entry
            return written
        }
        if remembered.count >= Self.capacity,
            let oldest = remembered.min(by: { ($0.value.until, $0.key) < ($1.value.until, $1.key) })
        {
            remembered[oldest.key] = nil
            if oldest.value.count > 0 { written.append(Self.summary(oldest.value)) }
        }
        remembered[key] = Remembered(entry: entry, span: Self.firstSpan, until: now + Self.firstSpan)
        return written + [entry]
    }

    /// What was left out of entries whose time is over.
    public mutating func due(at now: WireInstant) -> [JournalEntry] {
        var written: [JournalEntry] = []
        for (key, value) in remembered.filter({ $0.value.until <= now }).sorted(by: { $0.key < $1.key }) {
            guard value.count > 0 else {
                remembered[key] = nil
                continue
            }
            written.append(Self.summary(value))
            let span = min(value.span + value.span, Self.longestSpan)
            remembered[key] = Remembered(entry: value.entry, span: span, until: now + span)
        }
        return written
    }

    /// What was left out so far: the daemon ends.
    public mutating func finish() -> [JournalEntry] {
        defer { remembered = [:] }
        return remembered.sorted { $0.key < $1.key }.filter { $0.value.count > 0 }.map { Self.summary($0.value) }
    }

    private static func summary(_ value: Remembered) -> JournalEntry {
        var entry = value.entry
        entry.text += " (\(value.count) times more in the last \(Int(value.span.seconds)) s)"
        entry[.repeated] = "\(value.count)"
        return entry
    }
}
