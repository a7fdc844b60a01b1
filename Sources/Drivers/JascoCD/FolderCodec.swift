import Wire

/// What a folder answers (`FolderRequest` has the protocol).
enum FolderReply: Hashable, Sendable {
    case list([FolderEntry])
    case piece([UInt8])
    case done
    case refused(String)
}

/// Reads the answers of a folder.
enum FolderCodec {
    private static let newline = UInt8(ascii: "\n")

    static func read(_ bytes: [UInt8], answering request: FolderRequest) -> DialogueReply<FolderReply> {
        guard let end = bytes.firstIndex(of: newline) else { return .partial }
        let line = String(decoding: bytes[..<end], as: UTF8.self)
        if line.hasPrefix("error "), !line.contains("\t") {
            return .answer(.refused(String(line.dropFirst(6))), end + 1)
        }
        switch request {
        case .list: return list(bytes)
        case .read(_, _, let length): return piece(bytes, line, from: end + 1, atMost: length)
        case .ticket, .withdraw: return line == "ok 0" ? .answer(.done, end + 1) : .wrong(line)
        }
    }

    private static func piece(
        _ bytes: [UInt8], _ line: String, from start: Int, atMost length: Int
    ) -> DialogueReply<FolderReply> {
        guard line.hasPrefix("ok "), let count = Int(line.dropFirst(3)), (0...length).contains(count) else {
            return .wrong(line)
        }
        guard bytes.count >= start + count else { return .partial }
        return .answer(.piece(Array(bytes[start..<(start + count)])), start + count)
    }

    private static func list(_ bytes: [UInt8]) -> DialogueReply<FolderReply> {
        var entries: [FolderEntry] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: newline) {
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            guard !line.isEmpty else { return .answer(.list(entries), rest.startIndex) }
            guard let entry = entry(line), entries.count < FolderRules.mostEntries else {
                return .wrong(String(decoding: line, as: UTF8.self))
            }
            entries.append(entry)
        }
        return .partial
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> FolderEntry? {
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.count == 3, FolderRules.isName(fields[0]), let size = Int(fields[1]), size >= 0,
            let modified = Int64(fields[2])
        else { return nil }
        return FolderEntry(name: fields[0], size: size, modified: modified)
    }
}
