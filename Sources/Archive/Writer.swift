import DeviceModel
import Experiments
import Interlocks
import Quantities

/// Puts one write into its tables, inside the caller's transaction.
struct Writer {
    let database: Database
    /// Tells this start of the daemon from the ones before it.
    let run: Int64

    /// The first of a run: alarms that an earlier daemon left active ended with it, at the last moment that is known; but
    /// for those of interlocks and of failures, which a person ends.
    func begin() throws(ArchiveError) {
        try database.run(
            """
            UPDATE alarms SET cleared_ns = max(raised_ns, coalesce(
                (SELECT wall_ns FROM events ORDER BY run DESC, sequence DESC LIMIT 1), raised_ns))
            WHERE cleared_ns IS NULL AND alarm <> 'failures' AND alarm NOT LIKE 'interlock:%'
            """)
    }

    func write(_ write: ArchiveWrite) throws(ArchiveError) {
        switch write {
        case .experiment(let record): try ExperimentWriter(database: database).write(record)
        case .spectrum(let record): try spectrum(record)
        case .latchSet(let latch): try latchSet(latch)
        case .latchCleared(let name, at: _):
            try database.run("DELETE FROM latches WHERE interlock = ?", [.text(name.text)])
        case .bypassSet(let bypass): try bypassSet(bypass)
        case .bypassEnded(let name):
            try database.run("DELETE FROM bypasses WHERE interlock = ?", [.text(name.text)])
        case .station(let record):
            try database.run(
                "INSERT OR REPLACE INTO stations (station, contents) VALUES (?, ?)",
                [.text(record.station), try Coding.json(record, of: "station \(record.station)")])
        case .maintenance(let record): try MaintenanceTable(database: database).write(record)
        case .leaseSet(let name, let what): try MaintenanceTable(database: database).lease(name, what)
        case .leaseEnded(let name): try database.run("DELETE FROM leases WHERE lease = ?", [.text(name)])
        case .audit(let record): try audit(record)
        case .campaign(let record): try campaign(record)
        case .ledger(let record): try ledger(record)
        case .reagentAct(let act): try reagentAct(act)
        case .alarm(let alarm, at: _): try AlarmTable(database: database).write(alarm)
        case .shelfSet(let shelf): try AlarmTable(database: database).write(shelf)
        case .shelfEnded(let alarm): try database.run("DELETE FROM shelves WHERE alarm = ?", [.text(alarm)])
        case .event(let event): try self.event(event)
        case .reading(let signal, let value, let unit, let quality, let moment):
            try database.run(
                "INSERT INTO signals (signal, value, unit, quality, wire_ns, bench_ns, wall_ns) VALUES (?,?,?,?,?,?,?)",
                [.text(signal), .optional(value), .text(unit), .text(quality)] + Coding.moment(moment))
        }
    }

    private func spectrum(_ record: SpectrumRecord) throws(ArchiveError) {
        try database.run(
            """
            INSERT INTO spectra (experiment, device, kind, integration_s, frames, time, wavelengths_nm, counts, wall_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.experiment), .text(record.device), .text(record.kind), .real(record.integrationS),
                .integer(Int64(record.frames)), .text(record.time), Coding.blob(record.wavelengthsNM),
                Coding.blob(record.counts), .integer(record.at.nanoseconds),
            ])
    }

    private func latchSet(_ latch: Latch) throws(ArchiveError) {
        try database.run(
            """
            INSERT OR REPLACE INTO latches (interlock, cause, effects, is_first_out, wire_ns, bench_ns, wall_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(latch.interlock.text), .text(latch.cause),
                .text(latch.effects.map(\.rawValue).joined(separator: ",")), .integer(latch.isFirstOut ? 1 : 0),
            ] + Coding.moment(latch.at))
    }

    private func bypassSet(_ bypass: Bypass) throws(ArchiveError) {
        try database.run(
            """
            INSERT OR REPLACE INTO bypasses (interlock, person, reason, until_ns, wire_ns, bench_ns, wall_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(bypass.interlock.text), .text(bypass.person), .text(bypass.reason),
                .integer(bypass.until.nanoseconds),
            ] + Coding.moment(bypass.at))
    }

    private func audit(_ record: AuditRecord) throws(ArchiveError) {
        try database.run(
            """
            INSERT INTO audit (uid, pid, method, detail, outcome, wire_ns, bench_ns, wall_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(Int64(record.uid)), .integer(Int64(record.pid)), .text(record.method), .text(record.detail),
                .text(record.outcome),
            ] + Coding.moment(record.at))
    }

    private func event(_ event: BenchEvent) throws(ArchiveError) {
        try database.run(
            """
            INSERT INTO events (run, sequence, topic, data, wire_ns, bench_ns, wall_ns, number)
            VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM events))
            """,
            [
                .integer(run), .integer(Int64(bitPattern: event.sequence)), .text(event.topic),
                try Coding.json(event.data, of: "event \(event.sequence)"),
            ] + Coding.moment(event.at))
    }
}

/// Campaigns and the ledger.
extension Writer {
    private func campaign(_ record: CampaignRecord) throws(ArchiveError) {
        try database.run(
            """
            INSERT INTO campaigns (campaign, name, key, metadata, created, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (campaign) DO UPDATE SET name = ?2, key = ?3, metadata = ?4, created = ?5, created_by = ?6
            """,
            [
                .text(record.campaign), .text(record.name), .optional(record.key),
                try Coding.optionalJSON(record.metadata, of: "\(record.campaign) metadata"), .text(record.created),
                .integer(Int64(record.createdBy)),
            ])
    }

    private func ledger(_ record: LedgerRecord) throws(ArchiveError) {
        try database.run(
            "INSERT OR REPLACE INTO ledger (only_row, contents) VALUES (1, ?)",
            [try Coding.json(record, of: "the ledger")])
    }

    private func reagentAct(_ act: ReagentAct) throws(ArchiveError) {
        try database.run(
            """
            INSERT INTO reagent_acts (uid, kind, device, volume_ul, batch, lot, note, wire_ns, bench_ns, wall_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(Int64(act.uid)), .text(act.kind.rawValue), .optional(act.device), .real(act.volumeUL),
                .optional(act.batch), .optional(act.lot), .optional(act.note),
            ] + Coding.moment(act.at))
    }
}
