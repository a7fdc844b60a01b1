import Wire

/// What differs between two texts of a bench file, by the paths of the keys.
public struct BenchChanges: Hashable, Sendable {
    /// Holds at once when it is read anew.
    public let atOnce: [String]
    /// Holds after the next start: what devices, limits and interlocks are does not change under a running bench.
    public let afterRestart: [String]

    public var isEmpty: Bool { atOnce.isEmpty && afterRestart.isEmpty }

    /// Whether a key holds at once, and with it all that is below it.
    static func isReloadable(_ path: String) -> Bool {
        path == "roles" || path.hasPrefix("roles.") || path == "alarms.notify"
    }

    /// - Parameters:
    ///   - old: the one that was read last.
    ///   - started: the one that the daemon was started with.
    public init(from old: BenchSource, started: BenchSource, to new: BenchSource) throws(ConfigurationError) {
        let fresh = try Self.values(new)
        atOnce = Self.differences(try Self.values(old), fresh).filter(Self.isReloadable)
        afterRestart = Self.differences(try Self.values(started), fresh).filter { !Self.isReloadable($0) }
    }

    private static func values(_ source: BenchSource) throws(ConfigurationError) -> JSONValue {
        .object(try parseDocument(source.text, name: source.name).root)
    }

    private static func differences(_ old: JSONValue, _ new: JSONValue) -> [String] {
        var paths: [String] = []
        compare(old, new, "", &paths)
        return paths.sorted()
    }

    private static func compare(_ old: JSONValue?, _ new: JSONValue?, _ path: String, _ paths: inout [String]) {
        guard old != new else { return }
        guard let before = members(old), let after = members(new) else { return paths.append(path) }
        for key in Set(before.keys).union(after.keys) {
            compare(before[key], after[key], path.isEmpty ? key : "\(path).\(key)", &paths)
        }
    }

    /// The parts of a table, and of a list of tables that have names: an interlock that is moved within its file has not
    /// changed.
    private static func members(_ value: JSONValue?) -> [String: JSONValue]? {
        switch value {
        case .object(let members)?: return members
        case .array(let elements)?:
            let names = elements.compactMap { $0["name"]?.text }
            guard !elements.isEmpty, Set(names).count == elements.count else { return nil }
            return Dictionary(uniqueKeysWithValues: zip(names, elements))
        default: return nil
        }
    }
}
