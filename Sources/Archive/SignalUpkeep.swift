import DeviceModel
import Quantities

/// Draws old samples of the signal history together, a bounded number of rows a step.
///
/// A step is one transaction that adds rows to their means and deletes them: whenever the daemon is killed, each sample
/// is in one place, once. It looks for old rows anew at each sweep, so it needs no memory of what it did.
struct SignalUpkeep {
    /// Rows that one step reads: some milliseconds of work, since a commit waits for it.
    static let rowsPerStep = 1000

    private enum Stage {
        /// Samples after this row.
        case samples(after: Int64)
        /// Short means of the signals after this one.
        case means(after: String)
    }

    private var stage = Stage.samples(after: 0)

    /// One step.
    /// - Returns: whether this sweep has more to do.
    mutating func step(_ database: Database, at now: WallInstant) throws(ArchiveError) -> Bool {
        let stage = self.stage
        let next = try database.transaction("IMMEDIATE") { () throws(ArchiveError) in
            switch stage {
            case .samples(let row): try Self.samples(database, after: row, at: now)
            case .means(let signal): try Self.means(database, after: signal, at: now)
            }
        }
        self.stage = next ?? .samples(after: 0)
        return next != nil
    }

    // MARK: Samples to short means

    private struct Sample {
        let id: Int64
        let signal: String
        let unit: String
        let mean: SignalMean
    }

    private static func samples(
        _ database: Database, after row: Int64, at now: WallInstant
    ) throws(ArchiveError) -> Stage? {
        let rows = try database.query(
            "SELECT id, signal, unit, value, quality, wall_ns FROM signals WHERE id > ? ORDER BY id LIMIT ?",
            [.integer(row), .integer(Int64(rowsPerStep))]
        ) { row throws(ArchiveError) in
            Sample(
                id: row.integer(0), signal: row.text(1), unit: row.text(2),
                mean: SignalMean(
                    value: row.optionalReal(3), quality: Quality(stored: row.text(4)),
                    at: WallInstant(nanoseconds: row.integer(5))))
        }
        guard let last = rows.last else { return .means(after: "") }
        let limit = (now - SignalAges.samples).beginning(of: SignalAges.shortSpan)
        let old = rows.filter { $0.mean.first < limit }
        for sample in old { try database.run("DELETE FROM signals WHERE id = ?", [.integer(sample.id)]) }
        var sums: [SignalSpan: SignalMean] = [:]
        for sample in old {
            sums.add(
                sample.mean, to: SignalSpan(sample.signal, sample.unit, SignalAges.shortSpan, around: sample.mean.first)
            )
        }
        try SignalMeans(database: database).add(sums)
        // Rows stand in the order in which they came, so what follows young ones is young. Only a clock that was ahead
        // for a while leaves rows of the future between them.
        let isYoung = old.isEmpty && rows.contains { $0.mean.first <= now }
        return isYoung || rows.count < rowsPerStep ? .means(after: "") : .samples(after: last.id)
    }

    // MARK: Short means to long ones

    private static func means(
        _ database: Database, after signal: String, at now: WallInstant
    ) throws(ArchiveError) -> Stage? {
        let next = try database.query(
            "SELECT min(signal) FROM signal_means WHERE signal > ?", [.text(signal)]
        ) { row throws(ArchiveError) in row.optionalText(0) }
        guard let name = next.first ?? nil else { return nil }
        let limit = (now - SignalAges.shortMeans).beginning(of: SignalAges.longSpan)
        let table = SignalMeans(database: database)
        let old = try table.take(of: name, SignalAges.shortSpan, before: limit, atMost: rowsPerStep)
        var sums: [SignalSpan: SignalMean] = [:]
        for one in old { sums.add(one.mean, to: SignalSpan(name, one.unit, SignalAges.longSpan, around: one.start)) }
        try table.add(sums)
        return .means(after: old.count < rowsPerStep ? name : signal)
    }
}

/// The table `signal_means`.
struct SignalMeans {
    let database: Database

    /// Adds each to what is kept of its span.
    func add(_ means: [SignalSpan: SignalMean]) throws(ArchiveError) {
        for (span, mean) in means { try add(mean, to: span) }
    }

    private func add(_ mean: SignalMean, to span: SignalSpan) throws(ArchiveError) {
        let key: [SQLValue] = [
            .text(span.signal), .integer(Int64(span.length.seconds)), .integer(span.start.nanoseconds),
            .text(span.unit),
        ]
        let known = try database.query(
            """
            SELECT \(SignalMean.columns) FROM signal_means
            WHERE signal = ? AND span_s = ? AND start_ns = ? AND unit = ?
            """, key
        ) { row throws(ArchiveError) in SignalMean(row, from: 0) }
        var sum = known.first ?? mean
        if !known.isEmpty { sum.add(mean) }
        try database.run(
            """
            INSERT OR REPLACE INTO signal_means (signal, span_s, start_ns, unit, \(SignalMean.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, key + sum.values)
    }

    /// The oldest means of a signal, which are no longer there afterwards.
    func take(
        of signal: String, _ length: WallDuration, before limit: WallInstant, atMost count: Int
    ) throws(ArchiveError) -> [(start: WallInstant, unit: String, mean: SignalMean)] {
        let span: [SQLValue] = [.text(signal), .integer(Int64(length.seconds))]
        let old = try database.query(
            """
            SELECT start_ns, unit, \(SignalMean.columns) FROM signal_means
            WHERE signal = ? AND span_s = ? AND start_ns < ? ORDER BY start_ns, unit LIMIT ?
            """, span + [.integer(limit.nanoseconds), .integer(Int64(count))]
        ) { row throws(ArchiveError) in
            (start: WallInstant(nanoseconds: row.integer(0)), unit: row.text(1), mean: SignalMean(row, from: 2))
        }
        for one in old {
            try database.run(
                "DELETE FROM signal_means WHERE signal = ? AND span_s = ? AND start_ns = ? AND unit = ?",
                span + [.integer(one.start.nanoseconds), .text(one.unit)])
        }
        return old
    }
}
