import Glibc
import Wire

/// A real directory that shows what a simulated instrument has in its folder, and gives it the tickets that others put there.
/// It talks to the instrument as `FolderRequest` says, one question at a time.
final class FolderMirror {
    /// Nanoseconds: from one look to the next, and how long an answer is waited for.
    private static let interval: Int64 = 100_000_000
    private static let patience: Int64 = 2_000_000_000

    let path: String
    private var waiting: [FolderRequest] = []
    private var asked: (request: FolderRequest, at: Int64)?
    private var lastLook: Int64 = 0
    /// What the instrument has, and how much of each file is in the directory.
    private var wanted: [String: FolderEntry] = [:]
    private var shown: [String: FolderEntry] = [:]
    /// As the instrument was told.
    private var tickets: [String: [UInt8]] = [:]

    /// Makes the directory where there is none; what is in it stays.
    init(path: String) throws(SystemFailure) {
        self.path = path
        _ = rename(path + Self.away, path)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw SystemFailure(call: "mkdir", subject: path, number: errno)
        }
    }

    private static let away = ".unplugged"

    /// As a share that is no longer mounted.
    func takeAway() { _ = rename(path, path + Self.away) }

    /// What is to be asked now.
    func next(at now: Int64) -> [UInt8]? {
        if let asked, now - asked.at < Self.patience { return nil }
        asked = nil
        if waiting.isEmpty {
            guard now - lastLook >= Self.interval else { return nil }
            lastLook = now
            lookForTickets()
            waiting.append(.list(prefix: ""))
        }
        let request = waiting.removeFirst()
        asked = (request, now)
        return request.bytes
    }

    func take(_ answer: [UInt8]) {
        guard let request = asked?.request else { return }
        asked = nil
        switch request {
        case .list: took(Self.entries(answer))
        case .read(let name, let offset, _): took(Self.piece(answer), of: name, at: offset)
        case .ticket, .withdraw: break
        }
    }

    private func took(_ entries: [FolderEntry]) {
        for entry in entries where !FolderRules.isTicket(entry.name) && shown[entry.name] != entry {
            wanted[entry.name] = entry
            let has = shown[entry.name]?.size ?? 0
            ask(entry, from: has <= entry.size ? has : 0)
        }
    }

    private func ask(_ entry: FolderEntry, from offset: Int) {
        guard offset < entry.size else {
            shown[entry.name] = entry
            return
        }
        waiting.append(.read(name: entry.name, offset: offset, length: FolderRules.longestPiece))
    }

    private func took(_ piece: [UInt8], of name: String, at offset: Int) {
        guard let entry = wanted[name], !piece.isEmpty else { return }
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (offset == 0 ? O_TRUNC : 0)
        let descriptor = open("\(path)/\(name)", flags, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard pwrite(descriptor, piece, piece.count, off_t(offset)) == piece.count else { return }
        let size = offset + piece.count
        shown[name] = FolderEntry(name: name, size: size, modified: size >= entry.size ? entry.modified : 0)
        if size < entry.size { ask(entry, from: size) }
    }

    // MARK: Tickets

    private func lookForTickets() {
        let present = readTickets()
        for (name, content) in present.sorted(by: { $0.key < $1.key }) where tickets[name] != content {
            waiting.append(.ticket(name: name, content))
        }
        for name in tickets.keys.sorted() where present[name] == nil { waiting.append(.withdraw(name: name)) }
        tickets = present
    }

    private func readTickets() -> [String: [UInt8]] {
        guard let directory = opendir(path) else { return tickets }
        defer { closedir(directory) }
        var found: [String: [UInt8]] = [:]
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard FolderRules.isTicket(name) else { continue }
            let descriptor = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: FolderRules.longestTicket)
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count >= 0 { found[name] = Array(bytes.prefix(count)) }
        }
        return found
    }

    // MARK: Answers

    private static func entries(_ answer: [UInt8]) -> [FolderEntry] {
        String(decoding: answer, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3, FolderRules.isName(fields[0]), let size = Int(fields[1]),
                let modified = Int64(fields[2])
            else { return nil }
            return FolderEntry(name: fields[0], size: size, modified: modified)
        }
    }

    /// Empty where there is none, or where it is cut.
    private static func piece(_ answer: [UInt8]) -> [UInt8] {
        guard let end = answer.firstIndex(of: 0x0a) else { return [] }
        let head = String(decoding: answer[..<end], as: UTF8.self)
        guard head.hasPrefix("ok "), let count = Int(head.dropFirst(3)), count == answer.count - end - 1 else {
            return []
        }
        return Array(answer[(end + 1)...])
    }
}
