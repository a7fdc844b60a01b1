import ControlAPI
import Experiments
import Quantities

/// Lines of `signals.read` that were understood: who reads the same signals many times a second sends the same bytes, but
/// for the id. A line that differs from a known one in the digits of its id alone asks the same, and is not parsed again.
struct KnownReads {
    /// Lines that are kept, the oldest of which makes room; names of a line; digits of an id that any client counts to.
    private static let kept = 16
    private static let names = 16
    private static let digits = 18
    private static let key = Array("\"id\"".utf8)

    private struct Line {
        let head: [UInt8]
        let tail: [UInt8]
        let names: [String]
        /// What was made of the last snapshot that it was asked of.
        var text: (of: PublishedSnapshot, ReadingsText)?
    }

    private var lines: [Line] = []
    private var oldest = 0

    /// Which line it is, and where its id stands; nil for a line that must be parsed.
    func place(of line: Swift.Span<UInt8>) -> (known: Int, id: Range<Int>)? {
        for (index, known) in lines.enumerated() {
            let (start, end) = (known.head.count, line.count - known.tail.count)
            guard start < end, end - start <= Self.digits, Self.isCount(line.extracting(start..<end)),
                Self.isSame(line.extracting(..<start), known.head), Self.isSame(line.extracting(end...), known.tail)
            else { continue }
            return (index, start..<end)
        }
        return nil
    }

    func names(of known: Int) -> [String] { lines[known].names }

    /// What it was answered of this snapshot, all but the ages.
    func text(of known: Int, _ snapshot: PublishedSnapshot) -> ReadingsText? {
        guard let text = lines[known].text, text.of === snapshot else { return nil }
        return text.1
    }

    mutating func keep(_ text: ReadingsText, of known: Int, _ snapshot: PublishedSnapshot) {
        lines[known].text = (snapshot, text)
    }

    private static func isSame(_ part: Swift.Span<UInt8>, _ other: [UInt8]) -> Bool {
        guard part.count == other.count else { return false }
        for index in part.indices where part[index] != other[index] { return false }
        return true
    }

    /// - Parameter id: of the request that this line was, as it was written.
    mutating func learn(_ line: [UInt8], id: [UInt8], names: [String]) {
        guard Self.isCount(id.span), id.count <= Self.digits, names.count <= Self.names,
            names.allSatisfy(Glob.isLiteral),
            place(of: line.span) == nil, let start = Self.place(of: id, in: line)
        else { return }
        let known = Line(head: Array(line[..<start]), tail: Array(line[(start + id.count)...]), names: names)
        guard lines.count == Self.kept else { return lines.append(known) }
        lines[oldest] = known
        oldest = (oldest + 1) % Self.kept
    }

    /// Digits, without a zero before others: what JSON takes for a whole number.
    private static func isCount(_ text: Swift.Span<UInt8>) -> Bool {
        guard !text.isEmpty, text[0] != UInt8(ascii: "0") || text.count == 1 else { return false }
        for index in text.indices where text[index] &- UInt8(ascii: "0") > 9 { return false }
        return true
    }

    /// Where the id's digits begin, if `"id"` stands once in the line and they follow it.
    private static func place(of id: [UInt8], in line: [UInt8]) -> Int? {
        let places = line.indices.filter { line[$0...].starts(with: key) }
        guard places.count == 1, var at = places.first.map({ $0 + key.count }) else { return nil }
        func skipBlanks() { while at < line.count, line[at] == 0x20 || line[at] == 0x09 { at += 1 } }
        skipBlanks()
        guard at < line.count, line[at] == UInt8(ascii: ":") else { return nil }
        at += 1
        skipBlanks()
        let end = at + id.count
        guard end < line.count, line[at..<end] == id[...], !isCount(line.span.extracting(end...end)) else { return nil }
        return at
    }
}

extension ControlServer {
    private static let beforeID = Array("{\"id\":".utf8)
    private static let afterID = Array(",\"jsonrpc\":\"2.0\",\"result\":".utf8)
    private static let end = Array("}\n".utf8)

    /// Answers what a client has sent if it is one whole line that is known, nothing of the client's waits before it, and the
    /// client takes its answers.
    ///
    /// - Parameters:
    ///   - bytes: what was sent are the first `count` of them.
    ///   - answer: the bytes for the socket are put at its end; `handedOut` must be told those that it does not take at once.
    /// - Returns: whether it was answered; if not, `takeIn` is to be told the bytes.
    public func answerAtOnce(
        _ bytes: [UInt8], _ count: Int, from id: ConnectionID, at now: Moment, into answer: inout [UInt8]
    ) -> Bool {
        guard let connection = connections[id], connection.lines.isEmpty, connection.input.isEmpty,
            connection.unwritten == 0, count > 1, bytes[count - 1] == UInt8(ascii: "\n")
        else { return false }
        return appendKnownAnswer(to: bytes.span.extracting(..<(count - 1)), from: connection, at: now, &answer)
    }

    /// Bytes of an answer that wait for the socket.
    public func handedOut(_ id: ConnectionID, bytes: Int) { connections[id]?.unwritten += bytes }

    /// The answer to a line that is known to be a `signals.read`; false: it must be parsed.
    func appendKnownAnswer(
        to line: Swift.Span<UInt8>, from connection: Connection, at now: Moment, _ out: inout [UInt8]
    ) -> Bool {
        guard let (known, digits) = knownReads.place(of: line), connection.caller.role >= SignalsRead.role,
            !connection.isSurplus, let text = text(of: known)
        else { return false }
        out += Self.beforeID
        for index in digits { out.append(line[index]) }
        out += Self.afterID
        text.append(to: &out, at: now)
        out += Self.end
        return true
    }

    private func text(of known: Int) -> ReadingsText? {
        let snapshot = published()
        if let text = knownReads.text(of: known, snapshot) { return text }
        guard let text = try? readings(of: knownReads.names(of: known), in: snapshot.bench.readings) else { return nil }
        knownReads.keep(text, of: known, snapshot)
        return text
    }
}
