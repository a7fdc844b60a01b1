/// Lines of Swift, as `swift format` leaves them.
struct SwiftText {
    static let widest = 120

    private(set) var text = "// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.\n\n"

    mutating func add(_ line: String = "", indent: Int = 0) {
        text += line.isEmpty ? "\n" : String(repeating: " ", count: indent) + line + "\n"
    }

    /// A doc comment, broken between words.
    mutating func comment(_ words: String, indent: Int = 0) {
        var line = ""
        for word in words.split(separator: " ") {
            if !line.isEmpty, indent + 5 + line.count + word.count > Self.widest {
                add("/// \(line)", indent: indent)
                line = ""
            }
            line += line.isEmpty ? word : " \(word)"
        }
        if !line.isEmpty { add("/// \(line)", indent: indent) }
    }

    /// `opening` with its items in brackets and `closing` after it, on as many lines as it needs.
    mutating func list(_ opening: String, _ items: [String], _ closing: String, indent: Int = 0) {
        let whole = opening + items.joined(separator: ", ") + closing
        guard indent + whole.count > Self.widest else { return add(whole, indent: indent) }
        add(opening, indent: indent)
        var line = ""
        for (index, item) in items.enumerated() {
            // A literal ends in a comma when it is broken; parameters do not.
            let piece = index == items.count - 1 && closing != "]" ? item : "\(item),"
            if !line.isEmpty, indent + 5 + line.count + piece.count > Self.widest {
                add(line, indent: indent + 4)
                line = ""
            }
            line += line.isEmpty ? piece : " \(piece)"
        }
        add(line, indent: indent + 4)
        add(closing, indent: indent)
    }
}

/// Names of the dictionary as Swift has them.
public enum SwiftName {
    private static let units = ["_ms": "_milliseconds", "_s": "_seconds"]
    private static let keywords: Set<String> = [
        "as", "break", "case", "catch", "class", "continue", "default", "defer", "do", "else", "enum", "extension",
        "false", "for", "func", "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "nil",
        "operator", "private", "protocol", "public", "repeat", "return", "self", "static", "struct", "switch", "throw",
        "true", "try", "var", "where", "while",
    ]

    /// `max_on_ms` is `maxOnMilliseconds`.
    static func property(_ name: String) -> String {
        let camel = camel(name)
        return keywords.contains(camel) ? "`\(camel)`" : camel
    }

    /// After a dot or in words no keyword needs quotes.
    public static func camel(_ name: String) -> String {
        let parts = spelled(name).split(separator: "_")
        return parts.enumerated().map { $0.offset == 0 ? String($0.element) : capital($0.element) }.joined()
    }

    /// `set_output` is `SetOutput`.
    static func type(_ name: String) -> String { spelled(name).split(separator: "_").map(capital).joined() }

    /// `BoardState`; the board's own kind is its model.
    static func choices(_ name: String) -> String { name == "board" ? "BoardModel" : "Board\(type(name))" }

    static func flags(_ name: String) -> String { "\(type(name))Flags" }

    static func capital(_ word: some StringProtocol) -> String { word.prefix(1).uppercased() + word.dropFirst() }

    /// Words as a sentence, unless they begin with a name of the dictionary.
    static func sentence(_ words: String) -> String {
        (words.prefix { $0 != " " && $0 != "," }.contains("_") ? words : capital(words)) + "."
    }

    private static func spelled(_ name: String) -> String {
        for (short, long) in units where name.hasSuffix(short) { return name.dropLast(short.count) + long }
        return name
    }
}

extension ProtocolDictionary.Field {
    var swiftName: String { SwiftName.property(name) }

    var swiftType: String {
        if let enumName { return SwiftName.choices(enumName) }
        if let flagsName { return SwiftName.flags(flagsName) }
        switch kind {
        case .u8: return "UInt8"
        case .u16: return "UInt16"
        case .u32: return "UInt32"
        case .i32: return "Int32"
        case .bytes, .rest: return "[UInt8]"
        }
    }

    /// Reads it from `reader`.
    var swiftReading: String {
        if enumName != nil { return "\(swiftName) = \(swiftType)(code: reader.number())" }
        if flagsName != nil { return "\(swiftName) = \(swiftType)(rawValue: reader.number())" }
        switch kind {
        case .u8, .u16, .u32, .i32: return "\(swiftName) = reader.number()"
        case .bytes(let count): return "\(swiftName) = reader.bytes(\(count))"
        case .rest: return "\(swiftName) = reader.rest()"
        }
    }

    /// Appends it to `writer`.
    var swiftWriting: String {
        if case .bytes(let count) = kind, isPadding { return "writer.append([], count: \(count))" }
        if enumName != nil { return "writer.append(\(swiftName).code)" }
        if flagsName != nil { return "writer.append(\(swiftName).rawValue)" }
        switch kind {
        case .u8, .u16, .u32, .i32, .rest: return "writer.append(\(swiftName))"
        case .bytes(let count): return "writer.append(\(swiftName), count: \(count))"
        }
    }

    var swiftComment: String {
        let words = remark
        let size = if case .bytes(let count) = kind { "\(count) bytes" } else { "" }
        let all = [words, size].filter { !$0.isEmpty }.joined(separator: "; ")
        return all.isEmpty ? "" : SwiftName.sentence(all)
    }
}
