import ControlAPI
import ControlClient
import DeviceModel
import Interlocks
import Quantities
import Usage
import Wire

extension Command {
    static let proofTest = Command(
        "proof-test", "Shows interlocks their causes, one after the other, and watches what each does.",
        operands: [ArgumentParser.Operand("[NAME...]", of: .named("interlock"))],
        options: [
            .value("--person", "NAME", "Who tests; goes into the audit."),
            .flag("--yes", "Do not ask; for scripts."),
        ],
        examples: ["proof-test --person 'Ada L.'", "proof-test plate-over-temperature --person 'Ada L.' --yes --json"],
        notes: """
            All interlocks with an effect if none is named. Each trips for real and is reset again, so nothing may run or
            wait. Everything from the judgement to the read-back is tested; a sensor and its wire are tested at the sensor.
            """
    ) { (context) throws(Failure) in
        let person = try context.required("--person")
        let daemon = try context.connectOnce()
        let names = try ProofTest.names(context, daemon)
        let question =
            "This trips \(names.count) interlocks, one after the other: heater, contactor, pumps and lamps go off."
        guard try context.confirms(question) else { return ExitCode.unconfirmed }
        var test = ProofTest(context: context, daemon: daemon, person: person)
        return try test.run(names)
    }
}

/// Runs one test after the other.
private struct ProofTest {
    /// Beyond a row's delay, how long its trip and all proofs may take, and how long a reset is tried.
    static let patience = WireDuration.seconds(20)
    private static let look = WireDuration.milliseconds(200)

    /// What came of one interlock.
    struct Finding {
        let interlock: String
        var injected = ""
        var effects: [String] = []
        var trippedAfter: Double?
        /// Seconds from the injection to the read-back that shows it safe, by device; nil: none came.
        var proven: [(device: String, after: Double?)] = []
        var trouble: String?

        var isPassed: Bool { trouble == nil && trippedAfter != nil && proven.allSatisfy { $0.after != nil } }
    }

    let context: Context
    let daemon: LastingConnection
    let person: String

    static func names(_ context: Context, _ daemon: LastingConnection) throws(Failure) -> [String] {
        let list = try context.decoded(
            InterlocksList.Result.self, try context.answer(daemon, InterlocksList.self, Empty()))
        let known = list.interlocks.filter { !$0.effects.isEmpty }.map(\.interlock)
        for name in context.operands where !known.contains(name) {
            throw context.usage(
                "no interlock \"\(name)\" with an effect; this bench has \(known.joined(separator: ", "))")
        }
        return context.operands.isEmpty ? known : context.operands
    }

    mutating func run(_ names: [String]) throws(Failure) -> Int32 {
        _ = try context.answer(daemon, EventsSubscribe.self, EventsSubscribe.Params(topics: ["interlocks"]))
        var findings: [Finding] = []
        for name in names {
            let finding = try test(name)
            findings.append(finding)
            if !context.isJSON { Terminal.write(Self.text(finding)) }
            // A bench that cannot be reset is not tripped again.
            if finding.trouble?.hasPrefix(Self.notReset) == true { break }
        }
        let failed = findings.count { !$0.isPassed } + names.count - findings.count
        if context.isJSON {
            Terminal.line(JSONValue.object(["interlocks": .array(findings.map(Self.json))]).jsonText)
        } else {
            Terminal.line("\(names.count - failed) passed, \(failed) failed")
        }
        return failed == 0 ? ExitCode.done : ExitCode.failed
    }

    private mutating func test(_ name: String) throws(Failure) -> Finding {
        var finding = Finding(interlock: name)
        let started: InterlocksProve.Result
        do throws(Failure) {
            let params = InterlocksProve.Params(interlock: name, person: person)
            started = try context.decoded(
                InterlocksProve.Result.self, try context.answer(daemon, InterlocksProve.self, params))
        } catch {
            guard case .client(.refused(let refusal)) = error else { throw error }
            finding.trouble = "\(refusal.detail); \(refusal.hint)"
            return finding
        }
        finding.injected = started.injected
        finding.effects = started.effects
        finding.proven = try covered(by: started.effects).map { ($0, nil) }
        try watch(&finding, from: TimeText.instant(started.time) ?? Clock.wall, delay: started.delayS)
        if finding.trippedAfter == nil { finding.trouble = "it did not trip" }
        if let why = try reset(name) { finding.trouble = "\(Self.notReset): \(why)" }
        return finding
    }

