import DeviceModel
import Experiments
import Interlocks
import Quantities

/// What the daemon must know of its earlier life, inside the caller's transaction.
struct RestoreReader {
    let database: Database

    func restored() throws(ArchiveError) -> RestoredState {
        let records = RecordReader(database: database)
        let campaigns = try CampaignReader(database: database).campaigns(after: 0, limit: nil)
        return RestoredState(
            lastExperimentNumber: Int(try last("number", "TRUE")),
            unfinished: try records.records("FROM experiments WHERE is_final = 0 ORDER BY id", []),
            latches: try latches(), bypasses: try bypasses(),
            maintenance: try MaintenanceTable(database: database).read(),
            hands: try MaintenanceTable(database: database).hands(),
            alarms: try AlarmTable(database: database).left(), shelves: try AlarmTable(database: database).shelves(),
            keys: try keys(),
            lastSequence: Int(try last("sequence", "sequence IS NOT NULL")),
            campaigns: Dictionary(campaigns.map { ($0.campaign, $0) }) { first, _ in first },
            ledger: try ledger(), references: try references(records),
            stations: try stations(), lastKept: try lastKept())
    }

    private func lastKept() throws(ArchiveError) -> WallInstant? {
        let rows = try database.query(
            """
            SELECT * FROM (SELECT wall_ns FROM signals ORDER BY id DESC LIMIT 1)
            UNION ALL SELECT * FROM (SELECT wall_ns FROM events ORDER BY run DESC, sequence DESC LIMIT 1)
            """
        ) { row throws(ArchiveError) in row.integer(0) }
        return rows.max().map { WallInstant(nanoseconds: $0) }
    }

    private func last(_ column: String, _ condition: String) throws(ArchiveError) -> Int64 {
        try database.integer("SELECT coalesce(max(\(column)), 0) FROM experiments WHERE \(condition)") ?? 0
    }

    /// Read from an index that holds all of it: the records themselves are many times as large.
    private func keys() throws(ArchiveError) -> [String: RestoredState.KeyUse] {
        let count = try database.integer(
            "SELECT count(*) FROM experiments INDEXED BY experiments_by_key WHERE key IS NOT NULL")
        var keys: [String: RestoredState.KeyUse] = [:]
        keys.reserveCapacity(Int(count ?? 0))
        _ = try database.query(
            """
            SELECT key, submitted_by, experiment, state, recipe FROM experiments INDEXED BY experiments_by_key
            WHERE key IS NOT NULL ORDER BY key, submitted_by, experiment
            """
        ) { row throws(ArchiveError) in
            let (uid, name) = (UInt32(truncatingIfNeeded: row.integer(1)), row.text(2))
            let index = RestoredState.KeyUse.index(uid: uid, key: row.text(0))
            guard keys[index] == nil else { return }
            keys[index] = RestoredState.KeyUse(
                experiment: name, uid: uid, recipe: try Coding.recipe(row.text(4), of: "\(name) recipe"),
                state: try RecordReader.word(row.text(3), of: "\(name) state"))
        }
        return keys
    }

    private func latches() throws(ArchiveError) -> [Latch] {
        try database.query(
            """
            SELECT interlock, cause, effects, is_first_out, wire_ns, bench_ns, wall_ns FROM latches
            ORDER BY wall_ns, interlock
            """
        ) { row throws(ArchiveError) in
            Latch(
                interlock: InterlockName(row.text(0)), cause: row.text(1), effects: Self.effects(row.text(2)),
                at: Coding.moment(row, from: 4), isFirstOut: row.integer(3) == 1)
        }
    }

    private func bypasses() throws(ArchiveError) -> [Bypass] {
        try database.query(
            "SELECT interlock, person, reason, until_ns, wire_ns, bench_ns, wall_ns FROM bypasses ORDER BY interlock"
        ) { row throws(ArchiveError) in
            Bypass(
                interlock: InterlockName(row.text(0)), person: row.text(1), reason: row.text(2),
                at: Coding.moment(row, from: 4), until: WallInstant(nanoseconds: row.integer(3)))
        }
    }

    /// An effect that this daemon does not know counts as all of them: a latch must not grow weaker by a restart.
    private static func effects(_ text: String) -> [EffectGroup] {
        text.split(separator: ",").map { EffectGroup(rawValue: String($0)) ?? .everything }
    }

    private func stations() throws(ArchiveError) -> [StationRecord] {
        let rows = try database.query("SELECT station, contents FROM stations") { row throws(ArchiveError) in
            try Coding.optionalValue(StationRecord.self, row.text(1), of: "station \(row.text(0))")
        }
        return rows.compactMap { $0 }
    }

    private func ledger() throws(ArchiveError) -> LedgerRecord? {
        let rows = try database.query("SELECT contents FROM ledger") { row throws(ArchiveError) in row.text(0) }
        return try Coding.optionalValue(LedgerRecord.self, rows.first, of: "the ledger")
    }

    /// The last dark and the last reference of each device, by wall time, read from an index without the others'
    /// samples.
    private func references(_ records: RecordReader) throws(ArchiveError) -> [SpectrumRecord] {
        let last = try database.query(
            """
            SELECT id, max(wall_ns) FROM spectra INDEXED BY spectra_references
            WHERE kind IN ('dark', 'reference') GROUP BY device, kind ORDER BY device, kind
            """
        ) { row throws(ArchiveError) in row.integer(0) }
        var references: [SpectrumRecord] = []
        for id in last { references += try records.spectra("id = ?", [.integer(id)]) }
        return references
    }
}
