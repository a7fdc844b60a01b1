import Experiments
import Quantities
import Wire

/// Reads records back as they were written, inside the caller's transaction.
struct RecordReader {
    let database: Database

    private static let columns = """
        experiment, state, key, campaign, metadata, submitted_by, recipe, executed, plan, error, simulated, priority,
        origin, source, data, partial_features, flags, sequence, if_client_gone
        """

    func experiment(_ id: String) throws(ArchiveError) -> ExperimentRecord? {
        try records("FROM experiments WHERE experiment = ?", [.text(id)]).first
    }

    /// The row's id of an experiment, its place in the order of submission.
    func place(of experiment: String) throws(ArchiveError) -> Int64? {
        try database.integer("SELECT id FROM experiments WHERE experiment = ?", [.text(experiment)])
    }

    /// The experiments of a FROM clause with what follows it.
    func records(_ rest: String, _ values: [SQLValue]) throws(ArchiveError) -> [ExperimentRecord] {
        var records = try database.query("SELECT \(Self.columns) \(rest)", values) { row throws(ArchiveError) in
            try Self.record(row)
        }
        for index in records.indices {
            records[index].transitions = try transitions(of: records[index].experiment)
            try readMeasurement(into: &records[index])
        }
        return records
    }

    func spectra(of experiment: String) throws(ArchiveError) -> [SpectrumRecord] {
        try spectra("experiment = ? ORDER BY id", [.text(experiment)])
    }

    /// - Parameter condition: what a WHERE clause goes on with.
    func spectra(_ condition: String, _ values: [SQLValue]) throws(ArchiveError) -> [SpectrumRecord] {
        try database.query(
            """
            SELECT experiment, device, kind, integration_s, frames,
                coalesce(wall_ns, \(Self.wallOfText)), wavelengths_nm, counts
            FROM spectra WHERE \(condition)
            """, values
        ) { row throws(ArchiveError) in
            SpectrumRecord(
                experiment: row.text(0), device: row.text(1), kind: row.text(2), integrationS: row.real(3),
                frames: Int(row.integer(4)), at: WallInstant(nanoseconds: row.integer(5)),
                wavelengthsNM: Coding.samples(row.blob(6)), counts: Coding.samples(row.blob(7)))
        }
    }

    /// Nanoseconds since 1970 of `2026-11-20T23:18:10.042Z`, as version 1 kept the time of a spectrum.
    private static let wallOfText =
        "CAST(strftime('%s', time) AS INTEGER) * 1000000000 + CAST(substr(time, 21, 3) AS INTEGER) * 1000000"

    private static func record(_ row: Row) throws(ArchiveError) -> ExperimentRecord {
        let name = row.text(0)
        var record = ExperimentRecord(
            experiment: name, key: row.optionalText(2), campaign: row.optionalText(3),
            metadata: try metadata(row.optionalText(4), of: name),
            submittedBy: UInt32(truncatingIfNeeded: row.integer(5)),
            recipe: try Coding.recipe(row.text(6), of: "\(name) recipe"),
            executed: try Coding.recipe(row.text(7), of: "\(name) executed"),
            plan: try Coding.value(PlanReport.self, row.text(8), of: "\(name) plan"), simulated: row.integer(10) == 1,
            priority: Int(row.integer(11)), origin: try word(row.text(12), of: "\(name) origin"),
            source: row.optionalText(13))
        record.state = try word(row.text(1), of: "\(name) state")
        record.data = try word(row.text(14), of: "\(name) data")
        record.partialFeatures = try Coding.optionalValue(
            [String: FeatureValue].self, row.optionalText(15), of: "\(name) partial features")
        record.flags = try Coding.value([String].self, row.text(16), of: "\(name) flags")
        record.sequence = row.optionalInteger(17).map(Int.init)
        if let policy = row.optionalText(18) { record.ifClientGone = try word(policy, of: "\(name) if_client_gone") }
        record.error = try Coding.optionalValue(ExperimentError.self, row.optionalText(9), of: "\(name) error")
        return record
    }

    private static func metadata(_ text: String?, of name: String) throws(ArchiveError) -> JSONValue? {
        try Coding.optionalValue(JSONValue.self, text, of: "\(name) metadata")
    }

    /// One of the words of an enumeration.
    static func word<Word: RawRepresentable<String>>(_ text: String, of what: String) throws(ArchiveError) -> Word {
        guard let word = Word(rawValue: text) else {
            throw .unreadable(what: what, detail: "\"\(text)\" is no word that this daemon knows")
        }
        return word
    }

    private func transitions(of experiment: String) throws(ArchiveError) -> [TransitionRecord] {
        try database.query(
            "SELECT state, time, bench_s, cause FROM transitions WHERE experiment = ? ORDER BY position",
            [.text(experiment)]
        ) { row throws(ArchiveError) in
            TransitionRecord(
                state: try Self.word(row.text(0), of: "\(experiment) transition"), time: row.text(1),
                benchS: row.real(2),
                cause: row.text(3))
        }
    }

    private func readMeasurement(into record: inout ExperimentRecord) throws(ArchiveError) {
        let name = record.experiment
        let rows = try database.query(
            "SELECT measured, features, certificate, sample FROM measurements WHERE experiment = ?", [.text(name)]
        ) { row throws(ArchiveError) in
            (row.optionalText(0), row.optionalText(1), row.optionalText(2), row.optionalText(3))
        }
        guard let (measured, features, certificate, sample) = rows.first else { return }
        record.measured = try Coding.optionalValue(MeasuredConditions.self, measured, of: "\(name) measured")
        record.features = try Coding.optionalValue([String: FeatureValue].self, features, of: "\(name) features")
        record.certificate = try Coding.optionalValue(Certificate.self, certificate, of: "\(name) certificate")
        record.sample = try Coding.optionalValue(SampleRecord.self, sample, of: "\(name) sample")
    }
}
