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
    }

    private var lines: [Line] = []
    private var oldest = 0

    /// The id as it is written, and the names that are asked for; nil for a line that must be parsed.
    func question(_ line: [UInt8]) -> (id: [UInt8], names: [String])? {
        for known in lines {
            let length = line.count - known.head.count - known.tail.count
            guard (1...Self.digits).contains(length) else { continue }
            let end = known.head.count + length
            let id = line[known.head.count..<end]
            guard Self.isCount(id), line[..<known.head.count] == known.head[...], line[end...] == known.tail[...] else {
                continue
            }
            return (Array(id), known.names)
        }
        return nil
    }

    /// - Parameter id: of the request that this line was, as it was written.
    mutating func learn(_ line: [UInt8], id: [UInt8], names: [String]) {
        guard Self.isCount(id[...]), id.count <= Self.digits, names.count <= Self.names,
            names.allSatisfy(Glob.isLiteral),
            question(line) == nil, let start = Self.place(of: id, in: line)
        else { return }
        let known = Line(head: Array(line[..<start]), tail: Array(line[(start + id.count)...]), names: names)
        guard lines.count == Self.kept else { return lines.append(known) }
        lines[oldest] = known
        oldest = (oldest + 1) % Self.kept
    }

    /// Digits, without a zero before others: what JSON takes for a whole number.
    private static func isCount(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, first != UInt8(ascii: "0") || text.count == 1 else { return false }
        return text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
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
        guard end < line.count, line[at..<end] == id[...], !isCount(line[end...end]) else { return nil }
        return at
    }
}

extension ControlServer {
    /// Answers a line that is known to be a `signals.read`; false: it must be parsed.
    func answerKnown(_ line: [UInt8], from id: ConnectionID, at now: Moment) -> Bool {
        guard let (requestID, names) = knownReads.question(line), let caller = connections[id]?.caller,
            caller.role >= SignalsRead.role, isAdmitted(id), let json = try? readings(of: names, at: now)
        else { return false }
        send(Reply.line(.success(json), id: requestID), to: id)
        return true
    }
}
