import ControlAPI
import FoundationEssentials
import Wire

extension FuzzTarget {
    /// The JSON reader: what it takes, its own writer and another reader take as well, with the same meaning.
    static let jsonReader = FuzzTarget("json-reader", words: { JSONWords.words }) { (bytes) throws(BrokenPromise) in
        let parsed: ParsedJSON
        do throws(JSONSyntaxError) {
            parsed = try JSONParser.parse(bytes)
        } catch {
            try promise((0...bytes.count).contains(error.offset), "an error at byte \(error.offset) of \(bytes.count)")
            return
        }
        let again = try? JSONParser.parse(parsed.value.jsonBytes)
        try promise(again?.value == parsed.value, "what is written is not what was read: \(parsed.value.jsonText)")
        try promise(again?.defect == nil, "what is written has a defect: \(again?.defect ?? "")")
        // A client reads an error out of whatever it is sent.
        _ = APIError(json: parsed.value)
        guard parsed.defect == nil else { return }
        let other = OtherReader.value(bytes)
        try promise(
            other.map { sameJSON($0, parsed.value) } ?? false, "another reader gives \(String(describing: other))")
    }

    /// Cutting at line ends, against the plainest way to do it.
    static let lineSplitter = FuzzTarget("line-splitter", longestInput: 512) { (bytes) throws(BrokenPromise) in
        let limit = Int(bytes.first ?? 8) % 16
        var splitter = LineSplitter(maximumLineBytes: limit)
        let lines = bytes.dropFirst().compactMap { splitter.append($0) }
        let pieces = bytes.dropFirst().split(omittingEmptySubsequences: false) { $0 == 0x0d || $0 == 0x0a }
        let expected = pieces.map { String(decoding: $0.prefix(limit).map(printable), as: UTF8.self) }
        try promise(lines == expected.dropLast().filter { !$0.isEmpty }, "lines \(lines), expected \(expected)")
        try promise(splitter.partial == expected.last ?? "", "what is left is \(splitter.partial)")
    }

    /// Base64 of samples: what is decoded encodes to the same text, but for bits that count for nothing.
    static let sampleArrays = FuzzTarget("sample-arrays", longestInput: 512) { (bytes) throws(BrokenPromise) in
        let floats = stride(from: 0, to: bytes.count - 3, by: 4).map { at in
            Float(bitPattern: bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        let back = SampleArray.decode(SampleArray.encode(floats))
        try promise(back?.map(\.bitPattern) == floats.map(\.bitPattern), "samples do not come back")
        let text = String(decoding: bytes, as: UTF8.self)
        let other = Data(base64Encoded: text)
        // The other reader takes more: padding that is too long, line ends.
        guard let samples = SampleArray.decode(text) else { return }
        try promise(
            samples.count * 4 == other?.count, "\(samples.count) samples, another reader: \(other?.count ?? -1)")
        try promise(Data(base64Encoded: SampleArray.encode(samples)) == other, "other bytes than another reader's")
    }
}

private func printable(_ byte: UInt8) -> UInt8 { (0x20...0x7e).contains(byte) ? byte : UInt8(ascii: "?") }

/// Whether two values mean the same: 1 and 1.0 do.
func sameJSON(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a, b) {
    case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy(sameJSON)
    case (.object(let a), .object(let b)):
        return a.count == b.count && a.allSatisfy { key, value in b[key].map { sameJSON(value, $0) } ?? false }
    default: return a == b || (a.double != nil && a.double == b.double)
    }
}

enum JSONWords {
    static let words = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u00e9", "\\ud83d", "\\ude00", "\\n", "true", "false", "null", "-0",
        "0.5", "1e9", "1e-400", "1e400", "9223372036854775808", "-9223372036854775808", "é", "\u{7f}",
    ]
}
