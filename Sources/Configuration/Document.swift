import Wire

/// A bench file while it is read: its values, where they stand, and every problem found so far.
///
/// One reader after the other walks its part; at the end the keys that nobody asked for are unknown ones.
final class Document {
    let root: [String: JSONValue]
    private let lines: [String: Int]
    /// Values that JSON cannot carry, as they were written.
    private let unused: [String: String]
    private var found: [ConfigurationProblem] = []
    private var asked: [String: AskedTable] = [:]

    private struct AskedTable {
        var members: [String]
        var known: Set<String> = []
        var isOpen = false
    }

    init(root: [String: JSONValue], lines: [String: Int], unused: [String: String]) {
        self.root = root
        self.lines = lines
        self.unused = unused
    }

    var top: Table { Table(document: self, path: "", members: root) }

    func line(_ path: String) -> Int? { lines[path] }

    /// The problems in the order of their lines; those of the file as a whole come last.
    var problems: [ConfigurationProblem] {
        found.enumerated().sorted { a, b in
            (a.element.line ?? Int.max, a.offset) < (b.element.line ?? Int.max, b.offset)
        }.map(\.element)
    }

    func report(_ path: String, _ rest: String) {
        let problem = ConfigurationProblem(path: path, line: nearestLine(path), text: path + rest)
        if !found.contains(problem) { found.append(problem) }
    }

    /// `path = value: expected …`
    func wrong(_ path: String, _ value: JSONValue, expected: String) {
        report(path, " = \(shown(value, at: path)): expected \(expected)")
    }

    func missing(_ path: String, expected: String) { report(path, ": missing; expected \(expected)") }

    /// The value as the file spells it, cut where it is long.
    func shown(_ value: JSONValue, at path: String) -> String {
        let text =
            switch value {
            case .null: unused[path] ?? "null"
            case .bool(let flag): "\(flag)"
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            case .string(let text): "\"\(text)\""
            case .array(let items): "[\(items.map { shown($0, at: path) }.joined(separator: ", "))]"
            case .object: "a table"
            }
        return text.count > 80 ? text.prefix(77) + "…" : text
    }

    // MARK: Unknown keys

    func ask(_ table: Table, for key: String) {
        asked[table.path, default: AskedTable(members: table.members.keys.sorted())].known.insert(key)
    }

    /// Any key may stand in this table.
    func open(_ table: Table) {
        asked[table.path, default: AskedTable(members: table.members.keys.sorted())].isOpen = true
    }

    func reportUnknownKeys() {
        for (path, table) in asked.sorted(by: { $0.key < $1.key }) where !table.isOpen {
            for key in table.members where !table.known.contains(key) {
                report(Table.join(path, key), ": no such key; \(suggestion(for: key, among: table.known))")
            }
        }
    }

    private func suggestion(for key: String, among known: Set<String>) -> String {
        if let near = nearest(to: key, among: known.sorted()) { return "did you mean \"\(near)\"?" }
        return known.isEmpty ? "this table has no keys" : "known here: \(known.sorted().joined(separator: ", "))"
    }

    /// The line of the key itself, else of the innermost table around it.
    private func nearestLine(_ path: String) -> Int? {
        var path = path[...]
        while !path.isEmpty {
            if let line = lines[String(path)] { return line }
            guard let dot = path.lastIndex(of: ".") else { return nil }
            path = path[..<dot]
        }
        return nil
    }
}

/// One table of the file. Reading a key makes it a known one; a value that does not fit is reported and read as
/// nothing.
struct Table {
    let document: Document
    let path: String
    let members: [String: JSONValue]

    /// A key's path, spelled as the C++ side spells it.
    static func join(_ path: String, _ key: String) -> String {
        let isBare =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
        let name = isBare ? key : "\"\(key)\""
        return path.isEmpty ? name : "\(path).\(name)"
    }

    func path(of key: String) -> String { Self.join(path, key) }

    func has(_ key: String) -> Bool { members[key] != nil }

    func raw(_ key: String) -> JSONValue? {
        document.ask(self, for: key)
        return members[key]
    }

    /// The key's value; its default when it is missing or wrong, nil when it has none.
    func read<Value>(_ key: Key<Value>) -> Value? {
        guard let value = raw(key.name) else {
            if key.isRequired { document.missing(path(of: key.name), expected: key.described) }
            return key.fallback
        }
        if let good = key.convert(value) { return good }
        wrong(key.name, expected: key.described)
        return key.fallback
    }

    /// Reports the present value of `key`.
    func wrong(_ key: String, expected: String) {
        guard let value = members[key] else { return document.missing(path(of: key), expected: expected) }
        document.wrong(path(of: key), value, expected: expected)
    }

    func table(_ key: String, required expected: String? = nil) -> Table? {
        switch raw(key) {
        case .object(let members)?: return Table(document: document, path: path(of: key), members: members)
        case nil:
            if let expected { document.missing(path(of: key), expected: expected) }
        case .some: wrong(key, expected: "a table")
        }
        return nil
    }

    /// The tables `[key.NAME]`, in the order of the file.
    func namedTables(_ key: String, required expected: String? = nil) -> [(name: String, table: Table)] {
        guard let outer = table(key, required: expected) else { return [] }
        document.open(outer)
        return outer.membersInOrder.compactMap { name in outer.table(name).map { (name, $0) } }
    }

    /// The tables `[[key]]`.
    func tableArray(_ key: String) -> [Table] {
        guard let value = raw(key) else { return [] }
        guard case .array(let items) = value else {
            wrong(key, expected: "an array of tables, each begun by [[\(key)]]")
            return []
        }
        return items.enumerated().compactMap { index, item in
            let place = "\(path(of: key))[\(index + 1)]"
            if case .object(let members) = item { return Table(document: document, path: place, members: members) }
            document.wrong(place, item, expected: "a table begun by [[\(key)]]")
            return nil
        }
    }

    /// The keys in the order of the file.
    var membersInOrder: [String] {
        members.keys.sorted { a, b in
            let (first, second) = (document.line(path(of: a)) ?? Int.max, document.line(path(of: b)) ?? Int.max)
            return (first, a) < (second, b)
        }
    }
}
