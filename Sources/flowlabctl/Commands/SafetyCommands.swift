import ControlAPI
import ControlClient
import Glibc
import Quantities
import Usage
import Wire

extension Command {
    static let interlocks = Command(
        "interlocks",
        "All interlocks; resets one, takes one out of service and back, or prints the matrix for a review.",
        operands: [
            "[list|reset|bypass|restore|matrix]", ArgumentParser.Operand("[NAME...]", of: .named("interlock")),
        ],
        options: [
            .value("--person", "NAME", "Who answers for a bypass."), .value("--reason", "TEXT", "Why it is bypassed."),
            .value("--for", "TIME", "How long, as 30min or 2h; a day at most."),
            .value("--config", "FILE", "With matrix: of this bench file, without a daemon.", of: .file),
            .flag("--all", "With reset: all that are latched, as far as their causes are gone."),
            .flag("--csv", "With matrix: as CSV."),
        ],
        examples: [
            "interlocks", "interlocks reset plate-over-temperature", "interlocks reset --all",
            "interlocks bypass plate-not-warming --person 'Ada L.' --reason 'new cartridge' --for 30min",
            "interlocks restore plate-not-warming", "interlocks matrix --config bench.toml --csv",
        ],
        notes: "A bypass ends by itself, is kept over a restart, and stands among the alarms as long as it lasts."
    ) { (context) throws(Failure) in
        let operands = context.arguments.operands
        let (word, isAll) = (operands.first ?? "list", context.arguments.has("--all"))
        if context.arguments.has("--csv"), word != "matrix" { throw context.usage("--csv is for matrix") }
        switch (word, operands.count) {
        case ("list", 0...1): return try listInterlocks(context)
        case ("matrix", 1): return try Matrix.command(context)
        case ("reset", 1) where isAll: return try reset(nil, context)
        case ("reset", 2...) where !isAll: return try reset(Array(operands.dropFirst()), context)
        case ("bypass", 2): return try bypass(operands[1], context)
        case ("restore", 2):
            let params = InterlocksRestore.Params(interlock: operands[1])
            return try context.ask(InterlocksRestore.self, params) { result in
                Terminal.line("\(Terminal.clean(result.interlock)) is in service")
            }
        case ("reset", _), ("bypass", _), ("restore", _):
            let all = word == "reset" ? ", or --all" : ""
            throw context.usage("\(word) needs the NAME of an interlock\(all); see flowlabctl interlocks")
        default:
            throw context.usage(
                "\"\(operands.joined(separator: " "))\", expected list, matrix, or reset, bypass, restore with a NAME")
        }
    }

    private static func bypass(_ name: String, _ context: Context) throws(Failure) -> Int32 {
        let params = InterlocksBypass.Params(
            interlock: name, person: try context.required("--person"), reason: try context.required("--reason"),
            durationS: try context.duration("--for"))
        return try context.ask(InterlocksBypass.self, params) { result in
            Terminal.line(
                "\(Terminal.clean(result.interlock)) is out of service until \(Terminal.clean(result.until))")
            Terminal.line("what now: flowlabctl interlocks restore \(Terminal.clean(result.interlock)) ends it before")
        }
    }

    private static func listInterlocks(_ context: Context) throws(Failure) -> Int32 {
        try context.ask(InterlocksList.self, Empty()) { result in
            let rows = result.interlocks.map { row in
                let last = row.last.map {
                    "\(Show.number($0.value)) \($0.unit.rawValue), \(Show.duration($0.ageS)) ago"
                }
                return [
                    row.interlock, row.state, row.cause, row.effects.joined(separator: " "), last ?? "-",
                ]
            }
            Terminal.write(TextTable.text(rows, header: ["interlock", "state", "trips when", "does", "last reading"]))
            for row in result.interlocks {
                if let bypass = row.bypass {
                    let (person, reason) = (Terminal.clean(bypass.person), Terminal.clean(bypass.reason))
                    Terminal.line(
                        "\(Terminal.clean(row.interlock)) is out of service until \(Terminal.clean(bypass.until)), by "
                            + "\(person): \(reason)")
                }
                guard let latch = row.latch else { continue }
                let name = Terminal.clean(row.interlock)
                Terminal.line("\(name) tripped at \(Terminal.clean(latch.time)): \(Terminal.clean(latch.cause))")
                Terminal.line("  what now: \(Terminal.clean(row.response))")
                Terminal.line("  then: flowlabctl interlocks reset \(name)")
            }
        }
    }

