/// Why the archive could not be opened, written or read.
public enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The state directory or the file in it is missing, open to others, or not ours.
    case place(path: String, detail: String)
    /// A later flowlabd wrote this archive.
    case newerVersion(path: String, found: Int64, known: Int64)
    /// SQLite refused; nothing of the transaction was kept. `code` is its extended result code, `text` its words.
    case database(action: String, code: Int32, text: String, hint: String)
    /// A row does not read as what was written, or a value cannot be written.
    case unreadable(what: String, detail: String)

    public var description: String {
        switch self {
        case .place(let path, let detail): "\(path): \(detail)"
        case .newerVersion(let path, let found, let known):
            "\(path): has schema version \(found), this flowlabd knows up to \(known); install the newer flowlabd again, "
                + "or move the archive away to begin a new one"
        case .database(let action, let code, let text, let hint):
            "\(action): SQLite says \"\(text)\" (code \(code)); \(hint)"
        case .unreadable(let what, let detail): "\(what): \(detail)"
        }
    }

    /// Whether it may go through later as it is: the disk was full, or another process held the file.
    public var isTransient: Bool {
        if case .database(_, let code, _, _) = self { Self.transient.contains(code & 0xFF) } else { false }
    }

    /// SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL.
    private static let transient: Set<Int32> = [5, 6, 10, 13]
}
