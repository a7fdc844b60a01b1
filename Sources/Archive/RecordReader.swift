import DeviceModel
import Experiments
import Interlocks
import Quantities
import Wire

/// Reads records back as they were written, inside the caller's transaction.
struct RecordReader {
    let database: Database

    private static let columns = """
        SELECT experiment, state, key, campaign, metadata, submitted_by, recipe, executed, plan, error, simulated
        FROM experiments
        """

    func experiment(_ id: String) throws(ArchiveError) -> ExperimentRecord? {
        try records("\(Self.columns) WHERE experiment = ?", [.text(id)]).first
    }

    /// - Parameter after: the row's id; 0 for all.
    func experiments(after: Int64, state: ExperimentState?, limit: Int) throws(ArchiveError) -> [ExperimentRecord] {
        guard let state else {
            return try records(
                "\(Self.columns) WHERE id > ? ORDER BY id LIMIT ?", [.integer(after), .integer(Int64(limit))])
        }
        return try records(
            "\(Self.columns) WHERE state = ? AND id > ? ORDER BY id LIMIT ?",
            [.text(state.rawValue), .integer(after), .integer(Int64(limit))])
    }

    func unfinished() throws(ArchiveError) -> [ExperimentRecord] {
        try records("\(Self.columns) WHERE is_final = 0 ORDER BY id", [])
    }

    /// The row's id of an experiment, its place in the order of submission.
    func place(of experiment: String) throws(ArchiveError) -> Int64? {
        try database.integer("SELECT id FROM experiments WHERE experiment = ?", [.text(experiment)])
    }

    func lastNumber() throws(ArchiveError) -> Int64 {
        try database.integer("SELECT coalesce(max(number), 0) FROM experiments") ?? 0
    }

    func keys() throws(ArchiveError) -> [String: RestoredState.KeyUse] {
        let uses = try database.query(
            "SELECT key, experiment, submitted_by, recipe, state FROM experiments WHERE key IS NOT NULL ORDER BY id"
        ) { row throws(ArchiveError) in
            let recipe = try Coding.value(Recipe.self, row.text(3), of: "\(row.text(1)) recipe")
            let uid = UInt32(truncatingIfNeeded: row.integer(2))
            let use = RestoredState.KeyUse(
                experiment: row.text(1), uid: uid, recipe: recipe, state: try Self.state(row.text(4), of: row.text(1)))
            return (RestoredState.KeyUse.index(uid: uid, key: row.text(0)), use)
        }
        return Dictionary(uses) { first, _ in first }
    }

    func latches() throws(ArchiveError) -> [Latch] {
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

    func spectra(of experiment: String) throws(ArchiveError) -> [SpectrumRecord] {
        try database.query(
            """
            SELECT device, kind, integration_s, frames, time, wavelengths_nm, counts FROM spectra
            WHERE experiment = ? ORDER BY id
            """, [.text(experiment)]
        ) { row throws(ArchiveError) in
            SpectrumRecord(
                experiment: experiment, device: row.text(0), kind: row.text(1), integrationS: row.real(2),
                frames: Int(row.integer(3)), at: .zero, wavelengthsNM: Coding.samples(row.blob(5)),
                counts: Coding.samples(row.blob(6)))
        }
    }

    /// An effect that this daemon does not know counts as all of them: a latch must not grow weaker by a restart.
    private static func effects(_ text: String) -> [EffectGroup] {
        text.split(separator: ",").map { EffectGroup(rawValue: String($0)) ?? .everything }
    }

    private func records(_ sql: String, _ values: [SQLValue]) throws(ArchiveError) -> [ExperimentRecord] {
        var records = try database.query(sql, values) { row throws(ArchiveError) in try Self.record(row) }
        for index in records.indices {
            records[index].transitions = try transitions(of: records[index].experiment)
            try readMeasurement(into: &records[index])
        }
        return records
    }

    private static func record(_ row: Row) throws(ArchiveError) -> ExperimentRecord {
        let name = row.text(0)
        var record = ExperimentRecord(
            experiment: name, key: row.optionalText(2), campaign: row.optionalText(3),
            metadata: try metadata(row.optionalText(4), of: name),
            submittedBy: UInt32(truncatingIfNeeded: row.integer(5)),
            recipe: try Coding.value(Recipe.self, row.text(6), of: "\(name) recipe"),
            executed: try Coding.value(Recipe.self, row.text(7), of: "\(name) executed"),
            plan: try Coding.value(PlanReport.self, row.text(8), of: "\(name) plan"), simulated: row.integer(10) == 1)
        record.state = try state(row.text(1), of: name)
        record.error = try Coding.optionalValue(ExperimentError.self, row.optionalText(9), of: "\(name) error")
        return record
    }

    private static func metadata(_ text: String?, of name: String) throws(ArchiveError) -> JSONValue? {
        try Coding.optionalValue(JSONValue.self, text, of: "\(name) metadata")
    }

    private static func state(_ text: String, of name: String) throws(ArchiveError) -> ExperimentState {
        guard let state = ExperimentState(rawValue: text) else {
            throw .unreadable(what: "\(name) state", detail: "\"\(text)\" is no state that this daemon knows")
        }
        return state
    }

    private func transitions(of experiment: String) throws(ArchiveError) -> [TransitionRecord] {
        try database.query(
            "SELECT state, time, bench_s, cause FROM transitions WHERE experiment = ? ORDER BY position",
            [.text(experiment)]
        ) { row throws(ArchiveError) in
            TransitionRecord(
                state: try Self.state(row.text(0), of: experiment), time: row.text(1), benchS: row.real(2),
                cause: row.text(3))
        }
    }

    private func readMeasurement(into record: inout ExperimentRecord) throws(ArchiveError) {
        let name = record.experiment
        let rows = try database.query(
            "SELECT measured, features, certificate FROM measurements WHERE experiment = ?", [.text(name)]
        ) { row throws(ArchiveError) in (row.optionalText(0), row.optionalText(1), row.optionalText(2)) }
        guard let (measured, features, certificate) = rows.first else { return }
        record.measured = try Coding.optionalValue(MeasuredConditions.self, measured, of: "\(name) measured")
        record.features = try Coding.optionalValue([String: FeatureValue].self, features, of: "\(name) features")
        record.certificate = try Coding.optionalValue(Certificate.self, certificate, of: "\(name) certificate")
    }
}
