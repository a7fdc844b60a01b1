import Experiments
import Wire

/// Reads campaigns and what became of their experiments, inside the caller's transaction.
struct CampaignReader {
    let database: Database

    private static let columns = "SELECT campaign, name, key, metadata, created, created_by FROM campaigns"

    func campaign(_ id: String) throws(ArchiveError) -> CampaignRecord? {
        try campaigns("\(Self.columns) WHERE campaign = ?", [.text(id)]).first
    }

    /// In the order of their making.
    /// - Parameters:
    ///   - after: the row's id; 0 for all.
    ///   - limit: nil for all.
    func campaigns(after: Int64, limit: Int?) throws(ArchiveError) -> [CampaignRecord] {
        try campaigns(
            "\(Self.columns) WHERE id > ? ORDER BY id LIMIT ?",
            [.integer(after), .integer(limit.map(Int64.init) ?? -1)])
    }

    /// The row's id of a campaign, its place in the order of making.
    func place(of campaign: String) throws(ArchiveError) -> Int64? {
        try database.integer("SELECT id FROM campaigns WHERE campaign = ?", [.text(campaign)])
    }

    func states(of campaign: String) throws(ArchiveError) -> [ExperimentState: Int] {
        let counts = try database.query(
            "SELECT state, count(*) FROM experiments WHERE campaign = ? GROUP BY state", [.text(campaign)]
        ) { row throws(ArchiveError) in
            let state: ExperimentState = try RecordReader.word(row.text(0), of: "\(campaign) state")
            return (state, Int(row.integer(1)))
        }
        return Dictionary(counts) { first, _ in first }
    }

    private func campaigns(_ sql: String, _ values: [SQLValue]) throws(ArchiveError) -> [CampaignRecord] {
        try database.query(sql, values) { row throws(ArchiveError) in
            CampaignRecord(
                campaign: row.text(0), name: row.text(1), key: row.optionalText(2),
                metadata: try Coding.optionalValue(JSONValue.self, row.optionalText(3), of: "\(row.text(0)) metadata"),
                created: row.text(4), createdBy: UInt32(truncatingIfNeeded: row.integer(5)))
        }
    }
}
