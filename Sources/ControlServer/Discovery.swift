import ControlAPI
import Experiments
import Wire

extension MethodTable {
    /// The OpenRPC document.
    static func openRPC(bench: String) -> JSONValue {
        let info: [String: JSONValue] = [
            "title": .string("flowlabd control API of bench \(bench)"), "version": .string(APIVersion.api),
        ]
        let schemas = shapes.map { ($0.name, described($0)) }
        return .object([
            "openrpc": .string("1.3.2"), "info": .object(info), "methods": .array(entries.map(describe)),
            "components": .object(["schemas": .object(Dictionary(schemas, uniquingKeysWith: { first, _ in first }))]),
        ])
    }

    /// The shapes with names that methods refer to, in the order of their first mention.
    static var shapes: [Schema.Shape] {
        Schema.object(entries.flatMap { $0.params + [.required("result", $0.result, "")] }).shapes
    }

    private static func described(_ shape: Schema.Shape) -> JSONValue {
        guard case .object(let parts) = shape.schema.json else { return shape.schema.json }
        return .object(parts.merging(["description": .string(shape.doc)]) { old, _ in old })
    }

    private static func describe(_ entry: MethodEntry) -> JSONValue {
        let params = entry.params.map { member in
            JSONValue.object([
                "name": .string(member.name), "description": .string(member.doc), "required": .bool(member.isRequired),
                "schema": member.schema.json,
            ])
        }
        return .object([
            "name": .string(entry.name), "summary": .string(entry.summary), "paramStructure": .string("by-name"),
            "params": .array(params), "x-role": .string(entry.role.rawValue),
            "result": .object(["name": .string("result"), "schema": entry.result.json]),
            "errors": .array((entry.errors + ErrorKind.ofEveryMethod).flatMap(describe)),
        ])
    }

    private static func describe(_ kind: ErrorKind) -> [JSONValue] {
        kind.codes.map { code in
            .object([
                "code": .integer(Int64(code.rawValue)), "message": .string(kind.when),
                "data": .object(["kind": .string(kind.word)]),
            ])
        }
    }
}
