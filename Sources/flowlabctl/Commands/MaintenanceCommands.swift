import ControlAPI
import ControlClient
import Usage
import Wire

extension Command {
    static let maintenance = Command(
        "maintenance", "Whose the bench is; takes it for a person, or gives it back.",
        operands: ["[status|enter|exit]"],
        options: [
            .value("--person", "NAME", "Who works at the bench; $USER if left out."),
            .value("--reason", "TEXT", "With enter, needed: why."),
            .value("--for", "TIME", "With enter, needed: how long, as 30min or 2h; 10 s to a day."),
            .flag("--take-over", "With enter: take the bench also from another person."),
            .flag("--wait", "With enter: return only when what runs has ended."), .flag("--yes", "Do not ask."),
        ],
        examples: [
            "maintenance", "maintenance enter --reason 'new PFO syringe' --for 30min --wait", "maintenance exit",
        ],
        notes: """
            What runs is finished, then the heater goes off and nothing starts, also over a restart of the daemon. Its time \
            counts from then. When it runs out somebody is called and the queue goes on waiting, unless the bench file says on_expiry = "resume".
            """
    ) { (context) throws(Failure) in
        switch (context.operands.first ?? "status", context.operands.count) {
        case ("status", 0...1): return try showMaintenance(context)
        case ("enter", 1): return try enter(context)
        case ("exit", 1): return try exit(context)
        default:
            throw context.usage("\"\(context.operands.joined(separator: " "))\", expected status, enter or exit")
        }
    }

    static func line(_ view: MaintenanceShape) -> String {
        let (person, reason) = (Terminal.clean(view.person), Terminal.clean(view.reason))
        let until = Terminal.clean(view.until)
        switch view.state {
        case "waiting":
            let what =
                view.running.map { "\(Terminal.clean($0)) is finished first" } ?? "the bench is being stopped first"
            return "maintenance of \(person) (\(reason)) begins soon: \(what)"
        case "over":
            return "MAINTENANCE of \(person) (\(reason)) ran out at \(until), and nobody has ended it; the queue waits"
        default: return "maintenance by \(person) until \(until): \(reason)"
        }
    }

    private static func showMaintenance(_ context: Context) throws(Failure) -> Int32 {
        try context.ask(SystemStatus.self, Empty()) { status in
            Terminal.line(status.maintenance.map(line) ?? "no maintenance is on")
            for lease in status.leases { Terminal.line(line(lease)) }
            if status.maintenance != nil { Terminal.line("what now: flowlabctl maintenance exit gives the bench back") }
        }
    }

    private static func enter(_ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        let params = MaintenanceEnter.Params(
            person: HandSession.person(context), reason: try context.required("--reason"),
            durationS: try context.duration("--for"), takeOver: context.arguments.has("--take-over") ? true : nil)
        var json = try context.answer(daemon, MaintenanceEnter.self, params)
        var view = try context.decoded(MaintenanceShape.self, json)
        // What has only to be stopped is stopped in a moment.
        if view.state == "waiting", view.running == nil || context.arguments.has("--wait") {
            (json, view) = try waitForBench(view, daemon, context)
        }
        if context.isJSON {
            Terminal.line(json.jsonText)
        } else {
            Terminal.line(line(view))
            Terminal.line(
                view.state == "waiting"
                    ? "what now: flowlabctl maintenance shows when it has begun; flowlabctl cancel EXPERIMENT does not wait"
                    : "what now: flowlabctl prime, jog, purge, refill, calibrate, heater; then flowlabctl maintenance exit"
            )
        }
        return ExitCode.done
    }

    private static func waitForBench(
        _ first: MaintenanceShape, _ daemon: LastingConnection, _ context: Context
    ) throws(Failure) -> (JSONValue, MaintenanceShape) {
        try context.client { () throws(ClientError) in try daemon.subscribe(["maintenance"]) }
        if first.running != nil { Terminal.note(line(first) + "\n") }
        while true {
            let json = try context.answer(daemon, SystemStatus.self, Empty())
            guard let view = try context.decoded(SystemStatus.Result.self, json).maintenance else {
                throw .file("the maintenance was ended by somebody else")
            }
            if view.state != "waiting" { return (json["maintenance"] ?? .null, view) }
            _ = try context.client { () throws(ClientError) in try daemon.next(patience: .seconds(1)) }
        }
    }

    private static func exit(_ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        let status = try context.decoded(
            SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty()))
        let next = status.queue.first { !status.held.contains($0) }
        let what =
            next.map { "\(Terminal.clean($0)) starts at once: the plate heats and pumps run" }
            ?? "nothing waits; the daemon may start pumps and plate again when something is submitted"
        let whose = status.maintenance.map {
            "the maintenance of \(Terminal.clean($0.person)) (\(Terminal.clean($0.reason))) ends; "
        }
        guard try context.confirms("\(whose ?? "")\(what). Are all hands off the bench?") else {
            return ExitCode.unconfirmed
        }
        let json = try context.answer(daemon, MaintenanceExit.self, Empty())
        if context.isJSON {
            Terminal.line(json.jsonText)
        } else {
            Terminal.line("the bench is the daemon's again")
        }
        return ExitCode.done
    }

    // MARK: Leases

    static let leases = Command(
        "leases", "Who has which devices in hand; ends a lease that somebody left behind.",
        operands: ["[list|end]", "[LEASE]"], options: [.flag("--yes", "Do not ask.")],
        examples: ["leases", "leases end l-000003"],
        notes: "What was moved under a lease is stopped when it ends."
    ) { (context) throws(Failure) in
        switch (context.operands.first ?? "list", context.operands.count) {
        case ("list", 0...1):
            return try context.ask(LeaseList.self, Empty()) { result in
                if result.leases.isEmpty { Terminal.line("nobody has a device in hand") }
                for lease in result.leases { Terminal.line(line(lease)) }
            }
        case ("end", 2):
            let name = context.operands[1]
            guard try context.confirms("What was moved under \(Terminal.clean(name)) is stopped. End it?") else {
                return ExitCode.unconfirmed
            }
            return try context.ask(LeaseRelease.self, NamedLease(lease: name)) { result in
                Terminal.line("\(Terminal.clean(result.lease)) has ended")
            }
        default: throw context.usage("expected list, or end LEASE")
        }
    }

    static func line(_ lease: LeaseShape) -> String {
        "\(lease.lease): \(lease.devices.map(Terminal.clean).joined(separator: ", ")) in the hand of "
            + "\(Terminal.clean(lease.person)) (uid \(lease.uid), pid \(lease.pid)) until "
            + "\(Terminal.clean(lease.until)): \(Terminal.clean(lease.reason))"
    }
}
