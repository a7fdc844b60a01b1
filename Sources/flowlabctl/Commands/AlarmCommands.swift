import ControlAPI
import ControlClient
import Usage

extension Command {
    static let alarms = Command(
        "alarms", "Alarms: what stands, what nobody has acknowledged, and what to do; acknowledges or shelves one.",
        operands: [
            "[list|history|acknowledge|shelve|unshelve]", ArgumentParser.Operand("[ALARM]", of: .named("alarm")),
        ],
        options: [
            .flag("--all", "With acknowledge: all that wait for it."),
            .value("--limit", "N", "With history: how many; 50 if left out."),
            .value("--person", "NAME", "Who answers for a shelving."),
            .value("--reason", "TEXT", "Why it is shelved."),
            .value("--for", "TIME", "How long, as 30min or 2h; a day at most."),
        ],
        examples: [
            "alarms", "alarms history --limit 10", "alarms acknowledge device:cui", "alarms acknowledge --all",
            "alarms shelve device:spec_pl --person 'Ada L.' --reason 'lamp is changed' --for 1h",
            "alarms unshelve device:spec_pl",
        ],
        notes: """
            High and critical alarms stay in the list until somebody acknowledges them, even when they are over. A shelved \
            alarm calls nobody until its time is over. Trips are reset with flowlabctl interlocks.
            """
    ) { (context) throws(Failure) in
        let operands = context.operands
        switch (operands.first ?? "list", operands.count) {
        case ("list", 0...1): return try context.ask(AlarmsList.self, Empty(), show: show)
        case ("history", 1): return try history(context)
        case ("acknowledge", 1) where context.arguments.has("--all"): return try acknowledgeAll(context)
        case ("acknowledge", 2):
            return try context.ask(AlarmsAcknowledge.self, NamedAlarm(alarm: operands[1])) { result in
                Terminal.line("\(Terminal.clean(result.alarm)) is acknowledged")
            }
        case ("shelve", 2): return try shelve(operands[1], context)
        case ("unshelve", 2):
            return try context.ask(AlarmsUnshelve.self, NamedAlarm(alarm: operands[1])) { result in
                Terminal.line("\(Terminal.clean(result.alarm)) is off its shelf")
            }
        case ("acknowledge", _), ("shelve", _), ("unshelve", _):
            throw context.usage("\(operands[0]) needs one ALARM; see flowlabctl alarms")
        default:
            throw context.usage(
                "\"\(operands.joined(separator: " "))\", expected list, history, or acknowledge, shelve, unshelve with an ALARM"
            )
        }
    }

    private static func show(_ result: AlarmsList.Result) {
        if result.alarms.isEmpty { Terminal.line("no alarm") }
        for alarm in result.alarms {
            let latched = alarm.latched ? ", latched" : ""
            let over = alarm.ended.map { ", over since \(Terminal.clean($0))" } ?? ""
            Terminal.line(
                "\(alarm.priority.uppercased()) \(Terminal.clean(alarm.alarm)) \(alarm.state)\(latched): "
                    + "\(Terminal.clean(alarm.text))")
            Terminal.line("  since \(Terminal.clean(alarm.since))\(over)")
            if let known = alarm.acknowledged {
                Terminal.line("  acknowledged by uid \(known.uid) at \(Terminal.clean(known.time))")
            }
            if let shelf = alarm.shelf {
                let (person, reason) = (Terminal.clean(shelf.person), Terminal.clean(shelf.reason))
                Terminal.line("  shelved until \(Terminal.clean(shelf.until)) by \(person): \(reason)")
            }
            if !alarm.response.isEmpty { Terminal.line("  what now: \(Terminal.clean(alarm.response))") }
            if let name = alarm.latched ? alarm.alarm.split(separator: ":").last : nil {
                Terminal.line("  then: flowlabctl interlocks reset \(Terminal.clean(String(name)))")
            }
        }
        Terminal.line("\(result.ratePer10Min) new in the last 10 min")
        if result.flood {
            Terminal.line("FLOOD: \(result.notNotified) low and medium alarms have called nobody since it began")
        }
    }

    private static func history(_ context: Context) throws(Failure) -> Int32 {
        let limit = try context.integer("--limit", in: 1...APILimits.listedAudit) ?? 50
        return try context.ask(AlarmsHistory.self, AlarmsHistory.Params(limit: limit)) { result in
            let rows = result.alarms.map { alarm in
                let known = alarm.acknowledged.map { "uid \($0.uid)" } ?? "-"
                return [alarm.since, alarm.ended ?? "-", alarm.priority, alarm.alarm, known, alarm.text]
            }
            Terminal.write(
                TextTable.text(rows, header: ["since", "until", "priority", "alarm", "acknowledged by", "what"]))
        }
    }

    private static func acknowledgeAll(_ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        let list = try context.decoded(
            AlarmsList.Result.self, try context.answer(daemon, AlarmsList.self, Empty()))
        var done = 0
        for alarm in list.alarms where alarm.acknowledged == nil && alarm.shelf == nil {
            _ = try context.answer(daemon, AlarmsAcknowledge.self, NamedAlarm(alarm: alarm.alarm))
            done += 1
            if !context.isJSON { Terminal.line("\(Terminal.clean(alarm.alarm)) is acknowledged") }
        }
        if context.isJSON { Terminal.line("{\"acknowledged\":\(done)}") }
        if done == 0, !context.isJSON { Terminal.line("nothing waits to be acknowledged") }
        return ExitCode.done
    }

    private static func shelve(_ alarm: String, _ context: Context) throws(Failure) -> Int32 {
        let params = AlarmsShelve.Params(
            alarm: alarm, person: try context.required("--person"), reason: try context.required("--reason"),
            durationS: try context.duration("--for"))
        return try context.ask(AlarmsShelve.self, params) { result in
            Terminal.line("\(Terminal.clean(result.alarm)) is shelved until \(Terminal.clean(result.until))")
            Terminal.line("what now: flowlabctl alarms unshelve \(Terminal.clean(result.alarm)) ends it before")
        }
    }

    static let audit = Command(
        "audit", "Who changed what, the last first.",
        options: [
            .value("--method", "NAME", "Only calls of this method, as interlocks.bypass."),
            .value("--uid", "N", "Only this user's."),
            .value("--limit", "N", "How many; 50 if left out."),
        ],
        examples: ["audit", "audit --method interlocks.reset --limit 5"],
        notes: "All of it as CSV: flowlabctl export audit."
    ) { (context) throws(Failure) in
        let params = AuditList.Params(
            method: context.arguments.value("--method"),
            uid: try context.integer("--uid", in: 0...Int(UInt32.max)).map { UInt32($0) },
            limit: try context.integer("--limit", in: 1...APILimits.listedAudit) ?? 50)
        return try context.ask(AuditList.self, params) { result in
            let rows = result.records.map { record in
                [record.time, "\(record.uid)", "\(record.pid)", record.method, record.outcome, record.detail]
            }
            Terminal.write(TextTable.text(rows, header: ["time", "uid", "pid", "method", "outcome", "with"]))
        }
    }
}
