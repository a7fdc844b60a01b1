import Wire

extension Schema {
    /// As JSON Schema (draft 7), which OpenRPC uses. Shapes with names stand under `components` of the document.
    public var json: JSONValue {
        switch self {
        case .anything: .object([:])
        case .boolean: Schema.type("boolean")
        case .string(let count): Schema.type("string", Schema.bounds("minLength", "maxLength", count))
        case .time: Schema.type("string", ["format": .string("date-time")])
        case .word(let words): Schema.type("string", ["enum": .array(words.map(JSONValue.string))])
        case .integer(let range): Schema.json(range)
        case .number(let range): Schema.json(range)
        case .array(let element, let count):
            Schema.type("array", Schema.bounds("minItems", "maxItems", count), ["items": element.json])
        case .table(let value, let count):
            Schema.type(
                "object", Schema.bounds("minProperties", "maxProperties", count), ["additionalProperties": value.json])
        case .object(let members): Schema.json(members)
        case .optional(let schema): .object(["anyOf": .array([schema.json, Schema.type("null")])])
        case .kinds(let kinds): .object(["oneOf": .array(kinds.sorted { $0.key < $1.key }.map(\.value.json))])
        case .shape(let shape): .object(["$ref": .string("#/components/schemas/\(shape.name)")])
        }
    }

    private static func type(_ name: String, _ parts: [String: JSONValue]...) -> JSONValue {
        .object(parts.reduce(["type": .string(name)]) { $0.merging($1) { _, new in new } })
    }

    private static func bounds(_ least: String, _ most: String, _ range: ClosedRange<Int>) -> [String: JSONValue] {
        var parts: [String: JSONValue] = [:]
        if range.lowerBound > 0 { parts[least] = .integer(Int64(range.lowerBound)) }
        if range.upperBound < Int.max { parts[most] = .integer(Int64(range.upperBound)) }
        return parts
    }

    private static func json(_ range: ClosedRange<Int64>) -> JSONValue {
        var parts: [String: JSONValue] = [:]
        if range.lowerBound > Int64.min { parts["minimum"] = .integer(range.lowerBound) }
        if range.upperBound < Int64.max { parts["maximum"] = .integer(range.upperBound) }
        return type("integer", parts)
    }

    private static func json(_ range: ClosedRange<Double>) -> JSONValue {
        var parts: [String: JSONValue] = [:]
        if range.lowerBound > -Double.greatestFiniteMagnitude { parts["minimum"] = .number(range.lowerBound) }
        if range.upperBound < Double.greatestFiniteMagnitude { parts["maximum"] = .number(range.upperBound) }
        return type("number", parts)
    }

    private static func json(_ members: [Member]) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for member in members { properties[member.name] = described(member) }
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        return type("object", ["properties": .object(properties), "required": .array(required)])
    }

    /// A `$ref` hides its neighbours in draft 7, so that the description of a member that is one goes around it.
    private static func described(_ member: Member) -> JSONValue {
        let doc = ["description": JSONValue.string(member.doc)]
        if case .object(let parts) = member.schema.json {
            return .object(
                parts["$ref"] == nil
                    ? parts.merging(doc) { old, _ in old }
                    : doc.merging(["allOf": .array([.object(parts)])]) { old, _ in old })
        }
        return .object(doc)
    }
}
