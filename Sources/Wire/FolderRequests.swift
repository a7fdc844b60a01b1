/// Cuts what arrives at a folder into requests, also where one comes in pieces.
public struct FolderRequests: Sendable {
    public enum Arrival: Hashable, Sendable {
        case request(FolderRequest)
        /// What the answer says of what could not be read.
        case wrong(String)
    }

    private static let longestLine = FolderRules.longestName + 64
    private static let newline = UInt8(ascii: "\n")

    private var line: [UInt8] = []
    private var isTooLong = false
    /// A ticket whose content is still to come; nil for one that is thrown away.
    private var ticket: (name: String?, missing: Int)?
    private var content: [UInt8] = []

    public init() {}

    public mutating func take(_ bytes: some Sequence<UInt8>) -> [Arrival] {
        var arrivals: [Arrival] = []
        for byte in bytes {
            if let arrival = ticket == nil ? takeLine(byte) : takeContent(byte) { arrivals.append(arrival) }
        }
        return arrivals
    }

    private mutating func takeContent(_ byte: UInt8) -> Arrival? {
        guard let (name, missing) = ticket else { return nil }
        content.append(byte)
        guard missing == 1 else {
            ticket = (name, missing - 1)
            return nil
        }
        return endTicket(name)
    }

    private mutating func endTicket(_ name: String?) -> Arrival {
        defer { (ticket, content) = (nil, []) }
        guard let name else { return .wrong("no ticket may have this name") }
        return .request(.ticket(name: name, content))
    }

    private mutating func takeLine(_ byte: UInt8) -> Arrival? {
        guard byte == Self.newline else {
            if line.count < Self.longestLine { line.append(byte) } else { isTooLong = true }
            return nil
        }
        defer { (line, isTooLong) = ([], false) }
        guard !isTooLong, let text = String(validating: line, as: UTF8.self) else {
            return .wrong("a line that is too long, or no text")
        }
        return request(text)
    }

    private mutating func request(_ text: String) -> Arrival? {
        let word = text.prefix { $0 != " " }
        let rest = String(text.dropFirst(word.count + 1))
        switch word {
        case "list": return FolderRules.isPrefix(rest) ? .request(.list(prefix: rest)) : .wrong("no file begins so")
        case "read":
            guard let (named, length) = Self.number(atEndOf: rest), let (name, offset) = Self.number(atEndOf: named),
                FolderRules.isName(name), length <= FolderRules.longestPiece
            else { return .wrong("expected read NAME OFFSET LENGTH, at most \(FolderRules.longestPiece) bytes") }
            return .request(.read(name: name, offset: offset, length: length))
        case "ticket":
            guard let (name, length) = Self.number(atEndOf: rest), length <= FolderRules.longestTicket else {
                return .wrong("expected ticket NAME LENGTH, at most \(FolderRules.longestTicket) bytes")
            }
            let served = FolderRules.isTicket(name) ? name : nil
            guard length > 0 else { return endTicket(served) }
            ticket = (served, length)
            return nil
        case "withdraw":
            return FolderRules.isTicket(rest) ? .request(.withdraw(name: rest)) : .wrong("no ticket has this name")
        default: return .wrong("expected list, read, ticket or withdraw")
        }
    }

    /// `a b 12` is `a b` and 12.
    private static func number(atEndOf text: String) -> (rest: String, number: Int)? {
        guard let blank = text.lastIndex(of: " ") else { return nil }
        let digits = text[text.index(after: blank)...]
        guard (1...15).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(digits).map { (String(text[..<blank]), $0) }
    }
}
