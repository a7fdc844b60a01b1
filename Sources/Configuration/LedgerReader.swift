import DeviceModel
import Experiments
import Hydraulics
import Quantities

extension BenchReader {
    /// `[ledger]` and `[reagents.X]`.
    func readLedger(devices: [DevicePart]) -> LedgerRules {
        var rules = LedgerRules()
        if let table = document.top.table("ledger") {
            rules.wasteCapacity = table.read(BenchKeys.wasteCapacity).map { Volume(microliters: $0 * 1000) }
            rules.lowFraction = (table.read(BenchKeys.lowPercent) ?? 10) / 100
            rules.requiresBatch = table.read(BenchKeys.requireBatch) ?? false
            rules.ratios = table.tableArray("ratios").compactMap(readRatio)
        }
        let known = reagents(of: devices)
        for (name, table) in document.top.namedTables("reagents") {
            if !known.contains(name), devices.allSatisfy({ $0.definition != nil || $0.entry?.deviceClass != .pump }) {
                document.report(table.path, ": no syringe holds it; expected \(oneOf(known, given: name))")
            }
            guard let components = table.read(BenchKeys.components) else { continue }
            rules.componentsMM[name] = components
            for ratio in rules.ratios {
                guard let found = ratio.violation(components) else { continue }
                document.report(
                    table.path(of: BenchKeys.components.name),
                    ": \(ratio.component)/\(ratio.per) is \(plain((found * 10_000).rounded() / 10_000)); expected at least "
                        + "\(plain(ratio.atLeast)): \(ratio.response)")
            }
        }
        return rules
    }

    private func readRatio(_ table: Table) -> LedgerRules.Ratio? {
        let component = table.read(BenchKeys.ratioComponent)
        let per = table.read(BenchKeys.ratioPer)
        let atLeast = table.read(BenchKeys.atLeast)
        let response = table.read(BenchKeys.response)
        guard let component, let per, let atLeast, let response else { return nil }
        return LedgerRules.Ratio(component: component, per: per, atLeast: atLeast, response: response)
    }

    private func reagents(of devices: [DevicePart]) -> [String] {
        Set(
            devices.compactMap { device -> String? in
                guard case .pump(let limits)? = device.definition?.driver.limits else { return nil }
                return limits.reagent
            }
        ).sorted()
    }

    /// `[box]`; nil when there is none, or something is wrong with it.
    /// - Parameter heater: the one of experiments, where that is known.
    func readBox(
        rules: FlowRules?, network: FlowNetwork?, heater: DeviceName?, devices: [DevicePart]
    ) -> RecipeBox? {
        guard document.top.has("box"), let table = document.top.table("box") else {
            _ = document.top.raw("box")
            return nil
        }
        let temperature = table.read(BenchKeys.boxTemperature)
        if let temperature { checkTemperature(temperature, table, of: heater, devices) }
        let time = table.read(BenchKeys.boxTime)
        let section = table.read(BenchKeys.boxSection)
        let filler = table.read(BenchKeys.boxFiller)
        let shares = readShares(table, rules)
        guard let rules, let network else { return nil }
        let sectionVolume = section.flatMap { volume(ofSection: $0, table, network) }
        if let filler, !rules.firstStream.contains(filler) {
            let known = oneOf(rules.firstStream, given: filler)
            table.wrong(BenchKeys.boxFiller.name, expected: "a pump of the first stream, \(known)")
        }
        checkShares(shares, filler: filler, rules, table)
        guard let temperature, let time, let filler, let sectionVolume, !shares.isEmpty else { return nil }
        return RecipeBox(
            temperature: temperature, reactionTime: time, sectionVolume: sectionVolume, shares: shares, filler: filler,
            rules: rules)
    }

    /// Each corner of the box must be a temperature that the heater of experiments takes. Any heater's are held against it
    /// while nobody knows which one that is.
    private func checkTemperature(
        _ range: ClosedRange<Double>, _ table: Table, of heater: DeviceName?, _ devices: [DevicePart]
    ) {
        for device in devices {
            guard case .heater(let limits)? = device.definition?.driver.limits,
                heater == nil || heater == device.definition?.name
            else { continue }
            let (least, most) = (limits.minimum.celsius, limits.maximum.celsius)
            guard range.lowerBound < least || range.upperBound > most else { continue }
            table.wrong(
                BenchKeys.boxTemperature.name,
                expected: "\(plain(least)) to \(plain(most)) degC, the limits of the heater")
        }
    }

    private func readShares(_ box: Table, _ rules: FlowRules?) -> [RecipeBox.Share] {
        guard let table = box.table("shares", required: "a table [box.shares], as cui = [0.15, 0.70]") else {
            return []
        }
        return table.membersInOrder.compactMap { pump in
            let range = table.read(BenchKeys.range(pump, 0...1, "of the pump's share of its stream"))
            if let rules, !rules.givenPumps.contains(pump) {
                let known = oneOf(rules.givenPumps, given: pump)
                document.report(table.path(of: pump), ": no pump whose flow is chosen; expected \(known)")
                return nil
            }
            return range.map { RecipeBox.Share(pump: pump, range: $0) }
        }
    }

    /// The whole box must leave room for what fills the streams.
    private func checkShares(_ shares: [RecipeBox.Share], filler: String?, _ rules: FlowRules, _ table: Table) {
        for (stream, name) in [(rules.firstStream, "first"), (rules.secondStream, "second")] {
            let most = shares.filter { stream.contains($0.pump) }.reduce(0) { $0 + $1.range.upperBound }
            if most > 1 + 1e-9 {
                document.report(
                    table.path(of: "shares"),
                    ": the largest shares of the \(name) stream add up to \(plain((most * 1000).rounded() / 1000)); expected "
                        + "at most 1")
            }
        }
        if let filler, shares.contains(where: { $0.pump == filler }) {
            table.wrong(BenchKeys.boxFiller.name, expected: "a pump that has no share of its own")
        }
    }

    private func volume(ofSection name: String, _ table: Table, _ network: FlowNetwork) -> Volume? {
        let sections = network.nodes.flatMap { $0.tube?.sections ?? [] }
        if let section = sections.first(where: { $0.name == name }) { return section.volume }
        table.wrong(
            BenchKeys.boxSection.name,
            expected: "a section of a tube, \(oneOf(Set(sections.map(\.name)).sorted(), given: name))")
        return nil
    }
}