    /// One after the other; what cannot be reset does not keep the others.
    /// - Parameter names: nil resets all that are latched.
    private static func reset(_ names: [String]?, _ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        let before = try context.decoded(
            SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty()))
        var refused: Failure?
        for name in names ?? before.latchedInterlocks.map(\.interlock) {
            do throws(Failure) {
                let params = InterlocksReset.Params(interlock: name)
                let json = try context.answer(daemon, InterlocksReset.self, params)
                Terminal.line(context.isJSON ? json.jsonText : "\(Terminal.clean(name)) is reset")
            } catch {
                if refused != nil { Terminal.note("and \(Terminal.clean(name)) is not reset either\n") }
                refused = refused ?? error
            }
        }
        if let refused { throw refused }
        if !context.isJSON { try tellWhatFollows(daemon, context) }
        return ExitCode.done
    }

    private static func tellWhatFollows(_ daemon: LastingConnection, _ context: Context) throws(Failure) {
        let status = try context.decoded(
            SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty()))
        if let held = status.heldBecause {
            Terminal.line("the queue still waits: \(Terminal.clean(held))")
        } else if !status.queue.isEmpty || status.running != nil {
            Terminal.line("the queue goes on: the plate may heat and pumps may run from now on")
        }
        let alarms = status.unacknowledged > 0 ? ", and flowlabctl alarms" : ""
        Terminal.line("what now: flowlabctl status\(alarms)")
    }

    /// How long the daemon may take to answer before a person is told of another way.
    private static let patience = WireDuration.seconds(5)

    static let stopAll = Command(
        "stop-all", "Brings the whole bench to its safe state, now.", operands: ["[REASON...]"],
        options: [.value("--reason", "TEXT", "Why; kept with the latch.")],
        examples: ["stop-all", "stop-all smell of solvent"],
        notes: """
            Everybody who may connect may do this. It latches: a technician resets it. Whatever else stands on the command \
            line, the bench is stopped first. If the daemon does not answer: flowlabd --safe-state --force --config FILE.
            """
    ) { (context) throws(Failure) in
        let words = context.operands.joined(separator: " ")
        let reason = context.arguments.value("--reason") ?? (words.isEmpty ? nil : words)
        return try stop(reason, context)
    }

    /// What was said besides was not understood; the bench is stopped all the same.
    static func stopUnderstoodOrNot(_ words: [String]) {
        // Of the bench that was named, or of none: another one is not stopped for a slip.
        var line: [String] = []
        if let index = words.lastIndex(where: { $0 == "--socket" || $0.hasPrefix("--socket=") }) {
            line = Array(words[index...].prefix(words[index] == "--socket" ? 2 : 1))
        }
        guard let context = try? Context(arguments: stopAll.parser.parse(line)) else { return }
        _ = try? stop("flowlabctl stop-all \(words.joined(separator: " "))", context)
    }

    /// A daemon whose connections are all taken obeys, and may send somebody away before he has his answer.
    private static func insist(_ params: SafeStateTrigger.Params, _ context: Context) throws(Failure) -> JSONValue {
        let end = Clock.monotonic + patience
        while true {
            let left = end - Clock.monotonic
            do throws(Failure) {
                return try ask(params, left, context)
            } catch {
                guard case .client(let trouble) = error, trouble.isTransient, pause < left else { throw error }
                if case .cannotConnect = trouble { throw error }
            }
            usleep(UInt32(pause.nanoseconds / 1000))
        }
    }

    /// At once: this is the one change that may lie in wait for a daemon that starts.
    private static func ask(
        _ params: SafeStateTrigger.Params, _ patience: WireDuration, _ context: Context
    ) throws(Failure) -> JSONValue {
        do throws(ClientError) {
            let daemon = try DaemonConnection(socket: try SocketPath.find(context.arguments.value("--socket")))
            return try daemon.json(SafeStateTrigger.self, params, patience: patience)
        } catch {
            throw .client(error)
        }
    }

    private static let pause = WireDuration.milliseconds(200)

    private static func stop(_ reason: String?, _ context: Context) throws(Failure) -> Int32 {
        let params = SafeStateTrigger.Params(reason: reason.map { String($0.prefix(APILimits.reasonCharacters)) })
        let json: JSONValue
        do throws(Failure) {
            json = try insist(params, context)
        } catch {
            Terminal.note("NOT STOPPED by the daemon. Stop it without: flowlabd --safe-state --force --config FILE\n")
            throw error
        }
        if context.isJSON {
            Terminal.line(json.jsonText)
            return ExitCode.done
        }
        let result = try context.decoded(SafeStateTrigger.Result.self, json)
        Terminal.line("safe state triggered; latched: \(result.latched.map(Terminal.clean).joined(separator: ", "))")
        Terminal.line(
            "what now: look at the bench; flowlabctl devices shows what was read back; once all is safe, some seconds "
                + "later: flowlabctl interlocks reset --all")
        return ExitCode.done
    }
}
