import Wire

/// The shape of a JSON value: checked before params are decoded, and published by `rpc.discover` and the reference.
public indirect enum Schema: Sendable {
    /// Whatever the client likes.
    case anything
    case boolean
    case string(count: ClosedRange<Int> = 0...1024)
    /// A point in time, RFC 3339.
    case time
    /// One of these words.
    case word([String])
    case integer(ClosedRange<Int64> = Int64.min...Int64.max)
    case number(ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    case array(Schema, count: ClosedRange<Int> = 0...Int.max)
    /// An object used as a table: any member names, values alike.
    case table(Schema, count: ClosedRange<Int> = 0...Int.max)
    case object([Member])
    /// The value or null.
    case optional(Schema)
    /// One of several objects, told apart by their member `kind`.
    case kinds([String: Schema])
    /// A shape that several methods share and that has a name.
    case shape(Shape)

    public struct Member: Sendable {
        public let name: String
        public let schema: Schema
        public let isRequired: Bool
        public let doc: String

        public static func required(_ name: String, _ schema: Schema, _ doc: String) -> Member {
            Member(name: name, schema: schema, isRequired: true, doc: doc)
        }

        /// Of params: may be left out or null. Of a result: null when there is none.
        public static func optional(_ name: String, _ schema: Schema, _ doc: String) -> Member {
            Member(name: name, schema: .optional(schema), isRequired: false, doc: doc)
        }
    }

    public struct Shape: Sendable {
        /// `Experiment`
        public let name: String
        public let doc: String
        public let schema: Schema

        init(_ name: String, _ doc: String, _ schema: Schema) {
            self.name = name
            self.doc = doc
            self.schema = schema
        }
    }

    /// In words, for an error: `a number of 0 to 3600`.
    public var expectation: String {
        switch self {
        case .anything: "any value"
        case .boolean: "true or false"
        case .string(let count):
            "a string" + Schema.inWords(count, 0, .max, unit: " characters")
                + (count.lowerBound > 0 ? ", not blank" : "")
        case .time: "a time as 2026-11-20T12:00:00Z"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .integer(let range): "a whole number" + Schema.inWords(range, .min, .max)
        case .number(let range):
            "a number" + Schema.inWords(range, -Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude)
        case .array(let element, let count):
            "an array" + Schema.inWords(count, 0, .max, unit: " elements") + ", each \(element.expectation)"
        case .table(let value, let count):
            "an object" + Schema.inWords(count, 0, .max, unit: " members")
                + " whose members are each \(value.expectation)"
        case .object(let members): "an object with \(Schema.names(members))"
        case .optional(let schema): "\(schema.expectation), or null"
        case .kinds(let kinds): "an object with a kind of \(kinds.keys.sorted().joined(separator: ", "))"
        case .shape(let shape): shape.schema.expectation
        }
    }

    static func names(_ members: [Member]) -> String {
        members.isEmpty ? "no members" : "the members " + members.map(\.name).joined(separator: ", ")
    }

    static func inWords<Bound: Comparable>(
        _ range: ClosedRange<Bound>, _ least: Bound, _ most: Bound, unit: String = ""
    ) -> String {
        if range == least...most { return "" }
        if range.upperBound == most { return " of at least \(range.lowerBound)\(unit)" }
        if range.lowerBound == least { return " of at most \(range.upperBound)\(unit)" }
        return " of \(range.lowerBound) to \(range.upperBound)\(unit)"
    }

    /// The shapes with names that stand in it, each once, outer ones first.
    public var shapes: [Shape] {
        var found: [Shape] = []
        collect(into: &found)
        return found
    }

    private func collect(into found: inout [Shape]) {
        switch self {
        case .anything, .boolean, .string, .time, .word, .integer, .number: break
        case .array(let inner, _), .table(let inner, _), .optional(let inner): inner.collect(into: &found)
        case .object(let members): for member in members { member.schema.collect(into: &found) }
        case .kinds(let kinds): for kind in kinds.keys.sorted() { kinds[kind]?.collect(into: &found) }
        case .shape(let shape):
            guard !found.contains(where: { $0.name == shape.name }) else { return }
            found.append(shape)
            shape.schema.collect(into: &found)
        }
    }
}
