import DeviceModel
import Experiments
import Quantities

/// Pages of experiments and of a signal's history, each by an index, inside the caller's transaction.
struct ListReader {
    let database: Database

    private var records: RecordReader { RecordReader(database: database) }

    /// In the order of submission.
    /// - Parameter after: the row's id; 0 for all.
    func experiments(
        after: Int64, matching filter: ExperimentFilter, limit: Int
    ) throws(ArchiveError) -> [ExperimentRecord] {
        var conditions = ["id > ?"]
        var values: [SQLValue] = [.integer(after)]
        if let state = filter.state {
            conditions.append("state = ?")
            values.append(.text(state.rawValue))
        }
        if let campaign = filter.campaign {
            conditions.append("campaign = ?")
            values.append(.text(campaign))
        }
        if filter.isPending { conditions.append("is_final = 0") }
        return try records.records(
            """
            FROM experiments \(Self.index(for: filter)) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY id LIMIT ?
            """, values + [.integer(Int64(limit))])
    }

    /// Said and not left to SQLite, which has no statistics: what is pending is always little, a campaign may be all.
    private static func index(for filter: ExperimentFilter) -> String {
        switch (filter.isPending, filter.campaign != nil, filter.state != nil) {
        case (true, _, _): "INDEXED BY experiments_unfinished"
        case (false, true, true): "INDEXED BY experiments_by_campaign_state"
        case (false, true, false): "INDEXED BY experiments_by_campaign"
        case (false, false, true): "INDEXED BY experiments_by_state"
        case (false, false, false): ""
        }
    }

    /// In the order of their ends.
    func results(since: Int64, campaign: String?, limit: Int) throws(ArchiveError) -> [ExperimentRecord] {
        let order = "AND sequence > ? ORDER BY sequence LIMIT ?"
        let page: [SQLValue] = [.integer(since), .integer(Int64(limit))]
        guard let campaign else {
            return try records.records(
                "FROM experiments INDEXED BY experiments_by_sequence WHERE sequence IS NOT NULL \(order)", page)
        }
        return try records.records(
            """
            FROM experiments INDEXED BY experiments_by_campaign_sequence
            WHERE campaign = ? AND sequence IS NOT NULL \(order)
            """, [.text(campaign)] + page)
    }

    /// Samples and means of one signal between two points of time, the later one excluded, in order of time.
    func history(
        of signal: String, from: WallInstant, to: WallInstant, limit: Int
    ) throws(ArchiveError) -> [SignalSample] {
        var samples = try database.query(
            """
            SELECT unit, wall_ns, value, value, value, 1, value IS NOT NULL, quality FROM signals
            WHERE signal = ?1 AND wall_ns >= ?2 AND wall_ns < ?3 ORDER BY wall_ns, id LIMIT ?4
            """, range(signal, from, to, limit), Self.sample)
        for span in [SignalAges.shortSpan, SignalAges.longSpan] {
            // A span that began before `from` may have its first sample after it.
            samples += try database.query(
                """
                SELECT unit, \(SignalMean.columns) FROM signal_means
                WHERE signal = ?1 AND wall_ns >= ?2 AND wall_ns < ?3 AND span_s = ?5 AND start_ns >= ?6
                    AND start_ns < ?3
                ORDER BY start_ns, unit LIMIT ?4
                """,
                range(signal, from, to, limit) + [
                    .integer(Int64(span.seconds)), .integer(from.beginning(of: span).nanoseconds),
                ], Self.sample)
        }
        let ordered = samples.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return ordered.prefix(limit).map(\.element)
    }

    private func range(_ signal: String, _ from: WallInstant, _ to: WallInstant, _ limit: Int) -> [SQLValue] {
        [.text(signal), .integer(from.nanoseconds), .integer(to.nanoseconds), .integer(Int64(limit))]
    }

    private static func sample(_ row: Row) throws(ArchiveError) -> SignalSample {
        SignalMean(row, from: 1).sample(unit: row.text(0))
    }
}
