import Experiments
import Quantities

/// Who changed what, inside the caller's transaction.
struct AuditReader {
    let database: Database

    /// The last first.
    func records(
        before: Int64, matching filter: AuditFilter, limit: Int
    ) throws(ArchiveError) -> [(number: Int64, record: AuditRecord)] {
        var conditions = ["id < ?"]
        var values: [SQLValue] = [.integer(before)]
        if let method = filter.method {
            conditions.append("method = ?")
            values.append(.text(method))
        }
        if let uid = filter.uid {
            conditions.append("uid = ?")
            values.append(.integer(Int64(uid)))
        }
        let index = filter.method == nil ? "" : "INDEXED BY audit_by_method"
        return try database.query(
            """
            SELECT id, uid, pid, method, detail, outcome, wire_ns, bench_ns, wall_ns FROM audit \(index)
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
            """, values + [.integer(Int64(limit))]
        ) { row throws(ArchiveError) in
            (
                row.integer(0),
                AuditRecord(
                    at: Coding.moment(row, from: 6), uid: UInt32(truncatingIfNeeded: row.integer(1)),
                    pid: Int32(truncatingIfNeeded: row.integer(2)), method: row.text(3), detail: row.text(4),
                    outcome: row.text(5))
            )
        }
    }
}
