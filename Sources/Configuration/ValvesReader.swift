import DeviceModel
import Hydraulics

extension BenchReader {
    /// `[network.valves.X]`: what each position of a valve connects. nil where one is wrong.
    func readValves(_ network: Table, _ devices: [DevicePart]) -> [FlowValve]? {
        guard network.has("valves") else {
            _ = network.raw("valves")
            return []
        }
        let valves = network.namedTables("valves").map { readValve($0, $1, devices) }
        return valves.allSatisfy { $0 != nil } ? valves.compactMap { $0 } : nil
    }

    private func readValve(_ name: String, _ table: Table, _ devices: [DevicePart]) -> FlowValve? {
        let known = names(of: .valve, devices)
        let device = devices.first { $0.name == name }
        if !known.contains(name), isSettled(name, devices) {
            document.report(table.path, ": no valve of this bench; expected \(oneOf(known, given: name))")
        }
        let inlets = readInlets(table, devices)
        let home = table.read(BenchKeys.valveHome)
        let ways = table.namedTables("positions", required: "a table for each position that leads somewhere").map {
            (name: $0, way: readWay($1, devices))
        }
        guard case .valve(let limits)? = device?.definition?.driver.limits else { return nil }
        let positions = limits.positions.map(\.name)
        var isGood = true
        for (position, _) in ways where !positions.contains(position) {
            isGood = false
            document.report(
                "\(table.path).positions.\(position)",
                ": no position of \(name); expected \(oneOf(positions, given: position))")
        }
        if let home, !ways.contains(where: { $0.name == home }) {
            isGood = false
            table.wrong(
                BenchKeys.valveHome.name,
                expected: "a position that leads somewhere, \(oneOf(ways.map(\.name), given: home))")
        }
        guard let home, isGood, let inlets, ways.allSatisfy({ $0.way != nil }) else { return nil }
        let byName = Dictionary(ways.compactMap { way in way.way.map { (way.name, $0) } }) { first, _ in first }
        return FlowValve(name: name, inlets: inlets, ways: byName, positions: positions, home: home)
    }

    /// A tube, or `outlet = true`.
    private func readWay(_ table: Table, _ devices: [DevicePart]) -> FlowValve.Way? {
        let inlets = readInlets(table, devices)
        let isOutlet = table.read(BenchKeys.valveOutlet) ?? false
        let tube = readTube(table)
        guard let inlets, tube.isGood else { return nil }
        if isOutlet == (tube.tube != nil) {
            document.report(table.path, ": leads nowhere, or to two places; expected either a tube or outlet = true")
            return nil
        }
        return FlowValve.Way(inlets: inlets, tube: tube.tube)
    }

    /// Pumps that deliver right into it; none where the key is left out.
    private func readInlets(_ table: Table, _ devices: [DevicePart]) -> [String]? {
        let inlets = table.read(BenchKeys.inlets.optional)
        guard table.has(BenchKeys.inlets.name) else { return [] }
        checkInlets(inlets ?? [], table, devices)
        return inlets
    }
}
