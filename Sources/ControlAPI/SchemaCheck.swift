import Wire

/// The first way in which a value is not what a schema says.
public struct SchemaMismatch: Error, Hashable, Sendable {
    /// `recipe.flows_ul_min.cui`; empty for the value itself.
    public let path: String
    public let detail: String

    public var text: String { path.isEmpty ? "params: \(detail)" : "\(path): \(detail)" }

    /// The same, seen from the value around: paths are made only when something is wrong.
    func inside(_ name: String) -> SchemaMismatch {
        let joint = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return SchemaMismatch(path: name + joint + path, detail: detail)
    }
}

extension Schema {
    /// Members that the schema does not name are a mismatch: a client that misspells one must learn of it.
    public func check(_ value: JSONValue) throws(SchemaMismatch) {
        switch (self, value) {
        case (.anything, _), (.boolean, .bool), (.optional, .null): return
        case (.optional(let schema), _): try schema.check(value)
        case (.string(let count), .string(let text)) where Schema.length(of: text, isIn: count): return
        case (.time, .string(let text)) where TimeText.instant(text) != nil: return
        case (.word(let words), .string(let text)) where words.contains(text): return
        case (.integer(let range), .integer(let number)) where range.contains(number): return
        case (.number(let range), .integer), (.number(let range), .number):
            guard let number = value.double, range.contains(number) else { throw mismatch(value) }
        case (.array(let element, let count), .array(let elements)) where count.contains(elements.count):
            for (index, one) in elements.enumerated() { try element.check(one, inside: "[\(index)]") }
        case (.table(let schema, let count), .object(let members)) where count.contains(members.count):
            for (name, one) in members.sorted(by: { $0.key < $1.key }) { try schema.check(one, inside: name) }
        case (.object(let members), .object(let values)): try Schema.check(members, values)
        case (.kinds(let kinds), .object): try Schema.check(kinds, value)
        case (.shape(let shape), _): try shape.schema.check(value)
        default: throw mismatch(value)
        }
    }

    private func check(_ value: JSONValue, inside name: @autoclosure () -> String) throws(SchemaMismatch) {
        do {
            try check(value)
        } catch {
            throw error.inside(name())
        }
    }

    private static func check(_ members: [Member], _ values: [String: JSONValue]) throws(SchemaMismatch) {
        let known = members.count { values[$0.name] != nil }
        if known < values.count,
            let stranger = values.keys.filter({ name in !members.contains { $0.name == name } }).min()
        {
            let detail = "unknown member; expected \(names(members))"
            throw SchemaMismatch(path: String(stranger.prefix(64)), detail: detail)
        }
        for member in members {
            guard let value = values[member.name] else {
                if !member.isRequired { continue }
                let detail = "missing; expected \(member.schema.expectation)"
                throw SchemaMismatch(path: member.name, detail: detail)
            }
            try member.schema.check(value, inside: member.name)
        }
    }

    private static func check(_ kinds: [String: Schema], _ value: JSONValue) throws(SchemaMismatch) {
        let words = Schema.word(kinds.keys.sorted())
        guard let kind = value["kind"] else {
            throw SchemaMismatch(path: "kind", detail: "missing; expected \(words.expectation)")
        }
        try words.check(kind, inside: "kind")
        guard let word = kind.text, let schema = kinds[word] else { return }
        try schema.check(value)
    }

    /// Unicode scalars, as JSON Schema counts; bytes tell most of it.
    private static func length(of text: String, isIn count: ClosedRange<Int>) -> Bool {
        if count.lowerBound > 0, !hasVisible(text) { return false }
        let bytes = text.utf8.count
        if bytes <= count.upperBound, count.lowerBound <= 1 { return bytes >= count.lowerBound }
        return bytes / 4 <= count.upperBound && count.contains(text.unicodeScalars.count)
    }

    /// What must be said is not said by blanks.
    private static func hasVisible(_ text: String) -> Bool {
        if let first = text.utf8.first, (0x21...0x7E).contains(first) { return true }
        return text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    private func mismatch(_ value: JSONValue) -> SchemaMismatch {
        SchemaMismatch(path: "", detail: "expected \(expectation), found \(Schema.inShort(value))")
    }

    private static func inShort(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): text.isEmpty ? "an empty string" : "\"\(text.prefix(40))\""
        case .array(let elements): "an array of \(elements.count)"
        case .object(let members): "an object of \(members.count) members"
        }
    }
}
