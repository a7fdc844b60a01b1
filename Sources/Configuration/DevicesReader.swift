import ControlCore
import DeviceModel
import Drivers
import Wire

/// One table `[devices.X]`; without a definition when something is wrong with it.
struct DevicePart {
    let name: String
    let table: Table
    var entry: DriverEntry?
    var link: String?
    /// As read, where each key by itself is right.
    var settings: DriverSettings?
    var definition: DeviceDefinition?
}

extension BenchReader {
    func readDevices(links: [LinkPart]) -> [DevicePart] {
        let devices = document.top.namedTables("devices", required: "a table for each device, as [devices.heater]").map
        {
            readDevice($0, $1, links)
        }
        checkSharing(devices, links)
        checkBoards(devices)
        checkLinksUsed(devices, links)
        return devices
    }

    private func readDevice(_ name: String, _ table: Table, _ links: [LinkPart]) -> DevicePart {
        checkName(name, of: table)
        var device = DevicePart(name: name, table: table)
        device.entry = readDriver(table)
        device.link = table.read(BenchKeys.link)
        let link = links.first { $0.name == device.link }
        if let given = device.link, link == nil {
            table.wrong(BenchKeys.link.name, expected: "a link of this file, \(oneOf(links.map(\.name), given: given))")
        }
        guard let entry = device.entry else {
            document.open(table)
            return device
        }
        if let transport = link?.transport, !entry.transports.contains(transport) {
            let fitting = entry.transports.map(\.rawValue).joined(separator: " or ")
            table.wrong(
                BenchKeys.link.name, expected: "a \(fitting) link for \(entry.id); this one is \(transport.rawValue)")
        }
        device.settings = readSettings(entry.settings, table)
        if let settings = device.settings, areSound(settings, entry, table), let link {
            let name = DeviceName(name)
            device.definition = DeviceDefinition(
                name: name, deviceClass: entry.deviceClass, driverID: entry.id, link: LinkName(link.name),
                driver: entry.make(name, settings))
        }
        return device
    }

    /// Not said while some device's link is unknown: it may be the one that is left.
    private func checkLinksUsed(_ devices: [DevicePart], _ links: [LinkPart]) {
        guard devices.allSatisfy({ device in links.contains { $0.name == device.link } }) else { return }
        for link in links where !devices.contains(where: { $0.link == link.name }) {
            document.report(link.table.path, ": no device is on this link; name it in a device, or take it out")
        }
    }

    private func readDriver(_ table: Table) -> DriverEntry? {
        guard let id = table.read(BenchKeys.driver) else { return nil }
        if let entry = catalog.first(where: { $0.id == id }) { return entry }
        table.wrong(BenchKeys.driver.name, expected: oneOf(catalog.map(\.id), given: id))
        return nil
    }

    /// nil when a setting is missing or wrong.
    private func readSettings(_ specs: [SettingSpec], _ table: Table) -> DriverSettings? {
        var values: [String: SettingValue] = [:]
        var leftOut = 0
        for spec in specs {
            let words = spec.key.split(separator: ".").map(String.init)
            values[spec.key] = setting(spec, table, words[...])
            if spec.isOptional, Self.value(at: words[...], in: table.members) == nil { leftOut += 1 }
        }
        return values.count + leftOut == specs.count ? DriverSettings(values) : nil
    }

    /// Reports what is wrong with settings beside each other.
    private func areSound(_ settings: DriverSettings, _ entry: DriverEntry, _ table: Table) -> Bool {
        let problems = entry.problems(settings)
        for problem in problems {
            let words = problem.key.split(separator: ".").map(String.init)
            let path = words.reduce(table.path, Table.join)
            if let value = Self.value(at: words[...], in: table.members) {
                document.wrong(path, value, expected: problem.expected)
            } else {
                document.missing(path, expected: problem.expected)
            }
        }
        return problems.isEmpty
    }

    /// What the file has there; nil when it has nothing.
    private static func value(at words: ArraySlice<String>, in members: [String: JSONValue]) -> JSONValue? {
        guard let word = words.first, let value = members[word] else { return nil }
        guard words.count > 1 else { return value }
        guard case .object(let inner) = value else { return value }
        return Self.value(at: words.dropFirst(), in: inner)
    }

    private func setting(_ spec: SettingSpec, _ table: Table, _ words: ArraySlice<String>) -> SettingValue? {
        guard let word = words.first else { return nil }
        if words.count == 1 { return value(spec, table, word) }
        if table.has(word) {
            return table.table(word).flatMap { setting(spec, $0, words.dropFirst()) }
        }
        _ = table.raw(word)
        if spec.fallback == nil, !spec.isOptional {
            document.missing(words.reduce(table.path, Table.join), expected: expected(spec, words.last ?? word))
        }
        return spec.fallback
    }

    private func value(_ spec: SettingSpec, _ table: Table, _ key: String) -> SettingValue? {
        func read<Value>(_ whole: Key<Value>) -> Value? { table.read(spec.isOptional ? whole.optional : whole) }
        switch spec.kind {
        case .number(let range):
            return read(.number(key, range, default: spec.fallback?.number, spec.meaning)).map { .number($0) }
        case .integer(let range):
            return read(.whole(key, range, default: spec.fallback?.whole, spec.meaning)).map { .integer($0) }
        case .choice(let words):
            return read(.choice(key, words, default: spec.fallback?.text, spec.meaning)).map { .text($0) }
        case .text: return read(.text(key, default: spec.fallback?.text, spec.meaning)).map { .text($0) }
        case .pair(let range): return read(.pair(key, range, spec.meaning)).map { .pair($0.first, $0.second) }
        case .tables(let specs): return tables(specs, table, key)
        }
    }

    /// Tables with names of their own; none is as good as some. nil when something is wrong with one.
    private func tables(_ specs: [SettingSpec], _ table: Table, _ key: String) -> SettingValue? {
        guard table.has(key) else {
            _ = table.raw(key)
            return .tables([:])
        }
        guard table.table(key) != nil else { return nil }
        let named = table.namedTables(key)
        var read: [String: DriverSettings] = [:]
        for (name, inner) in named {
            checkName(name, of: inner)
            read[name] = readSettings(specs, inner)
        }
        return read.count == table.members[key]?.memberCount ? .tables(read) : nil
    }

    private func expected(_ spec: SettingSpec, _ key: String) -> String {
        switch spec.kind {
        case .number(let range): Key<Double>.number(key, range, spec.meaning).described
        case .integer(let range): Key<Int64>.whole(key, range, spec.meaning).described
        case .choice(let words): Key<String>.choice(key, words, spec.meaning).described
        case .text: Key<String>.text(key, spec.meaning).described
        case .pair(let range): Key<NumberPair>.pair(key, range, spec.meaning).described
        case .tables: "tables, by name (\(spec.meaning))"
        }
    }
}

extension SettingValue {
    fileprivate var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        case .text, .pair, .tables: nil
        }
    }

    fileprivate var whole: Int64? { if case .integer(let value) = self { value } else { nil } }
    fileprivate var text: String? { if case .text(let value) = self { value } else { nil } }
}

extension JSONValue {
    /// Of an object.
    fileprivate var memberCount: Int? { if case .object(let members) = self { members.count } else { nil } }
}
