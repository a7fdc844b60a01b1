import Experiments
import Quantities
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
        var upkeep = SignalUpkeep()
        var isSyncing = true
        var hasBegun = false

        mutating func setSyncing(_ isWanted: Bool) throws(ArchiveError) {
            guard isWanted != isSyncing else { return }
            try database.execute("PRAGMA synchronous = \(isWanted ? "FULL" : "NORMAL")")
            isSyncing = isWanted
        }
    }

    /// Opens or makes the archive, its directory too, and brings it to the present schema.
    /// - Parameter fileSystem: one that is registered with SQLite, in place of the host's.
    public init(path: String, fileSystem: String? = nil) throws(ArchiveError) {
        if fileSystem == nil {
            try StatePlace.prepare(path) { empty throws(ArchiveError) in
                try Schema.migrate(try Database(path: empty, access: .readWrite), path: path)
            }
        }
        let database = try Database(path: path, access: .readWrite, fileSystem: fileSystem)
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
    public func commit(_ batches: [ArchiveBatch]) throws(ArchiveError) { try commit(batches, means: [:]) }

    /// - Parameter means: samples that were drawn together while they waited.
    func commit(_ batches: [ArchiveBatch], means: [SignalSpan: SignalMean]) throws(ArchiveError) {
        guard !batches.isEmpty || !means.isEmpty else { return }
        try state.withLock { state throws(ArchiveError) in
            try state.setSyncing(batches.contains(where: \.isDurable))
            let (writer, hasBegun, database) = (state.writer, state.hasBegun, state.database)
            try database.transaction("IMMEDIATE") { () throws(ArchiveError) in
                if !hasBegun { try writer.begin() }
                for batch in batches {
                    for write in batch.writes { try writer.write(write) }
                }
                try SignalMeans(database: database).add(means)
            }
            state.hasBegun = true
        }
    }

    /// One short step of drawing old samples of the signal history together; see `SignalAges`.
    /// - Returns: whether there is more to do now.
    public func drawTogether(at now: WallInstant) throws(ArchiveError) -> Bool {
        try state.withLock { state throws(ArchiveError) in
            try state.setSyncing(false)
            return try state.upkeep.step(state.database, at: now)
        }
    }

    /// What the daemon must know of its earlier life.
    public func restore() throws(ArchiveError) -> RestoredState {
        try state.withLock { state throws(ArchiveError) in
            let reader = RestoreReader(database: state.database)
            return try state.database.transaction("DEFERRED") { () throws(ArchiveError) in try reader.restored() }
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
