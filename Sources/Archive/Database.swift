import CHostDisk
import CSQLite

/// A value as SQLite keeps it.
enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    static func optional(_ number: Double?) -> SQLValue { number.map { .real($0) } ?? .null }
    static func optional(_ number: Int?) -> SQLValue { number.map { .integer(Int64($0)) } ?? .null }
}

/// One connection. Statements are prepared once and kept.
///
/// Unchecked, because the compiler cannot see that its owner (`Archive`, `ArchiveReader`) reaches it through a
/// `Mutex` only.
final class Database: @unchecked Sendable {
    enum Access {
        case readWrite, readOnly
    }

    /// A reader that meets a writer's lock waits this long before it gives up.
    static let busyMilliseconds: Int32 = 5000

    private let handle: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]

    /// - Parameter fileSystem: one that is registered with SQLite; a file is made there when it is missing. nil: the host's.
    init(path: String, access: Access, fileSystem: String? = nil) throws(ArchiveError) {
        let making = fileSystem == nil ? 0 : SQLITE_OPEN_CREATE
        let flags = access == .readWrite ? SQLITE_OPEN_READWRITE | making : SQLITE_OPEN_READONLY
        var opened: OpaquePointer?
        let code =
            if let fileSystem {
                sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, fileSystem)
            } else {
                sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, host_disk_name())
            }
        guard code == SQLITE_OK, let opened else {
            let failure = Self.failure("opening \(path)", code, on: opened)
            sqlite3_close_v2(opened)
            throw failure
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// Runs statements that take no values and whose rows are of no interest.
    func execute(_ sql: String) throws(ArchiveError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw Self.failure(sql, code, on: handle) }
    }

    func run(_ sql: String, _ values: [SQLValue] = []) throws(ArchiveError) {
        _ = try query(sql, values) { _ throws(ArchiveError) in () }
    }

    /// Every row, read while the statement stands on it; the statement is reset before this returns or throws.
    func query<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (Row) throws(ArchiveError) -> Value
    ) throws(ArchiveError) -> [Value] {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { try bind(value, to: Int32(index + 1), of: statement, sql) }
        var rows: [Value] = []
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return rows }
            guard code == SQLITE_ROW else { throw Self.failure(sql, code, on: handle) }
            rows.append(try read(Row(statement: statement)))
        }
    }

    /// All of `body` or nothing of it. `begin` is `IMMEDIATE` for writers, so that a lock is met at once.
    func transaction<Value>(
        _ begin: String, _ body: () throws(ArchiveError) -> Value
    ) throws(ArchiveError) -> Value {
        try execute("BEGIN \(begin)")
        do throws(ArchiveError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // After some failures SQLite has rolled back by itself, and there is nothing left to end.
            if sqlite3_get_autocommit(handle) == 0 { _ = sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    func integer(_ sql: String, _ values: [SQLValue] = []) throws(ArchiveError) -> Int64? {
        try query(sql, values) { row throws(ArchiveError) in row.integer(0) }.first
    }

    private func prepared(_ sql: String) throws(ArchiveError) -> OpaquePointer {
        if let known = statements[sql] { return known }
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw Self.failure(sql, code, on: handle) }
        statements[sql] = made
        return made
    }

    private func bind(
        _ value: SQLValue, to index: Int32, of statement: OpaquePointer, _ sql: String
    ) throws(ArchiveError) {
        // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .text(let text): sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), copied)
            case .blob(let bytes): sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), copied)
            }
        guard code == SQLITE_OK else { throw Self.failure(sql, code, on: handle) }
    }

    /// `SQLITE_IOERR_SHMSIZE`, an expression that Swift does not import.
    private static let shortOfRoom = SQLITE_IOERR | (19 << 8)

    private static func failure(_ action: String, _ code: Int32, on handle: OpaquePointer?) -> ArchiveError {
        let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        // The index of its journal is written to be as long as it will be mapped: that fails where there is no room.
        let kind = code == shortOfRoom ? SQLITE_FULL : code & 0xFF
        let hint =
            switch kind {
            case SQLITE_FULL: "make room on the disk of the archive"
            case SQLITE_BUSY, SQLITE_LOCKED: "another process holds the archive; end it"
            case SQLITE_IOERR: "check the disk of the archive (dmesg), its mount and its quota"
            case SQLITE_CORRUPT, SQLITE_NOTADB: "the file is damaged: move it away, keep it, and start with a new one"
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN: "check owner, mode and mount of the state directory"
            default: "see the journal; report it if it comes back"
            }
        return .database(action: firstLine(action), code: code, text: text, hint: hint)
    }

    private static func firstLine(_ text: String) -> String {
        let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? text
        return line.count > 120 ? line.prefix(117) + "…" : line
    }
}

/// The row that a statement stands on; columns count from 0. Valid only inside the closure that gets it.
struct Row {
    fileprivate let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
    func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }

    func optionalText(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(statement, column) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func text(_ column: Int32) -> String { optionalText(column) ?? "" }

    func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
