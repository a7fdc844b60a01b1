import Wire

/// The words of JSON, appended to bytes.
enum JSONText {
    static let null = Array("null".utf8)

    static func append(_ flag: Bool, to out: inout [UInt8]) { out += (flag ? "true" : "false").utf8 }

    static func append(_ whole: some FixedWidthInteger, to out: inout [UInt8]) { out += String(whole).utf8 }

    /// The shortest decimal that reads back as the same number; null for one that is not finite, since JSON has no other
    /// word for it.
    static func append(_ number: Double, to out: inout [UInt8]) {
        if number.isFinite { out += number.description.utf8 } else { out += null }
    }

    static func append(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var plain = 0
            for index in bytes.indices where mustBeEscaped(bytes[index]) {
                out += bytes[plain..<index]
                append(escaped: bytes[index], to: &out)
                plain = index + 1
            }
            out += bytes[plain...]
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private static func append(escaped byte: UInt8, to out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): out += "\\\"".utf8
        case UInt8(ascii: "\\"): out += "\\\\".utf8
        case UInt8(ascii: "\n"): out += "\\n".utf8
        case UInt8(ascii: "\t"): out += "\\t".utf8
        case UInt8(ascii: "\r"): out += "\\r".utf8
        default: out += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
        }
    }
}

extension JSONValue {
    /// One line of JSON without its LF. Members are sorted, so that equal values are equal bytes; a number that is not
    /// finite is null.
    public var jsonBytes: [UInt8] {
        var out: [UInt8] = []
        append(to: &out)
        return out
    }

    public var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }

    func append(to out: inout [UInt8]) {
        switch self {
        case .null: out += JSONText.null
        case .bool(let value): JSONText.append(value, to: &out)
        case .integer(let value): JSONText.append(value, to: &out)
        case .number(let value): JSONText.append(value, to: &out)
        case .string(let value): JSONText.append(value, to: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                element.append(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members): Self.append(members, to: &out)
        }
    }

    private static func append(_ members: [String: JSONValue], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        for (index, (name, value)) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.append(name, to: &out)
            out.append(UInt8(ascii: ":"))
            value.append(to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }
}
