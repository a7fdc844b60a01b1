import ControlAPI
import ControlServer
import Experiments
import Testing
import Wire

/// The reference that `rpc.discover` gives is whole.
@Suite struct SchemaTests {
    /// Where any JSON is allowed, somebody must have meant it.
    @Test(arguments: MethodTable.names) func onlyMetadataIsFree(_ method: String) throws {
        let shapes = try #require(MethodTable.shapes(of: method))
        let free = Self.free(shapes.params, "params") + Self.free(shapes.result, "result")
        let allowed = method == "rpc.discover" ? ["result.methods", "result.components.schemas"] : []
        let stray = free.filter { !$0.hasSuffix(".metadata") && !allowed.contains($0) }
        #expect(stray.isEmpty, "\(method): \(stray)")
    }

    private static func free(_ schema: Schema, _ path: String) -> [String] {
        switch schema {
        case .anything: [path]
        case .boolean, .string, .time, .word, .integer, .number: []
        case .array(let inner, _), .table(let inner, _), .optional(let inner): free(inner, path)
        case .object(let members): members.flatMap { free($0.schema, "\(path).\($0.name)") }
        case .kinds(let kinds): kinds.values.flatMap { free($0, path) }
        case .shape(let shape): free(shape.schema, path)
        }
    }

    @Test func everyReferenceOfTheDocumentIsThere() throws {
        let document = try Harness().ask("rpc.discover").result
        guard case .object(let schemas)? = document["components"]?["schemas"] else {
            throw Harness.Broken.line("no schemas")
        }
        let named = Set(Self.references(document))
        #expect(named.isSuperset(of: ["Experiment", "Recipe", "Certificate", "Reading", "Problem"]))
        #expect(named == Set(schemas.keys))
    }

    private static func references(_ json: JSONValue) -> [String] {
        switch json {
        case .object(let members):
            let own = members["$ref"]?.text.map { [String($0.split(separator: "/").last ?? "")] } ?? []
            return own + members.values.flatMap(references)
        case .array(let elements): return elements.flatMap(references)
        case .null, .bool, .integer, .number, .string: return []
        }
    }

    @Test func everyErrorKindHasOneMeaning() throws {
        let words = ErrorKind.all.map(\.word)
        #expect(Set(words).count == words.count)
        let methods = try Harness().ask("rpc.discover").result["methods"]
        for index in 0..<(methods?.count ?? 0) {
            #expect((methods?[index]?["errors"]?.count ?? 0) >= ErrorKind.ofEveryMethod.count)
        }
    }

    @Test func limitsStandInTheDocument() throws {
        let json = Schema.object([
            .required("a", .string(count: 1...8), "A."), .required("b", .integer(-1...5), "B."),
            .optional("c", .array(.number(0...1), count: 1...3), "C."),
        ]).json
        #expect(json["properties"]?["a"]?["maxLength"] == .integer(8))
        #expect(json["properties"]?["a"]?["minLength"] == .integer(1))
        #expect(
            json["properties"]?["b"]?["minimum"] == .integer(-1) && json["properties"]?["b"]?["maximum"] == .integer(5))
        #expect(json["properties"]?["c"]?["anyOf"]?[0]?["items"]?["maximum"] == .number(1))
        #expect(json["required"] == .array([.string("a"), .string("b")]))
    }

    @Test func charactersAreCountedAsUnicodeScalars() throws {
        let schema = Schema.string(count: 1...3)
        for good in ["a", "äöü", "👍👍👍"] { try schema.check(.string(good)) }
        for bad in ["", "abcd", "👍👍👍👍"] {
            #expect(throws: SchemaMismatch.self) { try schema.check(.string(bad)) }
        }
    }
}
