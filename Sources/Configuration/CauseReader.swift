import DeviceModel
import Interlocks
import Quantities

/// What an interlock watches: `cause` in `[[interlocks]]`, `while` in `[[permissives]]`.
extension BenchReader {
    /// The words of which an input has exactly one.
    static let conditionWords = [
        "above", "below", "outside", "rate_per_min", "differs_from", "frozen_for", "no_rise_of", "overdriven", "on",
        "off", "lost", "stale", "ledger_empty", "waste_full", "loop_overrun", "motion_of", "client_gone",
    ]

    func readCause(_ table: Table, _ bench: Watchable) -> InterlockCause? {
        let parts = table.tableArray("of")
        let watchesMotion = ([table] + parts).contains { $0.has(BenchKeys.motionOf.name) }
        let delay = table.read(watchesMotion ? BenchKeys.motionDelay : BenchKeys.delay)
        guard table.has("of") else {
            if table.has("votes") {
                document.report(table.path(of: "votes"), ": means nothing without of; expected an array of inputs")
            }
            _ = table.read(BenchKeys.votes.optional)
            let inputs = readInputs(table, bench)
            guard let delay, !inputs.isEmpty else { return nil }
            return InterlockCause(inputs: inputs, delay: delay)
        }
        let votes = table.read(BenchKeys.votes)
        if case .array(let given)? = table.members["of"], given.isEmpty {
            table.wrong("of", expected: "at least one input: without any the row would never trip")
        }
        let inputs = parts.map { readInputs($0, bench) }
        guard let delay, let votes, !inputs.isEmpty, inputs.allSatisfy({ !$0.isEmpty }) else { return nil }
        let all = inputs.flatMap { $0 }
        guard votes <= all.count else {
            table.wrong("votes", expected: "1 to \(all.count), the number of inputs in of")
            return nil
        }
        return InterlockCause(inputs: all, votes: Int(votes), delay: delay)
    }

    /// One input, or one for each signal that a name with `*` stands for.
    private func readInputs(_ table: Table, _ bench: Watchable) -> [InputTest] {
        let given = Self.conditionWords.filter(table.has)
        guard given.count == 1, let word = given.first else {
            let found = given.isEmpty ? "none" : given.joined(separator: " and ")
            for key in ["signal", "unit", "hysteresis", "stale_after", "device"] { _ = table.raw(key) }
            for key in Self.conditionWords + ["over", "by", "by_percent", "within", "while", "at_percent"] {
                _ = table.raw(key)
            }
            document.report(
                table.path, ": has \(found); expected exactly one of \(Self.conditionWords.joined(separator: ", "))")
            return []
        }
        return Self.ownWords.contains(word)
            ? readOwnInputs(word, table, bench) : readSignalInputs(table, word, bench)
    }

    private func readSignalInputs(_ table: Table, _ word: String, _ bench: Watchable) -> [InputTest] {
        let known = bench.signals
        let pattern = table.read(BenchKeys.signal)
        let signals = pattern.map { matches($0, known.map(\.name)) } ?? []
        if let pattern, signals.isEmpty, bench.devices.allSatisfy({ $0.entry != nil }) {
            table.wrong("signal", expected: "a signal of this bench, \(oneOf(known.map(\.name), given: pattern))")
        }
        let hasLimit = !["frozen_for", "overdriven", "on", "off", "stale"].contains(word)
        let unit = readUnit(table, known.first { $0.name == signals.first?.name }?.unit, isNeeded: hasLimit)
        let age = table.read(
            Key<WireDuration>.linkTime(
                "stale_after", 0.1...60, default: bench.staleAfter, "the input counts as missing"))
        let doesNotAge = signals.contains { SignalRegistry.isToldOnChange($0.name) }
        if doesNotAge { checkOwnSignal(table, word) }
        if !["above", "below", "outside"].contains(word), table.has("hysteresis") {
            document.report(
                table.path(of: "hysteresis"),
                ": means nothing beside \(word); expected it beside above, below or outside")
        }
        let hysteresis = table.read(BenchKeys.hysteresis)
        // Also where the signal is wrong: everything that is wrong is said at once.
        let stars = signals.isEmpty ? [""] : signals.map(\.star)
        // A partner's age counts, and what is told when it changes has none.
        let partners = known.map(\.name).filter { !SignalRegistry.isToldOnChange($0) }
        let conditions = stars.map { readCondition(word, table, star: $0, partners) }
        guard let unit, let age, let hysteresis else { return [] }
        for (signal, condition) in zip(signals, conditions) {
            if let condition { checkSense(of: condition, on: signal.name, hysteresis, table, known) }
        }
        let tests = zip(signals, conditions).compactMap { signal, condition in
            condition.map {
                InputTest(
                    signal: SignalName(signal.name), condition: $0, unit: unit, hysteresis: hysteresis,
                    staleAfter: doesNotAge ? nil : age)
            }
        }
        return tests.count == signals.count ? tests : []
    }

    /// What the daemon tells when it changes is silent for as long as it is so: only its value can be judged.
    private func checkOwnSignal(_ table: Table, _ word: String) {
        for key in [word, "stale_after"] where !["above", "below", "outside"].contains(key) && table.has(key) {
            document.report(
                table.path(of: key),
                ": this signal is told when it changes, and does not age; expected above, below or outside")
        }
    }

