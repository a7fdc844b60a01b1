import Platform
import Wire

/// What `flowlabctl udev suggest` says: what is plugged in, what the bench file wants, the rules for what was named, and
/// what to do next. As a rules file, so that it can be kept as it is.
public struct UdevSuggestion: Sendable {
    /// A link of the bench file that wants a name under /dev/flowlab.
    public struct Wanted: Hashable, Sendable {
        public let name: String
        public let link: String

        public init(name: String, link: String) {
            self.name = name
            self.link = link
        }
    }

    public let adapters: [SerialAdapter]
    public private(set) var rules: [UdevRule] = []
    /// Names of the bench file that lead nowhere and were not named now.
    public private(set) var missing: [Wanted] = []
    private let isForBench: Bool

    /// - Parameters:
    ///   - wanted: of the bench file; nil without one.
    ///   - names: ROLE and NODE as the person gave them.
    public init(
        _ adapters: [SerialAdapter], wanted: [Wanted]?, names: [(role: String, node: String)]
    ) throws(UdevNamingError) {
        self.adapters = adapters
        isForBench = wanted != nil
        for (role, node) in names { try name(role, node, wanted) }
        let named = Set(rules.map(\.name))
        missing = (wanted ?? []).filter { one in
            !named.contains(one.name) && !adapters.contains { $0.links.contains(UdevRule.directory + one.name) }
        }
    }

    private mutating func name(_ role: String, _ node: String, _ wanted: [Wanted]?) throws(UdevNamingError) {
        let name = role.hasPrefix(UdevRule.directory) ? String(role.dropFirst(UdevRule.directory.count)) : role
        if let problem = UdevRule.problem(ofName: name) { throw UdevNamingError(problem) }
        if let wanted, !wanted.contains(where: { $0.name == name }) {
            let near = NearNames.to(name, among: wanted.map(\.name))
            let also = near.isEmpty ? wanted.map(\.name) : near
            throw UdevNamingError(
                "the bench file has no link with the serial port \(UdevRule.directory)\(name); it has "
                    + (also.isEmpty ? "none in \(UdevRule.directory)" : also.joined(separator: ", ")))
        }
        let adapter = try self.adapter(at: node, for: name)
        if rules.contains(where: { $0.name == name }) { throw UdevNamingError("the name \(name) is given twice") }
        if let rule = rules.first(where: { $0.node == adapter.node }) {
            throw UdevNamingError("\(adapter.node) is named twice: \(rule.name) and \(name)")
        }
        let link = UdevRule.directory + name
        if let holder = adapters.first(where: { $0 != adapter && $0.links.contains(link) }) {
            throw UdevNamingError(
                "\(link) is \(holder.node) now: unplug it, or take its rule out of \(UdevRule.localFile) first")
        }
        guard let rule = UdevRule(name, for: adapter, among: adapters) else {
            throw UdevNamingError(
                "\(adapter.node) cannot be named: it has no serial number of its own, and udev does not say where it is "
                    + "plugged in")
        }
        rules.append(rule)
    }

    private func adapter(at node: String, for name: String) throws(UdevNamingError) -> SerialAdapter {
        let path = node.hasPrefix("/") ? node : "/dev/" + node
        if let found = adapters.first(where: { $0.node == path || $0.links.contains(path) }) { return found }
        // A symbolic link of somebody's own.
        if let end = resolvedPath(path), let found = adapters.first(where: { $0.node == end }) { return found }
        let there = adapters.isEmpty ? "nothing is" : adapters.map(\.node).joined(separator: ", ")
        throw UdevNamingError("\(name)=\(node): no serial adapter is plugged in at \(path); plugged in: \(there)")
    }
}

/// Why no rule could be made.
public struct UdevNamingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

// MARK: As text

extension UdevSuggestion {
    /// Lines of a rules file; all but the rules are comments.
    public var text: String {
        (pluggedIn + made + stillMissing + next).map { "\($0)\n" }.joined()
    }

    private var pluggedIn: [String] {
        guard !adapters.isEmpty else {
            return [
                "# No serial adapter is plugged in: nothing to name.",
                "# Plug one in and ask again; if it does not show then, see what the kernel says: dmesg | tail",
            ]
        }
        return ["# Plugged in:"] + adapters.map { "#   \(Self.describe($0))" }
    }

    static func describe(_ adapter: SerialAdapter) -> String {
        let ids = [adapter.vendorID, adapter.modelID].compactMap { $0 }.joined(separator: ":")
        let words = [ids, adapter.maker, adapter.model].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
        var parts = [words.isEmpty ? "unknown make" : words]
        parts.append(adapter.serialNumber.map { "serial number \($0)" } ?? "no serial number")
        if let interface = adapter.interface { parts.append("interface \(interface)") }
        if let number = adapter.portNumber { parts.append("port \(number)") }
        if let path = adapter.path { parts.append("at \(path)") }
        let names = adapter.links.filter { $0.hasPrefix(UdevRule.directory) }
        if !names.isEmpty { parts.append("named \(names.joined(separator: ", "))") }
        return "\(adapter.node)  \(oneLine(parts.joined(separator: ", ")))"
    }

    /// What an adapter says of itself stays inside its comment.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
    }

    private var made: [String] {
        rules.flatMap { rule in
            switch rule.basis {
            case .serialNumber: ["", "# \(rule.name): \(rule.node), by its serial number.", rule.line]
            case .port(let why):
                [
                    "", "# \(rule.name): \(rule.node), by the socket it is plugged into, because \(Self.oneLine(why)).",
                    "# The name belongs to the socket, not to the device: label the socket, and plug nothing else into it.",
                    rule.line,
                ]
            }
        }
    }

    private var stillMissing: [String] {
        guard isForBench else { return [] }
        guard !missing.isEmpty else { return ["", "# Every name of the bench file is there or has a rule above."] }
        let free = adapters.filter { adapter in
            !rules.contains { $0.node == adapter.node } && !adapter.links.contains { $0.hasPrefix(UdevRule.directory) }
        }
        let rows = missing.map { "#   \(UdevRule.directory)\($0.name)  for link \($0.link)" }
        let example = free.count == 1 ? free[0].node : "/dev/ttyUSB0"
        return ["", "# The bench file names, and nothing has:"] + rows + [
            "# Plug in one device at a time and give it its name, as: --name \(missing[0].name)=\(example)"
        ]
    }

    private var next: [String] {
        guard !adapters.isEmpty else { return [] }
        guard !rules.isEmpty else {
            return ["", "# To name one: flowlabctl udev suggest --name pump-cui=\(adapters[0].node)"]
        }
        return [
            "", "# Add this to \(UdevRule.localFile), then:",
            "#   udevadm control --reload && udevadm trigger --subsystem-match=tty --subsystem-match=usb --settle",
            "#   ls -l \(UdevRule.directory)",
        ]
    }
}
