/// How a watched folder is asked and answered, as bytes on a link, so that a folder is to everything above the link what a
/// serial port is. The far end is a small server beside the daemon's control loop (a directory), or a simulated instrument.
///
/// Questions, each answered in order:
///
///     list PREFIX\n               NAME\tSIZE\tMODIFIED\n for each file whose name begins with PREFIX (which may be empty),
///                                 the newest first, `FolderRules.mostEntries` at most; then an empty line. SIZE in bytes,
///                                 MODIFIED in ns since 1970.
///     read NAME OFFSET LENGTH\n   ok N\n, and N bytes: LENGTH, or what there is from OFFSET on
///     ticket NAME LENGTH\n        and LENGTH bytes: a file with these bytes is there at once and whole, in the place of one
///                                 of the same name. ok 0\n
///     withdraw NAME\n             No such ticket is there any more. ok 0\n
///
/// In the place of any answer: `error TEXT\n`. Only names that `FolderRules` lets pass are served or taken; `ticket` and
/// `withdraw` touch no file but those whose name ends in `FolderRules.ticketSuffix`. A name may have blanks in it.
public enum FolderRequest: Hashable, Sendable {
    case list(prefix: String)
    case read(name: String, offset: Int, length: Int)
    case ticket(name: String, [UInt8])
    case withdraw(name: String)

    public var bytes: [UInt8] {
        switch self {
        case .list(let prefix): Array("list \(prefix)\n".utf8)
        case .read(let name, let offset, let length): Array("read \(name) \(offset) \(length)\n".utf8)
        case .ticket(let name, let content): Array("ticket \(name) \(content.count)\n".utf8) + content
        case .withdraw(let name): Array("withdraw \(name)\n".utf8)
        }
    }
}

/// One file of a folder.
public struct FolderEntry: Hashable, Sendable {
    public let name: String
    /// Bytes.
    public let size: Int
    /// Nanoseconds since 1970.
    public let modified: Int64

    public init(name: String, size: Int, modified: Int64) {
        self.name = name
        self.size = size
        self.modified = modified
    }
}

public enum FolderRules {
    public static let ticketSuffix = ".ticket"
    /// Bytes.
    public static let longestName = 160
    public static let longestPiece = 8192
    public static let longestTicket = 1024
    /// Of one list.
    public static let mostEntries = 64

    /// No path, nothing hidden, nothing that would break a line.
    public static func isName(_ name: String) -> Bool {
        !name.isEmpty && isPrefix(name) && !name.hasSuffix(" ")
    }

    public static func isTicket(_ name: String) -> Bool {
        isName(name) && name.hasSuffix(ticketSuffix) && name.utf8.count > ticketSuffix.utf8.count
    }

    static func isPrefix(_ name: String) -> Bool {
        name.utf8.count <= longestName && name.utf8.first != UInt8(ascii: ".") && name.utf8.first != UInt8(ascii: " ")
            && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }
}

public enum FolderAnswer {
    /// Any number of entries, in any order: the newest are told.
    public static func list(_ entries: [FolderEntry]) -> [UInt8] {
        let sorted = entries.sorted { ($0.modified, $0.name) > ($1.modified, $1.name) }
        let lines = sorted.prefix(FolderRules.mostEntries).map { "\($0.name)\t\($0.size)\t\($0.modified)\n" }
        return Array((lines.joined() + "\n").utf8)
    }

    public static func piece(_ bytes: [UInt8]) -> [UInt8] { Array("ok \(bytes.count)\n".utf8) + bytes }
    public static let done = piece([])

    public static func error(_ text: String) -> [UInt8] {
        Array("error ".utf8) + text.utf8.prefix(300).map { $0 < 0x20 ? UInt8(ascii: " ") : $0 } + [0x0a]
    }
}
