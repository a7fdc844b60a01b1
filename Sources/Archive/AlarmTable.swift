import Interlocks
import Quantities

/// Alarms and shelves, written and read inside the caller's transaction. An alarm is one row from its raising to its end.
struct AlarmTable {
    let database: Database

    func write(_ alarm: Alarm) throws(ArchiveError) {
        if let end = alarm.endedAt {
            try database.run(
                "UPDATE alarms SET cleared_ns = ? WHERE alarm = ? AND cleared_ns IS NULL",
                [.integer(end.wall.nanoseconds), .text(alarm.id)])
        } else {
            try database.run(
                """
                INSERT INTO alarms (alarm, text, priority, raised_ns) VALUES (?, ?, ?, ?)
                ON CONFLICT (alarm) WHERE cleared_ns IS NULL DO UPDATE SET text = excluded.text
                """,
                [
                    .text(alarm.id), .text(alarm.text), .text(alarm.priority.rawValue),
                    .integer(alarm.since.wall.nanoseconds),
                ])
        }
        guard let known = known(alarm) else { return }
        try database.run(
            "UPDATE alarms SET acknowledged_ns = ?, acknowledged_by = ? WHERE alarm = ? AND acknowledged_ns IS NULL",
            [.integer(known.at.nanoseconds), known.uid, .text(alarm.id)])
    }

    /// Since when nobody needs to be asked about it. Who shelved it knew of it.
    private func known(_ alarm: Alarm) -> (at: WallInstant, uid: SQLValue)? {
        if let done = alarm.acknowledgement { return (done.at, .integer(Int64(done.uid))) }
        guard let end = alarm.endedAt, alarm.shelf != nil else { return nil }
        return (end.wall, .null)
    }

    func write(_ shelf: Alarm.Shelf) throws(ArchiveError) {
        try database.run(
            "INSERT OR REPLACE INTO shelves (alarm, person, reason, until_ns) VALUES (?, ?, ?, ?)",
            [.text(shelf.alarm), .text(shelf.person), .text(shelf.reason), .integer(shelf.until.nanoseconds)])
    }

    private static let columns =
        "SELECT alarm, text, priority, raised_ns, cleared_ns, acknowledged_ns, acknowledged_by, id FROM alarms"

    /// The last row of each alarm that stood when the daemon ended, or that nobody acknowledged.
    func left() throws(ArchiveError) -> [Alarm] {
        let rows = try database.query(
            """
            \(Self.columns) WHERE cleared_ns IS NULL
            UNION \(Self.columns) WHERE acknowledged_ns IS NULL AND priority IN ('high', 'critical')
            ORDER BY raised_ns, id
            """, [], Self.alarm)
        let last = Dictionary(rows.map { ($0.id, $0) }) { _, later in later }
        return last.values.sorted { $0.id < $1.id }
    }

    /// The last first.
    func past(before: Int64, limit: Int) throws(ArchiveError) -> [(number: Int64, alarm: Alarm)] {
        try database.query(
            "\(Self.columns) WHERE id < ? ORDER BY id DESC LIMIT ?", [.integer(before), .integer(Int64(limit))]
        ) { row throws(ArchiveError) in (row.integer(7), try Self.alarm(row)) }
    }

    private static func alarm(_ row: Row) throws(ArchiveError) -> Alarm {
        let uid = UInt32(truncatingIfNeeded: row.integer(6))
        let known = row.optionalInteger(5).map {
            Alarm.Acknowledgement(uid: uid, at: WallInstant(nanoseconds: $0))
        }
        return Alarm(
            id: row.text(0), text: row.text(1), priority: AlarmPriority(rawValue: row.text(2)) ?? .high,
            since: moment(row.integer(3)), endedAt: row.optionalInteger(4).map(moment), acknowledgement: known,
            isLatched: row.text(0).hasPrefix("interlock:"))
    }

    /// Of an earlier daemon only the calendar still counts.
    private static func moment(_ nanoseconds: Int64) -> Moment {
        Moment(wire: .zero, bench: .zero, wall: WallInstant(nanoseconds: nanoseconds))
    }

    func shelves() throws(ArchiveError) -> [Alarm.Shelf] {
        try database.query("SELECT alarm, person, reason, until_ns FROM shelves ORDER BY alarm") {
            row throws(ArchiveError) in
            Alarm.Shelf(
                alarm: row.text(0), person: row.text(1), reason: row.text(2),
                until: WallInstant(nanoseconds: row.integer(3)))
        }
    }
}
