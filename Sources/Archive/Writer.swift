import DeviceModel
import Experiments
import Interlocks

/// Puts one write into its tables, inside the caller's transaction.
struct Writer {
    let database: Database
    /// Tells this start of the daemon from the ones before it.
    let run: Int64

    func write(_ write: ArchiveWrite) throws(ArchiveError) {
        switch write {
        case .experiment(let record): try experiment(record)
        case .spectrum(let record): try spectrum(record)
        case .latchSet(let latch): try latchSet(latch)
        case .latchCleared(let name, at: _):
            try database.run("DELETE FROM latches WHERE interlock = ?", [.text(name.text)])
        case .audit(let record): try audit(record)
        case .campaign, .ledger, .reagentAct, .alarm: break
        case .event(let event): try self.event(event)
        case .reading(let signal, let value, let unit, let quality, let moment):
            try database.run(
                "INSERT INTO signals (signal, value, unit, quality, wire_ns, bench_ns, wall_ns) VALUES (?,?,?,?,?,?,?)",
                [.text(signal), value.map { .real($0) } ?? .null, .text(unit), .text(quality)] + Coding.moment(moment))
        }
    }

    private func experiment(_ record: ExperimentRecord) throws(ArchiveError) {
        let what = record.experiment
        try database.run(
            """
            INSERT INTO experiments (experiment, number, state, is_final, key, campaign, metadata, submitted_by, recipe,
                executed, plan, error, simulated)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT (experiment) DO UPDATE SET state = ?3, is_final = ?4, key = ?5, campaign = ?6, metadata = ?7,
                submitted_by = ?8, recipe = ?9, executed = ?10, plan = ?11, error = ?12, simulated = ?13
            """,
            [
                .text(what), .integer(Coding.number(of: what)), .text(record.state.rawValue),
                .integer(record.state.isFinal ? 1 : 0), .optional(record.key), .optional(record.campaign),
                try Coding.optionalJSON(record.metadata, of: "\(what) metadata"),
                .integer(Int64(record.submittedBy)), try Coding.json(record.recipe, of: "\(what) recipe"),
                try Coding.json(record.executed, of: "\(what) executed"),
                try Coding.json(record.plan, of: "\(what) plan"),
                try Coding.optionalJSON(record.error, of: "\(what) error"), .integer(record.simulated ? 1 : 0),
            ])
        try transitions(record)
        try measurement(record)
    }

    private func transitions(_ record: ExperimentRecord) throws(ArchiveError) {
        for (position, transition) in record.transitions.enumerated() {
            try database.run(
                """
                INSERT INTO transitions (experiment, position, state, time, bench_s, cause) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET state = excluded.state, time = excluded.time, bench_s = excluded.bench_s,
                    cause = excluded.cause
                """,
                [
                    .text(record.experiment), .integer(Int64(position)), .text(transition.state.rawValue),
                    .text(transition.time), .real(transition.benchS), .text(transition.cause),
                ])
        }
        try database.run(
            "DELETE FROM transitions WHERE experiment = ? AND position >= ?",
            [.text(record.experiment), .integer(Int64(record.transitions.count))])
    }

    private func measurement(_ record: ExperimentRecord) throws(ArchiveError) {
        let what = record.experiment
        guard record.measured != nil || record.features != nil || record.certificate != nil else {
            return try database.run("DELETE FROM measurements WHERE experiment = ?", [.text(what)])
        }
        try database.run(
            "INSERT OR REPLACE INTO measurements (experiment, measured, features, certificate) VALUES (?, ?, ?, ?)",
            [
                .text(what), try Coding.optionalJSON(record.measured, of: "\(what) measured"),
                try Coding.optionalJSON(record.features, of: "\(what) features"),
                try Coding.optionalJSON(record.certificate, of: "\(what) certificate"),
            ])
    }

    private func spectrum(_ record: SpectrumRecord) throws(ArchiveError) {
        try database.run(
            """
            INSERT INTO spectra (experiment, device, kind, integration_s, frames, time, wavelengths_nm, counts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.experiment), .text(record.device), .text(record.kind), .real(record.integrationS),
                .integer(Int64(record.frames)), .text(record.time), Coding.blob(record.wavelengthsNM),
                Coding.blob(record.counts),
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
            "INSERT INTO events (run, sequence, topic, data, wire_ns, bench_ns, wall_ns) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(run), .integer(Int64(bitPattern: event.sequence)), .text(event.topic),
                try Coding.json(event.data, of: "event \(event.sequence)"),
            ] + Coding.moment(event.at))
    }
}
