import Wire

/// The first way in which a value is not what a schema says.
public struct SchemaMismatch: Error, Hashable, Sendable {
    /// `recipe.flows_ul_min.cui`; empty for the value itself.
    public let path: String
    public let detail: String

    public var text: String { path.isEmpty ? "params: \(detail)" : "\(path): \(detail)" }
}

extension Schema {
    /// Members that the schema does not name are a mismatch: a client that misspells one must learn of it.
    public func check(_ value: JSONValue, path: String = "") throws(SchemaMismatch) {
        switch (self, value) {
        case (.anything, _), (.boolean, .bool), (.optional, .null): return
        case (.optional(let schema), _): try schema.check(value, path: path)
        case (.string(let longest), .string(let text)) where text.utf8.count <= longest * 4 && text.count <= longest:
            return
        case (.word(let words), .string(let text)) where words.contains(text): return
        case (.integer(let range), .integer(let number)) where range.contains(number): return
        case (.number(let range), .integer), (.number(let range), .number):
            guard let number = value.double, range.contains(number) else { throw mismatch(value, path) }
        case (.array(let element, let count), .array(let elements)) where count.contains(elements.count):
            for (index, one) in elements.enumerated() { try element.check(one, path: "\(path)[\(index)]") }
        case (.table(let schema), .object(let members)):
            for (name, one) in members.sorted(by: { $0.key < $1.key }) {
                try schema.check(one, path: Schema.join(path, name))
            }
        case (.object(let members), .object(let values)): try Schema.check(members, values, path: path)
        case (.kinds(let kinds), .object): try Schema.check(kinds, value, path: path)
        default: throw mismatch(value, path)
        }
    }

    private static func check(
        _ members: [Member], _ values: [String: JSONValue], path: String
    ) throws(SchemaMismatch) {
        let known = Set(members.map(\.name))
        if let stranger = values.keys.filter({ !known.contains($0) }).min() {
            throw SchemaMismatch(
                path: join(path, String(stranger.prefix(64))), detail: "unknown member; expected \(names(members))")
        }
        for member in members {
            guard let value = values[member.name] else {
                if !member.isRequired { continue }
                let detail = "missing; expected \(member.schema.expectation)"
                throw SchemaMismatch(path: join(path, member.name), detail: detail)
            }
            try member.schema.check(value, path: join(path, member.name))
        }
    }

    private static func check(_ kinds: [String: Schema], _ value: JSONValue, path: String) throws(SchemaMismatch) {
        let words = Schema.word(kinds.keys.sorted())
        guard let kind = value["kind"] else {
            throw SchemaMismatch(path: join(path, "kind"), detail: "missing; expected \(words.expectation)")
        }
        try words.check(kind, path: join(path, "kind"))
        guard let word = kind.text, let schema = kinds[word] else { return }
        try schema.check(value, path: path)
    }

    private func mismatch(_ value: JSONValue, _ path: String) -> SchemaMismatch {
        SchemaMismatch(path: path, detail: "expected \(expectation), found \(Schema.inShort(value))")
    }

    private static func inShort(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): "\"\(text.prefix(40))\""
        case .array(let elements): "an array of \(elements.count)"
        case .object(let members): "an object of \(members.count) members"
        }
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
