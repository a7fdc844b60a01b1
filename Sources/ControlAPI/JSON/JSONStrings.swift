extension JSONParser {
    /// Reads a string from its opening quote to past its closing one.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var unescaped: [UInt8] = []
        var start = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                if unescaped.isEmpty { return text(bytes[start..<position]) }
                return text(unescaped + bytes[start..<position])
            case UInt8(ascii: "\\"):
                unescaped += bytes[start..<position]
                position += 1
                unescaped += Array(String(try escape()).utf8)
                start = position
            case 0..<0x20: throw failure("a control character in a string must be written as an escape")
            default: position += 1
            }
        }
        throw failure("expected a closing double quote, found the end of the line")
    }

    private mutating func text(_ utf8: some Collection<UInt8>) -> String {
        if let valid = String(validating: utf8, as: UTF8.self) { return valid }
        note("a string is not UTF-8")
        return String(decoding: utf8, as: UTF8.self)
    }

    private mutating func escape() throws(JSONSyntaxError) -> Character {
        guard let byte = peek else { throw failure("expected an escape, found the end of the line") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try unicodeEscape())
        default: throw failure("unknown escape")
        }
    }

    /// A `\uXXXX`, or two that make a surrogate pair.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Any other escape that follows is its own; only a `\u` may be the second half.
        if (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            let second = try fourHexDigits()
            if (0xDC00..<0xE000).contains(second),
                let joined = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return joined
            }
        }
        note("half a surrogate pair in a string")
        return "\u{FFFD}"
    }

    private mutating func fourHexDigits() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("expected four hexadecimal digits after \\u")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
