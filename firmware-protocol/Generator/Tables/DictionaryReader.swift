import Wire

/// What is wrong in `dictionary.json`, and where.
public struct DictionaryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `request move, field rate`
    public let place: String
    public let detail: String

    public var description: String { "firmware-protocol/dictionary.json, \(place): \(detail)" }
}

extension ProtocolDictionary {
    static let types = "u8, u16, u32, i32, bytes1 to bytes64, or rest"

    /// - Throws: at the first thing that is not as the generated code needs it.
    public init(_ json: JSONValue) throws(DictionaryError) {
        version = try number(json["protocol"], 1...255, "protocol")
        constants = try Self.constants(json["constants"])
        enums = try Self.choices(json["enums"], "enum")
        flags = try Self.choices(json["flags"], "flags")
        requests = try members(json["requests"], "requests").map { (value) throws(DictionaryError) in
            try Request(value)
        }
        events = try members(json["events"], "events").map { (value) throws(DictionaryError) in try Event(value) }
        try check()
    }

    private static func constants(_ json: JSONValue?) throws(DictionaryError) -> [Constant] {
        try object(json, "constants").map { (name, value) throws(DictionaryError) in
            let place = "constant \(name)"
            return Constant(
                name: try checked(name, place), value: UInt32(try number(value["value"], 0...0xffff_ffff, place)),
                meaning: try words(value["meaning"], place))
        }
    }

    private static func choices(_ json: JSONValue?, _ word: String) throws(DictionaryError) -> [Choices] {
        try object(json, "\(word)s").map { (name, values) throws(DictionaryError) in
            let place = "\(word) \(name)"
            let choices = try object(values, place).map { (choice, value) throws(DictionaryError) in
                Choice(
                    name: try checked(choice, place), value: UInt8(try number(value, 0...255, "\(place), \(choice)")))
            }
            return Choices(name: try checked(name, place), values: choices.sorted { $0.value < $1.value })
        }
    }
}

extension ProtocolDictionary.Request {
    init(_ json: JSONValue) throws(DictionaryError) {
        name = try checked(json["name"]?.text ?? "", "requests")
        let place = "request \(name)"
        type = UInt8(try number(json["type"], 1...0x3f, place))
        meaning = try words(json["meaning"], place)
        fields = try readFields(json["fields"], place)
        answer = try readFields(json["answer"], "answer to \(name)")
    }
}

extension ProtocolDictionary.Event {
    init(_ json: JSONValue) throws(DictionaryError) {
        name = try checked(json["name"]?.text ?? "", "events")
        let place = "event \(name)"
        type = UInt8(try number(json["type"], 0xc0...0xff, place))
        meaning = try words(json["meaning"], place)
        fields = try readFields(json["fields"], place)
    }
}

private func readFields(
    _ json: JSONValue?, _ place: String
) throws(DictionaryError) -> [ProtocolDictionary.Field] {
    try members(json, place).map { (value) throws(DictionaryError) in
        let parts = try members(value, place)
        guard parts.count == 3, let name = parts[0].text, let type = parts[1].text, let meaning = parts[2].text else {
            throw DictionaryError(place: place, detail: "a field is [name, type, meaning]")
        }
        guard let kind = FieldKind(type) else {
            throw DictionaryError(
                place: "\(place), field \(name)",
                detail: "the type \"\(type)\" is not known; expected \(ProtocolDictionary.types)")
        }
        return ProtocolDictionary.Field(name: try checked(name, place), kind: kind, meaning: meaning)
    }
}

private func members(_ json: JSONValue?, _ place: String) throws(DictionaryError) -> [JSONValue] {
    guard case .array(let values) = json else {
        throw DictionaryError(place: place, detail: "expected an array")
    }
    return values
}

/// By name.
private func object(_ json: JSONValue?, _ place: String) throws(DictionaryError) -> [(String, JSONValue)] {
    guard case .object(let values) = json else {
        throw DictionaryError(place: place, detail: "expected an object")
    }
    return values.sorted { $0.key < $1.key }
}

private func number(_ json: JSONValue?, _ range: ClosedRange<Int64>, _ place: String) throws(DictionaryError) -> Int {
    guard case .integer(let value) = json, range.contains(value) else {
        throw DictionaryError(
            place: place, detail: "expected a whole number of \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(value)
}

/// A meaning: it goes into comments of both languages.
private func words(_ json: JSONValue?, _ place: String) throws(DictionaryError) -> String {
    guard let text = json?.text, !text.isEmpty, !text.contains("*/"), !text.contains("\n") else {
        throw DictionaryError(place: place, detail: "expected a meaning: one line, without */")
    }
    return text
}

/// A name: lower case letters, digits and underscores, beginning with a letter.
private func checked(_ name: String, _ place: String) throws(DictionaryError) -> String {
    let isGood = name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    guard isGood, let first = name.utf8.first, (0x61...0x7a).contains(first) else {
        throw DictionaryError(place: place, detail: "\"\(name)\" is no name: letters a to z, then also 0 to 9 and _")
    }
    return name
}
