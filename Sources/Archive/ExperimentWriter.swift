import Experiments

/// Puts an experiment into its tables: record, transitions, measurement, and the names that exports need.
struct ExperimentWriter {
    let database: Database

    func write(_ record: ExperimentRecord) throws(ArchiveError) {
        try row(record)
        try transitions(record)
        try measurement(record)
        try names(record)
    }

    private func row(_ record: ExperimentRecord) throws(ArchiveError) {
        let what = record.experiment
        try database.run(
            """
            INSERT INTO experiments (experiment, number, state, is_final, key, campaign, metadata, submitted_by, recipe,
                executed, plan, error, simulated, priority, origin, source, data, partial_features, flags, sequence,
                if_client_gone)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
            ON CONFLICT (experiment) DO UPDATE SET state = ?3, is_final = ?4, key = ?5, campaign = ?6, metadata = ?7,
                submitted_by = ?8, recipe = ?9, executed = ?10, plan = ?11, error = ?12, simulated = ?13,
                priority = ?14, origin = ?15, source = ?16, data = ?17, partial_features = ?18, flags = ?19,
                sequence = ?20, if_client_gone = ?21
            """,
            [
                .text(what), .integer(Coding.number(of: what)), .text(record.state.rawValue),
                .integer(record.state.isFinal ? 1 : 0), .optional(record.key), .optional(record.campaign),
                try Coding.optionalJSON(record.metadata, of: "\(what) metadata"),
                .integer(Int64(record.submittedBy)), try Coding.json(record.recipe, of: "\(what) recipe"),
                try Coding.json(record.executed, of: "\(what) executed"),
                try Coding.json(record.plan, of: "\(what) plan"),
                try Coding.optionalJSON(record.error, of: "\(what) error"), .integer(record.simulated ? 1 : 0),
                .integer(Int64(record.priority)), .text(record.origin.rawValue), .optional(record.source),
                .text(record.data.rawValue),
                try Coding.optionalJSON(record.partialFeatures, of: "\(what) partial features"),
                try Coding.json(record.flags, of: "\(what) flags"), .optional(record.sequence),
                .optional(record.ifClientGone?.rawValue),
            ])
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
        guard record.measured != nil || record.features != nil || record.certificate != nil || record.sample != nil
        else {
            return try database.run("DELETE FROM measurements WHERE experiment = ?", [.text(what)])
        }
        try database.run(
            """
            INSERT OR REPLACE INTO measurements (experiment, measured, features, certificate, sample)
            VALUES (?, ?, ?, ?, ?)
            """,
            [
                .text(what), try Coding.optionalJSON(record.measured, of: "\(what) measured"),
                try Coding.optionalJSON(record.features, of: "\(what) features"),
                try Coding.optionalJSON(record.certificate, of: "\(what) certificate"),
                try Coding.optionalJSON(record.sample, of: "\(what) sample"),
            ])
    }

    private func names(_ record: ExperimentRecord) throws(ArchiveError) {
        for (kind, names) in RecordNames.names(in: record) {
            for name in names.sorted() {
                try database.run(
                    "INSERT OR IGNORE INTO experiment_names (campaign, kind, name) VALUES (?, ?, ?)",
                    [.text(record.campaign ?? ""), .text(kind.rawValue), .text(name)])
            }
        }
    }
}

/// The names in a record that an export makes columns of.
enum RecordNames {
    enum Kind: String, Sendable {
        case pump, input, feature
    }

    static func names(in record: ExperimentRecord) -> [(Kind, Set<String>)] {
        var pumps = Set(record.plan.flowsULMin.keys)
        var inputs: Set<String> = []
        for recipe in [record.recipe, record.executed] {
            switch recipe {
            case .flows(let flows): pumps.formUnion(flows.flowsULMin.keys)
            case .box(let box): inputs.formUnion(box.x.keys)
            case .references: break
            }
        }
        if let measured = record.measured {
            pumps.formUnion(measured.flowsULMin.keys)
            pumps.formUnion(measured.volumesUL.keys)
        }
        return [(.pump, pumps), (.input, inputs), (.feature, Set((record.features ?? [:]).keys))]
    }
}
