import Journal
import Platform
import Quantities

/// The journal's thread: a journal that hangs holds up nobody else. Entries that say again what was said are counted.
enum JournalWorker {
    static func run(_ posts: Posts, _ stop: StopFlag, _ log: Log) {
        var repeated = RepeatedEntries()
        var refused = 0
        while true {
            _ = posts.toJournal.wait(timeout: Daemon.workerPatience)
            // Before the mailbox is emptied: what was posted before the flag was raised is written.
            let isLast = stop.isRaised
            let entries = posts.toJournal.drain(max: posts.toJournal.capacity)
            for entry in entries.flatMap({ repeated.admit($0, at: wireNow()) }) { log.write(entry) }
            for entry in repeated.due(at: wireNow()) { log.write(entry) }
            tell(posts.toJournal.dropped, &refused, log)
            guard isLast else { continue }
            for entry in repeated.finish() { log.write(entry) }
            return
        }
    }

    private static func tell(_ dropped: Int, _ told: inout Int, _ log: Log) {
        guard dropped > told else { return }
        log.write(
            JournalEntry(
                .warning, "journal", "\(dropped - told) entries are missing: the journal did not take them in time",
                .trouble, [.repeated: "\(dropped - told)"]))
        told = dropped
    }
}

extension Log {
    func write(_ entry: JournalEntry) {
        guard let level = LogLevel(rawValue: entry.priority.rawValue) else { return }
        write(level, entry.component, entry.text, fields: entry.assignments.map { ($0.name, $0.value) })
    }

    /// Whether it is written at all.
    func takes(_ entry: JournalEntry) -> Bool {
        LogLevel(rawValue: entry.priority.rawValue).map { $0 >= threshold } ?? false
    }

    /// Something that the daemon cannot do.
    func trouble(_ component: String, _ text: String) {
        write(JournalEntry(.error, component, text, .trouble))
    }
}
