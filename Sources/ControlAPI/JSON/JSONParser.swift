import Wire

/// One line of JSON, read without ever failing harder than an error: depth and memory are bounded by the line.
///
/// What is wrong but can be stepped over (nesting too deep, a member twice, bytes that are not UTF-8) is a `defect`: the
/// value is still there, so that the request's id and method are known to whoever refuses it.
public struct ParsedJSON: Sendable {
    public let value: JSONValue
    /// The first thing that was stepped over; nil for sound JSON.
    public let defect: String?
    /// The text of numbers that are a request's `id`, by the request's place in its batch (0 where there is none), so
    /// that they go back digit by digit.
    public let numericIDs: [Int: [UInt8]]
}

/// Why bytes are not JSON.
public struct JSONSyntaxError: Error, Hashable, Sendable {
    /// 0-based, in bytes.
    public let offset: Int
    public let detail: String
}

/// A strict RFC 8259 reader.
public struct JSONParser {
    /// Arrays and objects inside each other.
    public static let nestingLimit = 64

    let bytes: [UInt8]
    var position = 0
    var defect: String?
    private var numericIDs: [Int: [UInt8]] = [:]
    /// Of most objects; a table that has to grow is copied.
    private static let usualMembers = 4
    private var isBatch = false
    private var batchIndex = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    public static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> ParsedJSON {
        var parser = JSONParser(bytes)
        let value = try parser.document()
        return ParsedJSON(value: value, defect: parser.defect, numericIDs: parser.numericIDs)
    }

    private mutating func document() throws(JSONSyntaxError) -> JSONValue {
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("expected the end of the line after the JSON value") }
        return value
    }

    // MARK: Values

    private mutating func readValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Self.nestingLimit else {
                note("nested more than \(Self.nestingLimit) deep")
                try skipContainer()
                return .null
            }
            return peek == UInt8(ascii: "{") ? try object(depth: depth) : try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
        case .some(let byte): throw failure("expected a JSON value, found byte \(byte)")
        case .none: throw failure("expected a JSON value, found the end of the line")
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([:]) }
        var members = [String: JSONValue](minimumCapacity: Self.usualMembers)
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("expected a member name in double quotes") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("expected ':' after a member name") }
            skipSpace()
            let start = position
            let value = try readValue(depth: depth + 1)
            if depth == (isBatch ? 1 : 0), name == "id" {
                numericIDs[batchIndex] = value.double == nil ? nil : Array(bytes[start..<position])
            }
            if members.updateValue(value, forKey: name) != nil { note("member \"\(name.prefix(64))\" is there twice") }
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("expected ',' or '}' in an object") }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        var elements: [JSONValue] = []
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        if depth == 0 { isBatch = true }
        while true {
            if depth == 0 { batchIndex = elements.count }
            elements.append(try readValue(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw failure("expected ',' or ']' in an array") }
        }
    }

    /// Steps over brackets and strings without recursion; what is inside is not looked at.
    private mutating func skipContainer() throws(JSONSyntaxError) {
        var open = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                _ = try string()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): open -= 1
            default: break
            }
            position += 1
            if open == 0 { return }
        }
        throw failure("expected ']' or '}', found the end of the line")
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("expected \(word)") }
        position += word.utf8.count
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        if let value = Double(text), value.isFinite { return .number(value) }
        note("number \(text.prefix(32)) is out of range")
        return .null
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = peek, Self.isDigit(byte) { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    // MARK: Bytes

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    mutating func note(_ what: String) { if defect == nil { defect = what } }

    func failure(_ detail: String) -> JSONSyntaxError { JSONSyntaxError(offset: position, detail: detail) }
}
