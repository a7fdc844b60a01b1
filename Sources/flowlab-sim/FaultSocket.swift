import FoundationEssentials
import VirtualBench
import Wire

/// One line of the fault socket to a command, and its outcome to a line.
enum FaultLine {
    static let longest = 65536

    /// `list` and `clear` may stand bare; anything else is a JSON object.
    static func command(_ line: [UInt8]) throws -> FaultCommand {
        let text = String(decoding: line, as: UTF8.self)
        let word = text.filter { !$0.isWhitespace }
        if word == "list" || word == "clear" { return FaultCommand(fault: word) }
        return try JSONDecoder().decode(FaultCommand.self, from: Data(line))
    }

    static func failure(_ error: any Error) -> [UInt8] {
        let text =
            switch error {
            case let refused as FaultError: refused.description
            case DecodingError.keyNotFound(let key, _): "\"\(key.stringValue)\" is missing; \(example)"
            case DecodingError.typeMismatch(_, let context): "\(path(context)) has the wrong type; \(example)"
            case DecodingError.dataCorrupted(let context): "\(context.debugDescription); \(example)"
            default: "not understood: \(error); \(example)"
            }
        return encoded(.object(["ok": .bool(false), "error": .string(text)]))
    }

    private static let example = #"expected {"device":"cui","fault":"stall","for_s":20}, list or clear"#

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.isEmpty ? "the line" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }

    static func encoded(_ value: JSONValue) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(value)).map { Array($0) } ?? Array(#"{"ok":false}"#.utf8)
        return data + [UInt8(ascii: "\n")]
    }
}
