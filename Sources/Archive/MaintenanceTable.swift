import Experiments
import Quantities

/// Whose the bench is, written and read inside the caller's transaction.
struct MaintenanceTable {
    let database: Database

    func write(_ record: MaintenanceRecord?) throws(ArchiveError) {
        guard let record else { return try database.run("DELETE FROM maintenance") }
        try database.run(
            """
            INSERT OR REPLACE INTO maintenance (only_row, person, reason, uid, since_ns, until_ns)
            VALUES (1, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.person), .text(record.reason), .integer(Int64(record.uid)),
                .integer(record.since.nanoseconds), .integer(record.until.nanoseconds),
            ])
    }

    func lease(_ name: String, _ what: String) throws(ArchiveError) {
        try database.run("INSERT OR REPLACE INTO leases (lease, what) VALUES (?, ?)", [.text(name), .text(what)])
    }

    func hands() throws(ArchiveError) -> [String: String] {
        let rows = try database.query("SELECT lease, what FROM leases") { row throws(ArchiveError) in
            (row.text(0), row.text(1))
        }
        return Dictionary(rows) { first, _ in first }
    }

    func read() throws(ArchiveError) -> MaintenanceRecord? {
        try database.query("SELECT person, reason, uid, since_ns, until_ns FROM maintenance") {
            row throws(ArchiveError) in
            MaintenanceRecord(
                person: row.text(0), reason: row.text(1), uid: UInt32(truncatingIfNeeded: row.integer(2)),
                since: WallInstant(nanoseconds: row.integer(3)), until: WallInstant(nanoseconds: row.integer(4)))
        }.first
    }
}
