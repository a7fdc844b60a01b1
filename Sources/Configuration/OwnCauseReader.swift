import DeviceModel
import Interlocks
import Quantities

/// What a cause may watch on this bench.
struct Watchable {
    let devices: [DevicePart]
    let staleAfter: WireDuration
    /// The ledger has a capacity of the waste.
    let hasWasteLimit: Bool

    var pumps: [String] { devices.filter { $0.entry?.deviceClass == .pump }.map(\.name).sorted() }

    /// Every signal with its unit, sorted by name.
    var signals: [(name: String, unit: Unit)] {
        let own = SignalRegistry.own(pumps: pumps, hasWasteLimit: hasWasteLimit)
        return (SignalRegistry.signals(of: devices) + own).sorted { $0.0 < $1.0 }
    }
}

/// Causes that the daemon itself knows: its ledger, its own clockwork, and what it has told the pumps.
extension BenchReader {
    /// The conditions that stand alone: they say themselves which signal they watch.
    static let ownWords = ["lost", "ledger_empty", "waste_full", "loop_overrun", "motion_of", "client_gone"]

    func readOwnInputs(_ word: String, _ table: Table, _ bench: Watchable) -> [InputTest] {
        switch word {
        case "lost": readLost(table, bench.devices)
        case "ledger_empty": readLedgerEmpty(table, bench)
        case "waste_full": readWasteFull(table, bench)
        case "loop_overrun": readOverrun(table)
        case "client_gone": readClientGone(table)
        default: readMotion(table, bench)
        }
    }

    private func readLost(_ table: Table, _ devices: [DevicePart]) -> [InputTest] {
        let isLost = table.read(BenchKeys.lost)
        if isLost == false { table.wrong("lost", expected: "true; take the interlock out if it is not wanted") }
        guard let device = table.read(BenchKeys.causeDevice), isLost == true else { return [] }
        let names = devices.map(\.name)
        guard names.contains(device) else {
            if isSettled(device, devices) {
                table.wrong("device", expected: "a device of this bench, \(oneOf(names, given: device))")
            }
            return []
        }
        return [
            InputTest(signal: InputTest.lost(DeviceName(device)), condition: .lost, unit: .code, staleAfter: nil)
        ]
    }

    private func readLedgerEmpty(_ table: Table, _ bench: Watchable) -> [InputTest] {
        readPumps(table, BenchKeys.ledgerEmpty, bench).map { pump in
            InputTest(
                signal: InputTest.remaining(in: pump), condition: .ledgerEmpty(pump), unit: .microliters,
                staleAfter: nil)
        }
    }

    private func readWasteFull(_ table: Table, _ bench: Watchable) -> [InputTest] {
        guard let isFull = table.read(BenchKeys.wasteFull) else { return [] }
        guard isFull else {
            table.wrong("waste_full", expected: "true; take the interlock out if it is not wanted")
            return []
        }
        guard bench.hasWasteLimit else {
            document.report(
                table.path(of: "waste_full"),
                ": the ledger does not limit the waste, so it is never full; expected waste_capacity_ml in [ledger]")
            return []
        }
        return [InputTest(signal: InputTest.wasteRoom, condition: .wasteFull, unit: .microliters, staleAfter: nil)]
    }

    private func readOverrun(_ table: Table) -> [InputTest] {
        table.read(BenchKeys.loopOverrun).map { limit in
            [
                InputTest(
                    signal: InputTest.loopLateness, condition: .overrun(limit.seconds), unit: .seconds, staleAfter: nil)
            ]
        } ?? []
    }

    private func readClientGone(_ table: Table) -> [InputTest] {
        guard let isGone = table.read(BenchKeys.clientGone) else { return [] }
        if !isGone { table.wrong("client_gone", expected: "true; take the interlock out if it is not wanted") }
        return [InputTest(signal: InputTest.clientsGone, condition: .clientGone, unit: .code, staleAfter: nil)]
    }

    private func readMotion(_ table: Table, _ bench: Watchable) -> [InputTest] {
        let pumps = readPumps(table, BenchKeys.motionOf, bench)
        guard let limit = table.read(BenchKeys.motionBy), let percent = table.read(BenchKeys.motionByPercent) else {
            return []
        }
        return pumps.map { pump in
            let condition = InputTest.Condition.following(
                commanded: SignalName(.pump, pump, "flow.commanded"), limit: limit, percent: percent)
            return InputTest(
                signal: SignalName(.pump, pump, "flow"), condition: condition, unit: .microlitersPerMinute,
                staleAfter: bench.staleAfter)
        }
    }

    /// The pump that is named, or with `*` each.
    private func readPumps(_ table: Table, _ key: Key<String>, _ bench: Watchable) -> [DeviceName] {
        guard let given = table.read(key) else { return [] }
        let pumps = bench.pumps
        if given == "*", !pumps.isEmpty { return pumps.map { DeviceName($0) } }
        if pumps.contains(given) { return [DeviceName(given)] }
        // A device whose driver is not known may be a pump: that it is wrong is said there.
        if !bench.devices.contains(where: { $0.entry == nil && ($0.name == given || given == "*") }) {
            table.wrong(key.name, expected: "\"*\" or a pump of this bench, \(oneOf(pumps, given: given))")
        }
        return []
    }
}
