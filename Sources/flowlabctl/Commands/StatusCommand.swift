import ControlAPI
import ControlClient

extension Command {
    /// For the technician at 2 a.m.: what happened, where, since when, what now.
    static let status = Command(
        "status", "The bench at one glance: what runs, what is wrong, what to do.",
        examples: ["status", "status --json | jq .running"]
    ) { (context) throws(Failure) in
        try context.ask(SystemStatus.self, Empty()) { status in
            let simulated = status.simulated ? " (simulated)" : ""
            Terminal.line(
                "bench \(Terminal.clean(status.bench))\(simulated): \(Terminal.clean(status.state).uppercased())")
            Terminal.line("daemon up \(Show.duration(status.uptimeS)), at \(Terminal.clean(status.time))")
            for group in grouped(status.latchedInterlocks) { Terminal.write(text(group)) }
            for alarm in status.alarms {
                let text = "\(Terminal.clean(alarm.text)) (since \(Terminal.clean(alarm.since)))"
                let known = alarm.state == "acknowledged" ? ", acknowledged" : ""
                let words = "\(Terminal.clean(alarm.id)) (\(Terminal.clean(alarm.priority))\(known))"
                Terminal.line("ALARM \(words): \(text)")
            }
            if status.unacknowledged > 0 {
                let (verb, plural) = status.unacknowledged == 1 ? ("is", "") : ("are", "s")
                Terminal.line(
                    "\(status.unacknowledged) alarm\(plural) \(verb) not acknowledged: flowlabctl alarms")
            }
            if let maintenance = status.maintenance { Terminal.line(line(maintenance)) }
            for lease in status.leases { Terminal.line(line(lease)) }
            if let why = status.heldBecause { Terminal.line("held: \(Terminal.clean(why))") }
            if let running = status.running { Terminal.line(text(running)) }
            let queue =
                status.queue.isEmpty
                ? "empty" : ExperimentProgressText.queue(status).map(Terminal.clean).joined(separator: " ")
            Terminal.line("queue: \(queue)")
            if let held = status.held.first {
                Terminal.line("what now: flowlabctl release \(Terminal.clean(held)) lets it go on")
            }
            let devices = status.devices.sorted { $0.key < $1.key }.map { "\($0.value) \(Terminal.clean($0.key))" }
            Terminal.line("devices: \(devices.joined(separator: ", "))")
            if status.devices.contains(where: { $0.key != "ready" && $0.value > 0 }) {
                Terminal.line("what now: flowlabctl devices says which are not ready, and why")
            }
        }
    }

    /// What one missing input has tripped in one moment is one event for a person, however many rows watch it.
    private static func grouped(_ latches: [InterlockLatch]) -> [[InterlockLatch]] {
        var groups: [[InterlockLatch]] = []
        for latch in latches {
            let isMissing = latch.cause.hasSuffix("(input missing)")
            if isMissing,
                let index = groups.firstIndex(where: { group in
                    group[0].time == latch.time && group[0].cause.hasSuffix("(input missing)")
                })
            {
                groups[index].append(latch)
            } else {
                groups.append([latch])
            }
        }
        return groups
    }

    private static func text(_ group: [InterlockLatch]) -> String {
        let latch = group[0]
        let name = Terminal.clean(latch.interlock)
        let others = group.dropFirst().map { Terminal.clean($0.interlock) }.joined(separator: ", ")
        let also = others.isEmpty ? "" : "  with it, for the same missing input: \(others)\n"
        return """
            TRIP \(name)\(latch.isFirstOut ? " (came first)" : ""): \(Terminal.clean(latch.cause))
            \(also)  since \(Terminal.clean(latch.time)); it did: \(latch.effects.map(Terminal.clean).joined(separator: ", "))
              what now: \(Terminal.clean(latch.response))
              then: flowlabctl interlocks reset \(group.count > 1 ? "--all" : name)

            """
    }

    private static func text(_ running: SystemStatus.Running) -> String {
        let head = "running: \(Terminal.clean(running.experiment)) \(running.state.rawValue)"
        let time = "for \(Show.duration(running.inStateS)) of at most \(Show.duration(running.stateDeadlineS))"
        let tau = "\(Show.number(running.sweptTau)) of \(Show.number(running.requiredTau)) tau swept"
        return "\(head) \(time); \(tau), tau \(Show.number(running.residenceTimeS, 1)) s; "
            + "about \(Show.duration(running.remainingS)) left (bench time)"
    }
}