    private static let notReset = "it cannot be reset"

    /// The devices that these effects bring down.
    private func covered(by effects: [String]) throws(Failure) -> [String] {
        let groups = effects.compactMap(EffectGroup.init)
        let list = try context.decoded(DevicesList.Result.self, try context.answer(daemon, DevicesList.self, Empty()))
        return list.devices.filter { device in groups.contains { $0.covers(device.deviceClass) } }.map(\.device)
    }

    /// Until it has tripped and every device is proven safe, or for as long as that may take. A delay is bench time, which
    /// is never slower than the wall's.
    private func watch(_ finding: inout Finding, from start: WallInstant, delay: Double) throws(Failure) {
        let end = Clock.wall + .seconds(delay) + .init(nanoseconds: Self.patience.nanoseconds)
        while Clock.wall < end, finding.trippedAfter == nil || finding.proven.contains(where: { $0.after == nil }) {
            guard let event = try next() else { continue }
            let after = TimeText.instant(event.time).map { ($0 - start).seconds }
            if event.data["interlock"] == .string(finding.interlock), event.data["state"] == .string("latched") {
                finding.trippedAfter = after
            }
            guard event.data["safe"] == .bool(true), case .string(let device)? = event.data["device"],
                let index = finding.proven.firstIndex(where: { $0.device == device && $0.after == nil })
            else { continue }
            finding.proven[index].after = after
        }
        let missing = finding.proven.filter { $0.after == nil }.map(\.device)
        if !missing.isEmpty { finding.trouble = "no read-back shows \(missing.joined(separator: ", ")) safe" }
    }

    private func next() throws(Failure) -> DaemonConnection.Event? {
        let item = try context.client { () throws(ClientError) in try daemon.next(patience: Self.look) }
        if case .event(let event)? = item { return event }
        return nil
    }

    /// - Returns: why it is not reset.
    private func reset(_ name: String) throws(Failure) -> String? {
        let end = Clock.wall + .init(nanoseconds: Self.patience.nanoseconds)
        while true {
            do throws(Failure) {
                _ = try context.answer(daemon, InterlocksReset.self, InterlocksReset.Params(interlock: name))
                return nil
            } catch {
                guard case .client(.refused(let refusal)) = error else { throw error }
                if refusal.kind == "not_latched" { return nil }
                guard Clock.wall < end else { return refusal.detail }
            }
            _ = try next()
        }
    }

    // MARK: Telling

    private static func text(_ finding: Finding) -> String {
        let name = Terminal.clean(finding.interlock)
        var text = "\(finding.isPassed ? "passed" : "FAILED") \(name)"
        if !finding.injected.isEmpty { text += ": \(Terminal.clean(finding.injected))" }
        if let after = finding.trippedAfter { text += ", tripped after \(Show.number(after, 3)) s" }
        text += "\n"
        if !finding.proven.isEmpty {
            let seen = finding.proven.map {
                "\(Terminal.clean($0.device)) \($0.after.map { Show.number($0, 3) } ?? "-")"
            }
            text +=
                "  \(finding.effects.map(Terminal.clean).joined(separator: ", ")); shown safe after s: "
                + "\(seen.joined(separator: ", "))\n"
        }
        if let trouble = finding.trouble { text += "  \(Terminal.clean(trouble))\n" }
        return text
    }

    private static func json(_ finding: Finding) -> JSONValue {
        let proven = finding.proven.map { device, after in (device, after.map(JSONValue.number) ?? .null) }
        return .object([
            "interlock": .string(finding.interlock), "injected": .string(finding.injected),
            "expected_effects": .array(finding.effects.map(JSONValue.string)),
            "tripped_after_s": finding.trippedAfter.map(JSONValue.number) ?? .null,
            "shown_safe_after_s": .object(Dictionary(proven) { first, _ in first }),
            "passed": .bool(finding.isPassed), "trouble": finding.trouble.map(JSONValue.string) ?? .null,
        ])
    }
}
