import DeviceModel
import Interlocks
import Quantities

extension BenchReader {
    /// `[[interlocks]]` and `[[permissives]]`, in the order of the file.
    func readInterlocks(_ bench: Watchable) -> [InterlockRule] {
        let devices = bench.devices
        var names: Set<String> = []
        let trips = document.top.tableArray("interlocks").compactMap { table in
            readRow(table, &names, "cause", bench) { readEffects($0, devices).map { .effect($0) } }
        }
        let permissives = document.top.tableArray("permissives").compactMap { table in
            readRow(table, &names, "unless", bench) { readBlocks($0, devices).map { .blocks($0) } }
        }
        return trips + permissives
    }

    private enum Consequence {
        case effect(EffectGroup)
        case blocks(DeviceClass)
    }

    private func readRow(
        _ table: Table, _ names: inout Set<String>, _ causeKey: String, _ bench: Watchable,
        _ readConsequences: (Table) -> [Consequence]
    ) -> InterlockRule? {
        let name = readName(table, &names)
        let bypass = table.read(BenchKeys.bypass)
        let response = table.read(BenchKeys.response)
        let consequences = readConsequences(table)
        let given = table.table(causeKey, required: "a table with signal and one of above, below, stale, …")
            .flatMap { readCause($0, bench) }
        if causeKey == "unless", let place = table.table(causeKey), place.has(BenchKeys.delay.name) {
            place.wrong(BenchKeys.delay.name, expected: "nothing: a permissive refuses at once")
        }
        guard let name, var cause = given, let response, !consequences.isEmpty else { return nil }
        if causeKey == "unless" { cause = InterlockCause(inputs: cause.inputs, votes: cause.votes, delay: .zero) }
        checkIndependence(of: consequences, from: cause, table, bench.devices)
        let effects = consequences.compactMap { if case .effect(let group) = $0 { group } else { nil } }
        let blocks = consequences.compactMap { if case .blocks(let kind) = $0 { kind } else { nil } }
        return InterlockRule(
            name: InterlockName(name), cause: cause, effects: effects, blocks: blocks,
            mayBypass: bypass == BenchKeys.bypassByTechnician, response: response)
    }

    /// What has lost its link cannot be told anything: a row must reach something beside the devices that it watches.
    private func checkIndependence(
        of consequences: [Consequence], from cause: InterlockCause, _ table: Table, _ devices: [DevicePart]
    ) {
        let effects = consequences.compactMap { if case .effect(let group) = $0 { group } else { nil } }
        guard !effects.isEmpty, devices.allSatisfy({ $0.entry != nil && $0.link != nil }) else { return }
        let watched = Set(cause.inputs.flatMap { [$0.signal] + $0.partners })
        let links = Set(devices.filter { !signals(of: $0).isDisjoint(with: watched) }.compactMap(\.link))
        let covered = devices.filter { device in
            effects.contains { device.entry.map { $0.deviceClass }.map($0.covers) ?? false }
        }
        guard !covered.isEmpty, covered.allSatisfy({ $0.link.map(links.contains) ?? false }) else { return }
        document.report(
            table.path(of: "effect"),
            ": reaches only \(covered.map(\.name).joined(separator: ", ")), which the row watches: nothing is left when its "
                + "link is lost; expected an effect on another device as well")
    }

    private func signals(of device: DevicePart) -> Set<SignalName> {
        Set(
            SignalRegistry.signals(of: [device]).map { SignalName($0.name) } + [InputTest.lost(DeviceName(device.name))]
        )
    }

    private func readName(_ table: Table, _ names: inout Set<String>) -> String? {
        guard let name = table.read(BenchKeys.interlockName) else { return nil }
        if InterlockEngine.reserved[InterlockName(name)] != nil {
            table.wrong("name", expected: "another name; \(name) is one of the daemon's own")
        } else if !names.insert(name).inserted {
            table.wrong("name", expected: "a name that no other interlock has")
        }
        return name
    }

    private func readBlocks(_ table: Table, _ devices: [DevicePart]) -> [DeviceClass] {
        guard let words = table.read(BenchKeys.blocks) else { return [] }
        if words.isEmpty { table.wrong("blocks", expected: "at least one class of device") }
        let kinds = words.compactMap { DeviceClass(rawValue: $0) }
        let present = devices.compactMap(\.entry?.deviceClass)
        for kind in kinds where present.count == devices.count && !present.contains(kind) {
            document.report(
                table.path(of: "blocks"), ": this bench has no \(kind.rawValue); expected a class that it has")
        }
        return kinds
    }

    private func readEffects(_ table: Table, _ devices: [DevicePart]) -> [EffectGroup] {
        guard let words = table.read(BenchKeys.effects) else { return [] }
        if words.isEmpty { table.wrong("effect", expected: "at least one effect") }
        let effects = words.compactMap { EffectGroup(rawValue: $0) }
        let classes = devices.compactMap(\.entry?.deviceClass)
        for effect in effects where classes.count == devices.count && !classes.contains(where: effect.covers) {
            document.report(
                table.path(of: "effect"),
                ": \(effect.rawValue) covers no device of this bench; expected an effect that does")
        }
        return effects
    }
}
