import ControlAPI
import Experiments

/// The reference of the API for people, made from the table that dispatches.
public enum APIReference {
    /// A Markdown document; `make docs` keeps it as `docs/api-reference.md`.
    public static var markdown: String {
        let shapes = MethodTable.shapes
        return head + methods(shapes) + shapeSections(shapes) + errors
    }

    private static let head = """
        # Control API reference

        Every method of API version \(APIVersion.api), made by `make docs` from the table that dispatches, as `rpc.discover` is.
        [api.md](api.md) says how they play together.

        A param that is not required may be left out or be null. In a result nothing is left out: what is not there is null.
        A member's unit is the end of its name; a `time` is RFC 3339, in results UTC. `NAME` in a member stands for any name,
        `[]` for each element. Ignore members that you do not know. *Again* says whether a request may be sent once more when its
        connection was lost before the answer came, so that nobody knows whether it was done: always, with the same `key`, or never;
        then [look first](api.md#over-a-restart).


        """

    // MARK: Methods

    private static func methods(_ shapes: [Schema.Shape]) -> String {
        let rows = MethodTable.entries.map { entry in
            let anchor = entry.name.filter { $0 != "." }
            return "| [\(entry.name)](#\(anchor)) | \(entry.role.rawValue) | \(entry.summary) |\n"
        }
        return "## Methods\n\n| method | least role | what it does |\n|---|---|---|\n" + rows.joined() + "\n"
            + MethodTable.entries.map(section).joined()
    }

    private static func section(_ entry: MethodEntry) -> String {
        let params = entry.params.isEmpty ? "No params.\n\n" : "Params:\n\n" + table(entry.params, of: .params)
        let errors = entry.errors.map { "`\($0.word)`" }.joined(separator: ", ")
        return
            "### \(entry.name)\n\n\(entry.summary) Least role: `\(entry.role.rawValue)`. Again: \(again(entry.name)).\n\n"
            + params
            + "Result:\n\n" + result(entry.result)
            + "Errors: " + (errors.isEmpty ? "those of every method.\n\n" : "\(errors), and those of every method.\n\n")
    }

    private static func again(_ method: String) -> String {
        switch Repetition.of(method) {
        case .harmless: "always"
        case .withKey: "with the same `key`"
        case .never: "never"
        }
    }

    private static func result(_ schema: Schema) -> String {
        guard case .object(let members) = schema else { return "\(type(of: schema)).\n\n" }
        return table(members, of: .result)
    }

    // MARK: Shapes

    private static func shapeSections(_ shapes: [Schema.Shape]) -> String {
        "## Shapes\n\nObjects that several methods share.\n\n"
            + shapes.sorted { $0.name < $1.name }.map { shape in
                "### \(shape.name)\n\n\(shape.doc)\n\n" + body(shape.schema)
            }.joined()
    }

    private static func body(_ schema: Schema) -> String {
        switch schema {
        case .object(let members): return table(members, of: .result)
        case .kinds(let kinds):
            return kinds.sorted { $0.key < $1.key }.map { kind, schema in
                guard case .object(let members) = schema else { return "" }
                return "Kind `\(kind)`:\n\n" + table(members, of: .params)
            }.joined()
        default: return "\(type(of: schema)).\n\n"
        }
    }

    // MARK: Tables

    private enum Side { case params, result }

    private static func table(_ members: [Schema.Member], of side: Side) -> String {
        let column = side == .params ? "required" : "may be null"
        return "| name | type | unit | \(column) | meaning |\n|---|---|---|---|---|\n"
            + members.flatMap { rows($0, below: "", side) }.joined() + "\n"
    }

    /// One row a member; the members of an object inside follow it, with dots in their names.
    private static func rows(_ member: Schema.Member, below path: String, _ side: Side) -> [String] {
        let name = path + member.name
        let mark = side == .params ? (member.isRequired ? "yes" : "") : (member.isRequired ? "" : "yes")
        let row = "| `\(name)` | \(type(of: member.schema)) | \(unit(of: member.name)) | \(mark) | \(member.doc) |\n"
        let (inner, joint) = members(of: member.schema)
        return [row] + inner.flatMap { rows($0, below: name + joint, side) }
    }

    private static func members(of schema: Schema) -> (members: [Schema.Member], joint: String) {
        switch schema {
        case .object(let members): return (members, ".")
        case .optional(let inner): return members(of: inner)
        case .array(let element, _):
            let (inner, joint) = members(of: element)
            return (inner, "[]" + joint)
        case .table(let value, _):
            let (inner, joint) = members(of: value)
            return (inner, ".NAME" + joint)
        case .anything, .boolean, .string, .time, .word, .integer, .number, .kinds, .shape: return ([], "")
        }
    }

    static func type(of schema: Schema) -> String {
        switch schema {
        case .anything: "any JSON"
        case .boolean: "true or false"
        case .string(let count): "string" + (count == 0...1024 ? "" : Schema.bounds(count, " characters"))
        case .time: "time"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: " ")
        case .integer(let range): "whole number" + Schema.bounds(range, least: .min, most: .max)
        case .number(let range):
            "number"
                + Schema.bounds(range, least: -Double.greatestFiniteMagnitude, most: Double.greatestFiniteMagnitude)
        case .array(let element, let count): "array of \(type(of: element))" + Schema.bounds(count, " elements")
        case .table(let value, let count): "object, by name: \(type(of: value))" + Schema.bounds(count, " members")
        case .object: "object"
        case .optional(let inner): type(of: inner)
        case .kinds(let kinds): "object of a kind: " + kinds.keys.sorted().map { "`\($0)`" }.joined(separator: " ")
        case .shape(let shape): "[\(shape.name)](#\(shape.name.lowercased()))"
        }
    }

    private static let units = [
        ("_ul_min", "uL/min"), ("_k_min", "K/min"), ("_ul", "uL"), ("_mm", "mM"), ("_nm", "nm"), ("_bytes", "bytes"),
        ("_tau", "tau"), ("_c", "degC"), ("_k", "K"), ("_s", "s"),
    ]

    /// Names end with their unit; the longest end counts.
    private static func unit(of name: String) -> String { units.first { name.hasSuffix($0.0) }?.1 ?? "" }

    // MARK: Errors

    private static var errors: String {
        let rows = ErrorKind.all.map { kind in
            let codes = kind.codes.map { "\($0.rawValue)" }.joined(separator: ", ")
            return "| `\(kind.word)` | \(codes) | \(kind.when) |\n"
        }
        let common = ErrorKind.ofEveryMethod.map { "`\($0.word)`" }.joined(separator: ", ")
        return "## Errors\n\nEvery method may give \(common).\n\n| kind | code | when |\n|---|---|---|\n"
            + rows.joined()
    }
}

extension Schema {
    /// `, 1 to 200`; nothing where there is no bound.
    fileprivate static func bounds<Bound: Comparable>(
        _ range: ClosedRange<Bound>, least: Bound, most: Bound, unit: String = ""
    ) -> String {
        if range == least...most { return "" }
        if range.upperBound == most { return ", \(range.lowerBound) or more\(unit)" }
        if range.lowerBound == least { return ", at most \(range.upperBound)\(unit)" }
        return ", \(range.lowerBound) to \(range.upperBound)\(unit)"
    }

    fileprivate static func bounds(_ range: ClosedRange<Int>, _ unit: String) -> String {
        bounds(range, least: 0, most: .max, unit: unit)
    }
}