    /// What could never trip, or never be reset, and what compares pressures with temperatures.
    private func checkSense(
        of condition: InputTest.Condition, on signal: String, _ hysteresis: Double, _ table: Table,
        _ known: [(name: String, unit: Unit)]
    ) {
        func unit(of name: String) -> Unit? { known.first { $0.name == name }?.unit }
        func expect(_ name: SignalName, _ wanted: Unit?, _ key: String, in place: Table) {
            if name.text == signal {
                place.wrong(key, expected: "another signal than the one that is watched")
            } else if let wanted, unit(of: name.text) != wanted {
                place.wrong(key, expected: "a signal in \(wanted.rawValue)")
            }
        }
        switch condition {
        case .outside(let range) where range.lowerBound + hysteresis > range.upperBound - hysteresis:
            table.wrong("hysteresis", expected: "at most half of the range, else it could never be reset")
        case .differing(let other, _, _): expect(other, unit(of: signal), BenchKeys.differsFrom.name, in: table)
        case .unresponsive(let output, _, _, _): expect(output, .percent, BenchKeys.noRiseWhile.name, in: table)
        case .overdriven(let model):
            guard let place = table.table("overdriven") else { return }
            expect(model.output, .percent, BenchKeys.holdOutput.name, in: place)
            expect(model.setPoint, unit(of: signal), BenchKeys.holdSetPoint.name, in: place)
        case .on, .off:
            if unit(of: signal) != .code {
                table.wrong("signal", expected: "a switch, a signal in \(Unit.code.rawValue)")
            }
        default: return
        }
    }

    /// The signals that a name stands for, and what its `*` stands for in each.
    private func matches(_ pattern: String, _ known: [String]) -> [(name: String, star: String)] {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return known.contains(pattern) ? [(pattern, "")] : [] }
        return known.compactMap { name in
            guard name.hasPrefix(parts[0]), name.hasSuffix(parts[1]), name.count > parts[0].count + parts[1].count
            else {
                return nil
            }
            let star = name.dropFirst(parts[0].count).dropLast(parts[1].count)
            return star.contains(".") ? nil : (name, String(star))
        }
    }

    private func readCondition(
        _ word: String, _ table: Table, star: String, _ known: [String]
    ) -> InputTest.Condition? {
        switch word {
        case "above": return table.read(BenchKeys.above).map { .above($0) }
        case "below": return table.read(BenchKeys.below).map { .below($0) }
        case "outside": return table.read(BenchKeys.outside).map { .outside($0) }
        case "rate_per_min":
            guard let rate = table.read(BenchKeys.rate), let over = table.read(BenchKeys.rateOver) else { return nil }
            return .changing(perMinute: rate, over: over)
        case "frozen_for": return table.read(BenchKeys.frozenFor).map { .frozen($0) }
        case "differs_from":
            let other = readPartner(table, BenchKeys.differsFrom, star, known)
            guard let limit = table.read(BenchKeys.differsBy), let share = table.read(BenchKeys.differsByPercent),
                let other
            else { return nil }
            return .differing(from: other, limit: limit, percent: share)
        case "no_rise_of": return readNoRise(table, star, known)
        case "overdriven": return readOverdriven(table, known)
        default: return readSwitch(word, table)
        }
    }

    private func readSwitch(_ word: String, _ table: Table) -> InputTest.Condition? {
        let key = word == "on" ? BenchKeys.isOn : word == "off" ? BenchKeys.isOff : BenchKeys.stale
        guard let value = table.read(key) else { return nil }
        guard value else {
            table.wrong(word, expected: "true; take the interlock out if it is not wanted")
            return nil
        }
        return word == "on" ? .on : word == "off" ? .off : .stale
    }

    private func readNoRise(_ table: Table, _ star: String, _ known: [String]) -> InputTest.Condition? {
        let output = readPartner(table, BenchKeys.noRiseWhile, star, known)
        guard let rise = table.read(BenchKeys.noRise), let within = table.read(BenchKeys.noRiseWithin),
            let percent = table.read(BenchKeys.noRiseAt), let output
        else { return nil }
        return .unresponsive(output: output, percent: percent, rise: rise, within: within)
    }

    private func readOverdriven(_ cause: Table, _ known: [String]) -> InputTest.Condition? {
        guard let table = cause.table("overdriven") else { return nil }
        let output = readPartner(table, BenchKeys.holdOutput, "", known)
        let setPoint = readPartner(table, BenchKeys.holdSetPoint, "", known)
        let band = table.read(BenchKeys.holdBand)
        let ambient = table.read(BenchKeys.holdAmbient)
        guard let output, let setPoint, let band, let ambient, let share = table.read(BenchKeys.holdPercentPerKelvin),
            let excess = table.read(BenchKeys.holdExcess)
        else { return nil }
        return .overdriven(
            InputTest.HoldModel(
                output: output, setPoint: setPoint, band: band, percentPerKelvin: share, ambient: ambient,
                excess: excess))
    }

    /// Another signal, in whose name `*` stands for the same as in the first.
    private func readPartner(_ table: Table, _ key: Key<String>, _ star: String, _ known: [String]) -> SignalName? {
        guard let given = table.read(key) else { return nil }
        let name = given.split(separator: "*", omittingEmptySubsequences: false).joined(separator: star)
        guard known.contains(name) else {
            table.wrong(key.name, expected: "a signal of this bench, \(oneOf(known, given: name))")
            return nil
        }
        return SignalName(name)
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
