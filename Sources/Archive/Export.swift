import Experiments
import Quantities

/// Tables as CSV, a page at a time, inside the caller's transaction.
///
/// A page is a fixed number of rows in the order in which they came, so that the pages before the last stay as they are
/// while more comes.
struct Export {
    static let experimentsPerPage = 50
    static let rowsPerPage = 200

    /// Later pages are not asked for; their numbers would not fit.
    private static let lastPage = 1 << 40

    let database: Database

    /// - Parameter page: from 1; one that is not there has the header only.
    func page(
        _ page: Int, of table: ExportTable, campaign: String?
    ) throws(ArchiveError) -> (csv: String, pages: Int) {
        let page = min(max(page, 1), Self.lastPage)
        switch table {
        case .experiments: return try experiments(page, campaign)
        case .transitions: return try transitions(page, campaign)
        case .reagents, .events, .audit, .alarms: break
        }
        guard campaign == nil else {
            throw .unreadable(
                what: "table \(table.rawValue)",
                detail: "only experiments and transitions belong to a campaign; leave the campaign out")
        }
        return switch table {
        case .reagents: try reagents(page)
        case .events: try events(page)
        case .alarms: try alarms(page)
        case .audit, .experiments, .transitions: try audit(page)
        }
    }

    private func experiments(_ page: Int, _ campaign: String?) throws(ArchiveError) -> (csv: String, pages: Int) {
        let (condition, values) = Self.condition(campaign)
        let count = try database.integer("SELECT count(*) FROM experiments WHERE \(condition)", values) ?? 0
        // The ids come from an index; the records are read for one page only.
        let order = campaign == nil ? "number, id" : "id"
        let records = try RecordReader(database: database).records(
            """
            FROM experiments WHERE id IN
                (SELECT id FROM experiments WHERE \(condition) ORDER BY \(order) LIMIT ? OFFSET ?)
            ORDER BY number, id
            """, values + Self.range(page, Self.experimentsPerPage))
        let columns = ExperimentColumns(try ColumnNames(database: database, campaign: campaign))
        var csv = CSVPage(columns.header)
        for record in records { csv.add(columns.cells(of: record)) }
        return (csv.csv, Self.pages(count, Self.experimentsPerPage))
    }

    private static func condition(_ campaign: String?) -> (String, [SQLValue]) {
        campaign.map { ("campaign = ?", [.text($0)]) } ?? ("TRUE", [])
    }

    private func transitions(_ page: Int, _ campaign: String?) throws(ArchiveError) -> (csv: String, pages: Int) {
        var (from, order) = ("transitions", "experiment, position")
        if campaign != nil {
            from = "experiments INDEXED BY experiments_by_campaign CROSS JOIN transitions USING (experiment)"
            order = "experiments.id, position"
        }
        let (condition, values) = Self.condition(campaign)
        let count = try database.integer("SELECT count(*) FROM \(from) WHERE \(condition)", values)
        return try rows(
            ["experiment", "position", "state", "time", "bench_s", "cause"], count, page,
            """
            SELECT transitions.experiment, position, transitions.state, time, bench_s, cause FROM \(from)
            WHERE \(condition) ORDER BY \(order) LIMIT ? OFFSET ?
            """, values + Self.range(page, Self.rowsPerPage)
        ) { row in
            [
                .word(row.text(0)), .integer(Int(row.integer(1))), .word(row.text(2)), .word(row.text(3)),
                .number(row.real(4)), .text(row.text(5)),
            ]
        }
    }

    private func reagents(_ page: Int) throws(ArchiveError) -> (csv: String, pages: Int) {
        try numbered(
            ["act", "time", "kind", "device", "volume_ul", "batch", "lot", "note", "uid"], "reagent_acts", "id", page,
            "id, wall_ns, kind, device, volume_ul, batch, lot, note, uid"
        ) { row in
            [
                .integer(Int(row.integer(0))), Self.time(row, 1), .word(row.text(2)), .text(row.optionalText(3)),
                .number(row.real(4)), .text(row.optionalText(5)), .text(row.optionalText(6)),
                .text(row.optionalText(7)), .integer(Int(row.integer(8))),
            ]
        }
    }

