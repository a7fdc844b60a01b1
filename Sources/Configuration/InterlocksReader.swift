import DeviceModel
import Interlocks
import Quantities

extension BenchReader {
    /// `[[interlocks]]`, in the order of the file.
    func readInterlocks(devices: [DevicePart], staleAfter: WireDuration) -> [InterlockRule] {
        let tables = document.top.tableArray("interlocks")
        var names: Set<String> = []
        return tables.compactMap { table in
            let name = table.read(BenchKeys.interlockName)
            if let name {
                if InterlockEngine.reserved[InterlockName(name)] != nil {
                    table.wrong("name", expected: "another name; \(name) is one of the daemon's own")
                } else if !names.insert(name).inserted {
                    table.wrong("name", expected: "a name that no other interlock has")
                }
            }
            _ = table.read(BenchKeys.bypass)
            let response = table.read(BenchKeys.response)
            let effects = readEffects(table, devices)
            let cause = table.table("cause", required: "a table with signal and one of above, below, stale")
                .flatMap { readCause($0, devices, staleAfter) }
            guard let name, let cause, let response, !effects.isEmpty else { return nil }
            return InterlockRule(name: InterlockName(name), cause: cause, effects: effects, response: response)
        }
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

    private func readCause(_ table: Table, _ devices: [DevicePart], _ staleAfter: WireDuration) -> InterlockCause? {
        let signal = table.read(BenchKeys.signal)
        let known = SignalRegistry.signals(of: devices)
        let expectedUnit = known.first { $0.name == signal }?.unit
        if let signal, expectedUnit == nil, devices.allSatisfy({ $0.entry != nil }) {
            table.wrong("signal", expected: "a signal of this bench, \(oneOf(known.map(\.name), given: signal))")
        }
        let condition = readCondition(table)
        let unit = readUnit(table, expectedUnit, isNeeded: condition != .stale)
        let delay = table.read(BenchKeys.delay)
        let hysteresis = table.read(BenchKeys.hysteresis)
        if condition == .stale, table.has("hysteresis") {
            document.report(
                table.path(of: "hysteresis"), ": means nothing beside stale; expected it beside above or below")
        }
        let age = table.read(
            Key<WireDuration>.linkTime("stale_after", 0.1...60, default: staleAfter, "the input counts as missing"))
        guard let signal, let condition, let unit, let delay, let hysteresis, let age else { return nil }
        return InterlockCause(
            signal: SignalName(signal), condition: condition, unit: unit, delay: delay, hysteresis: hysteresis,
            staleAfter: age)
    }

    private func readCondition(_ table: Table) -> InterlockCause.Condition? {
        let above = table.read(BenchKeys.above)
        let below = table.read(BenchKeys.below)
        let stale = table.read(BenchKeys.stale)
        let given = ["above", "below", "stale"].filter(table.has)
        guard given.count == 1 else {
            let found = given.isEmpty ? "none" : given.joined(separator: " and ")
            document.report(table.path, ": has \(found); expected exactly one of above, below, stale")
            return nil
        }
        if stale == false { table.wrong("stale", expected: "true; take the interlock out if it is not wanted") }
        return above.map { .above($0) } ?? below.map { .below($0) } ?? (stale == true ? .stale : nil)
    }

    /// Limits say their unit, and it must be the signal's.
    private func readUnit(_ table: Table, _ expected: Unit?, isNeeded: Bool) -> Unit? {
        let key = BenchKeys.unit
        guard let unit = table.read(isNeeded ? key : key.optional) else {
            return isNeeded || table.has(key.name) ? nil : expected
        }
        if let expected, unit != expected {
            table.wrong(key.name, expected: "\"\(expected.rawValue)\", the unit of this signal")
        }
        return unit
    }
}
