import ControlAPI
import ControlClient
import Usage
import Wire

/// Timed programs of the devices on boards.
extension Command {
    static let program = Command(
        "program", "Lets devices on boards do their steps at set times, by the boards' own clocks.",
        operands: ["FILE"], options: HandSession.options,
        examples: ["program rinse.txt", "program - --yes < rinse.txt"],
        notes: """
            FILE (- is the standard input) has a line for each step: seconds from the start, a device, and what it does.
              0     argon  select open
              0.5   feed   pump 600 200       # uL/min and uL; withdraw draws back
              1     stage  move 12.5          # mm; homed before
              2     argon  select closed
              3     feed   stop               # the last step of a device
            Shows how late each step was, and waits until pumps and steppers stand. Where one cannot be done, or \
            Ctrl-C ends the command, the others are taken back and the devices are stopped. At its end its valves are closed.
            """
    ) { (context) throws(Failure) in
        let file = context.operands[0]
        let steps = try TimedProgramFile.read(
            String(decoding: try JSONFile.bytes(of: file), as: UTF8.self), from: file == "-" ? "standard input" : file)
        let daemon = try context.connectOnce()
        let devices = Set(steps.map(\.device)).sorted()
        let last = steps.map(\.atS).max() ?? 0
        let names = devices.map { Terminal.clean($0) }.joined(separator: ", ")
        if !context.isJSON, !context.arguments.has("--yes") { Terminal.note(TextTable.text(steps.map(row))) }
        guard try context.confirms("\(names): \(steps.count) steps in \(Show.number(last)) s. Do it?") else {
            return ExitCode.unconfirmed
        }
        try HandSession.holding(devices, context, daemon) { (session) throws(Failure) in
            let json = try context.answer(
                session.daemon, BoardsRun.self, BoardsRun.Params(steps: steps), patience: .seconds(last + 60))
            try show(try context.decoded(BoardsRun.Result.self, json), steps, json, context)
            try waitUntilStanding(steps, &session)
        }
        return ExitCode.done
    }

    /// The end of the lease would cut short what still moves.
    private static func waitUntilStanding(
        _ steps: [BoardsRun.Step], _ session: inout HandSession
    ) throws(Failure) {
        let moving = steps.filter { ["pump", "move"].contains($0.kind) }
        let names = Set(moving.map(\.device)).sorted()
        let signals = Set(moving.map { ($0.kind == "pump" ? "pump." : "stepper.") + $0.device + ".status" }).sorted()
        guard !signals.isEmpty else { return }
        // What was told a moment ago must have been looked at since.
        var looks = 0
        _ = try session.wait(atMost: nil) { (session) throws(Failure) in
            if let trip = try session.trip() { throw trip }
            for name in names {
                let device = try session.call(DevicesGet.self, DevicesGet.Params(device: name)).device
                guard device.state != "ready" else { continue }
                throw .file("\(name) is \(device.state): \(device.detail ?? "no detail"); what still moved is stopped")
            }
            looks += 1
            return try session.values(signals).values.allSatisfy { $0.value == 0 } && looks > 2
        }
    }

    private static func show(
        _ result: BoardsRun.Result, _ steps: [BoardsRun.Step], _ json: JSONValue, _ context: Context
    ) throws(Failure) {
        guard !context.isJSON else { return Terminal.line(json.jsonText) }
        let rows = zip(steps, result.steps).sorted { $0.1.atS < $1.1.atS }.map { step, done in
            row(step) + [Show.number(done.lateS * 1000), Show.number(done.clockUncertaintyS * 1000)]
        }
        Terminal.write(
            TextTable.text(rows, header: ["at s", "device", "what", "late ms", "clock known to ms"]))
    }

    private static func row(_ step: BoardsRun.Step) -> [String] {
        [Show.number(step.atS, 3), step.device, TimedProgramFile.text(step)]
    }
}
