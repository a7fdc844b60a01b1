import Wire

/// The shape of a JSON value: checked before params are decoded, and published by `rpc.discover`.
public indirect enum Schema: Sendable {
    case anything
    case boolean
    case string(longest: Int = 1024)
    /// One of these words.
    case word([String])
    case integer(ClosedRange<Int64> = Int64.min...Int64.max)
    case number(ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    case array(Schema, count: ClosedRange<Int> = 0...Int.max)
    /// An object used as a table: any member names, values alike.
    case table(Schema)
    case object([Member])
    /// The value or null.
    case optional(Schema)
    /// One of several objects, told apart by their member `kind`.
    case kinds([String: Schema])

    public struct Member: Sendable {
        public let name: String
        public let schema: Schema
        public let isRequired: Bool
        public let doc: String

        public static func required(_ name: String, _ schema: Schema, _ doc: String) -> Member {
            Member(name: name, schema: schema, isRequired: true, doc: doc)
        }

        public static func optional(_ name: String, _ schema: Schema, _ doc: String) -> Member {
            Member(name: name, schema: .optional(schema), isRequired: false, doc: doc)
        }
    }

    /// In words, for an error: `a number 0 to 3600`.
    public var expectation: String {
        switch self {
        case .anything: "any value"
        case .boolean: "true or false"
        case .string(let longest): "a string of at most \(longest) characters"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .integer(let range): "a whole number" + Schema.inWords(range, .min, .max)
        case .number(let range):
            "a number" + Schema.inWords(range, -Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude)
        case .array(let element, let count):
            "an array" + Schema.inWords(count, 0, .max, unit: " elements") + ", each \(element.expectation)"
        case .table(let value): "an object whose members are each \(value.expectation)"
        case .object(let members): "an object with \(Schema.names(members))"
        case .optional(let schema): "\(schema.expectation), or null"
        case .kinds(let kinds): "an object with a kind of \(kinds.keys.sorted().joined(separator: ", "))"
        }
    }

    static func names(_ members: [Member]) -> String {
        members.isEmpty ? "no members" : "the members " + members.map(\.name).joined(separator: ", ")
    }

    private static func inWords<Bound: Comparable>(
        _ range: ClosedRange<Bound>, _ least: Bound, _ most: Bound, unit: String = ""
    ) -> String {
        if range == least...most { return "" }
        if range.upperBound == most { return " of at least \(range.lowerBound)\(unit)" }
        return " of \(range.lowerBound) to \(range.upperBound)\(unit)"
    }

    /// As JSON Schema (draft 7), which OpenRPC uses.
    public var json: JSONValue {
        switch self {
        case .anything: .object([:])
        case .boolean: .object(["type": .string("boolean")])
        case .string: .object(["type": .string("string")])
        case .word(let words): .object(["type": .string("string"), "enum": .array(words.map(JSONValue.string))])
        case .integer: .object(["type": .string("integer")])
        case .number(let range): Schema.json(range)
        case .array(let element, _): .object(["type": .string("array"), "items": element.json])
        case .table(let value): .object(["type": .string("object"), "additionalProperties": value.json])
        case .object(let members): Schema.json(members)
        case .optional(let schema): .object(["anyOf": .array([schema.json, .object(["type": .string("null")])])])
        case .kinds(let kinds): .object(["oneOf": .array(kinds.sorted { $0.key < $1.key }.map(\.value.json))])
        }
    }

    private static func json(_ range: ClosedRange<Double>) -> JSONValue {
        var schema: [String: JSONValue] = ["type": .string("number")]
        if range.lowerBound > -Double.greatestFiniteMagnitude { schema["minimum"] = .number(range.lowerBound) }
        if range.upperBound < Double.greatestFiniteMagnitude { schema["maximum"] = .number(range.upperBound) }
        return .object(schema)
    }

    private static func json(_ members: [Member]) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for member in members {
            var schema = member.schema.json
            if case .object(var parts) = schema {
                parts["description"] = .string(member.doc)
                schema = .object(parts)
            }
            properties[member.name] = schema
        }
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        return .object(["type": .string("object"), "properties": .object(properties), "required": .array(required)])
    }
}
