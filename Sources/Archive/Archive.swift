import Experiments
import Synchronization

/// The writing side of the archive: one SQLite file in WAL mode, with one writer.
///
/// A commit that carries a transition, a result, a latch or an audit record is on the disk when `commit` returns; it
/// survives a kill and a power cut. Other commits survive a kill. A commit that fails leaves nothing behind, and the
/// archive can be written again as soon as its cause is gone.
public final class Archive: Sendable {
    /// The journal is cut back to this after a checkpoint.
    static let journalBytes = 64 * 1024 * 1024

    public let path: String
    private let state: Mutex<State>

    private struct State {
        let database: Database
        let writer: Writer
        var isSyncing = true
    }

    /// Opens or makes the archive, its directory too, and brings it to the present schema.
    public init(path: String) throws(ArchiveError) {
        try StatePlace.prepare(path)
        let database = try Database(path: path, access: .readWrite)
        try database.execute("PRAGMA journal_mode = WAL")
        try database.execute("PRAGMA synchronous = FULL")
        try database.execute("PRAGMA foreign_keys = ON")
        try database.execute("PRAGMA journal_size_limit = \(Self.journalBytes)")
        try Schema.migrate(database, path: path)
        let lastRun = try database.integer("SELECT coalesce(max(run), 0) FROM events") ?? 0
        self.path = path
        state = Mutex(State(database: database, writer: Writer(database: database, run: lastRun + 1)))
    }

    /// Commits batches that wait together, in their order: all of them, or on an error none, so that no later one is
    /// kept without an earlier one.
    public func commit(_ batches: [ArchiveBatch]) throws(ArchiveError) {
        guard !batches.isEmpty else { return }
        let mustSync = batches.contains(where: \.isDurable)
        try state.withLock { state throws(ArchiveError) in
            if mustSync != state.isSyncing {
                try state.database.execute("PRAGMA synchronous = \(mustSync ? "FULL" : "NORMAL")")
                state.isSyncing = mustSync
            }
            let writer = state.writer
            try state.database.transaction("IMMEDIATE") { () throws(ArchiveError) in
                for batch in batches {
                    for write in batch.writes { try writer.write(write) }
                }
            }
        }
    }

    /// What the daemon must know of its earlier life.
    public func restore() throws(ArchiveError) -> RestoredState {
        try state.withLock { state throws(ArchiveError) in
            let reader = RecordReader(database: state.database)
            return try state.database.transaction("DEFERRED") { () throws(ArchiveError) in
                RestoredState(
                    lastExperimentNumber: Int(try reader.lastNumber()), unfinished: try reader.unfinished(),
                    latches: try reader.latches(), keys: try reader.keys())
            }
        }
    }

    /// Bounds the file to this many pages of 4096 bytes; what does not fit fails as a full disk does. Never cuts what
    /// is there.
    public func limitPages(to count: Int) throws(ArchiveError) {
        try state.withLock { state throws(ArchiveError) in
            try state.database.execute("PRAGMA max_page_count = \(max(1, count))")
        }
    }
}
