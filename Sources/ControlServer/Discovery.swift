import ControlAPI
import Experiments
import Wire

extension MethodTable {
    /// The OpenRPC document.
    static func openRPC(bench: String) -> JSONValue {
        let info: [String: JSONValue] = [
            "title": .string("flowlabd control API of bench \(bench)"), "version": .string(APIVersion.api),
        ]
        return .object([
            "openrpc": .string("1.3.2"), "info": .object(info), "methods": .array(entries.map(describe)),
        ])
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
        ])
    }
}