    private func events(_ page: Int) throws(ArchiveError) -> (csv: String, pages: Int) {
        try numbered(
            ["event", "time", "run", "sequence", "topic", "data_bytes", "data"], "events", "number", page,
            "number, wall_ns, run, sequence, topic, data"
        ) { row in
            [
                .integer(Int(row.integer(0))), Self.time(row, 1), .integer(Int(row.integer(2))),
                .integer(Int(row.integer(3))), .text(row.text(4)), .integer(row.text(5).utf8.count),
                .json(row.text(5)),
            ]
        }
    }

    private func alarms(_ page: Int) throws(ArchiveError) -> (csv: String, pages: Int) {
        try numbered(
            ["number", "raised", "ended", "alarm", "priority", "text", "acknowledged", "acknowledged_by"], "alarms",
            "id", page, "id, raised_ns, cleared_ns, alarm, priority, text, acknowledged_ns, acknowledged_by"
        ) { row in
            [
                .integer(Int(row.integer(0))), Self.time(row, 1), Self.optionalTime(row, 2), .text(row.text(3)),
                .word(row.text(4)), .text(row.text(5)), Self.optionalTime(row, 6),
                row.optionalInteger(7).map { .integer(Int($0)) } ?? .text(nil),
            ]
        }
    }

    private func audit(_ page: Int) throws(ArchiveError) -> (csv: String, pages: Int) {
        try numbered(
            ["audit", "time", "uid", "pid", "method", "detail", "outcome"], "audit", "id", page,
            "id, wall_ns, uid, pid, method, detail, outcome"
        ) { row in
            [
                .integer(Int(row.integer(0))), Self.time(row, 1), .integer(Int(row.integer(2))),
                .integer(Int(row.integer(3))), .text(row.text(4)), .text(row.text(5)), .text(row.text(6)),
            ]
        }
    }

    // MARK: Pages

    /// Rows are numbered 1, 2, … without holes, and never deleted: a page is a range of numbers.
    private func numbered(
        _ header: [String], _ table: String, _ number: String, _ page: Int, _ columns: String,
        _ cells: (Row) -> [Cell]
    ) throws(ArchiveError) -> (csv: String, pages: Int) {
        let first = Int64(page - 1) * Int64(Self.rowsPerPage)
        return try rows(
            header, try database.integer("SELECT max(\(number)) FROM \(table)"), page,
            "SELECT \(columns) FROM \(table) WHERE \(number) > ? AND \(number) <= ? ORDER BY \(number)",
            [.integer(first), .integer(first + Int64(Self.rowsPerPage))], cells)
    }

    private func rows(
        _ header: [String], _ count: Int64?, _ page: Int, _ sql: String, _ values: [SQLValue],
        _ cells: (Row) -> [Cell]
    ) throws(ArchiveError) -> (csv: String, pages: Int) {
        var csv = CSVPage(header)
        _ = try database.query(sql, values) { row throws(ArchiveError) in csv.add(cells(row)) }
        return (csv.csv, Self.pages(count ?? 0, Self.rowsPerPage))
    }

    /// One at least: the header of an empty table is a page.
    private static func pages(_ count: Int64, _ size: Int) -> Int { max(1, (Int(count) + size - 1) / size) }

    private static func range(_ page: Int, _ size: Int) -> [SQLValue] {
        [.integer(Int64(size)), .integer(Int64(page - 1) * Int64(size))]
    }

    private static func optionalTime(_ row: Row, _ column: Int32) -> Cell {
        row.optionalInteger(column) == nil ? .text(nil) : time(row, column)
    }

    private static func time(_ row: Row, _ column: Int32) -> Cell {
        .word(WallInstant(nanoseconds: row.integer(column)).rfc3339)
    }
}
