import ControlAPI
import ControlClient
import Glibc
import Quantities
import RecordingFiles
import Usage
import Wire

extension Command {
    static let recorder = Command(
        "recorder", "The flight recorder: what is kept, keep the last minutes, or read what went over the wire.",
        operands: ["[list|dump|show]", ArgumentParser.Operand("[PATH]", of: .file)],
        options: [
            .value("--reason", "TEXT", "With dump: why; kept with the recording and in the audit."),
            .value("--link", "LINK", "With show: only this link of the bench file, by its name."),
            .value(
                "--since", "TIME", "With show: from this time on, as 2026-11-20T12:00:00Z, or how long ago, as 10min."),
            .value("--last", "TIME", "With show: the last 60s, 10min and so on before the recording's end."),
            .flag("--all", "With show: whole messages, and what only replaying needs."),
        ],
        examples: [
            "recorder list", "recorder dump --reason 'the plate smelt'",
            "recorder show /var/lib/flowlab/nanocrystal/recorder --last 60s",
            "recorder show /var/lib/flowlab/nanocrystal/recordings/20261120T020512.114Z-plate-over-temperature "
                + "--link heater --last 60s",
        ],
        notes: """
            show reads files and asks no daemon. A line is: time in UTC, seconds since the daemon started, link, -> to
            the device or <- from it, and the bytes as text with escapes or as hex; Modbus is told in words.
            """
    ) { (context) throws(Failure) in
        let operands = context.operands
        switch (operands.first ?? "list", operands.count) {
        case ("list", 0...1): return try listRecordings(context)
        case ("dump", 1): return try dumpRecorder(context)
        case ("show", 2):
            var show = try RecorderShow(context, path: operands[1])
            return try show.run()
        case ("show", _): throw context.usage("show needs the PATH of a recording; see flowlabctl recorder list")
        default: throw context.usage("\"\(operands.joined(separator: " "))\", expected list, dump or show PATH")
        }
    }

    private static func listRecordings(_ context: Context) throws(Failure) -> Int32 {
        try context.ask(RecorderList.self, Empty()) { result in
            let size = "\(Show.number(Double(result.bytes) / 1e6, 1)) of \(result.limitBytes / 1_000_000) MB"
            if let trouble = result.trouble {
                Terminal.line("nothing is recorded: \(Terminal.clean(trouble))")
            } else {
                Terminal.line(
                    result.recording ? "recording, \(size), in \(Terminal.clean(result.ring))" : "the recorder is off")
            }
            if result.lostRecords > 0 { Terminal.line("\(result.lostRecords) records were lost since the start") }
            guard !result.kept.isEmpty else { return Terminal.line("nothing is kept") }
            let rows = result.kept.map {
                [$0.recording, "\(Show.number(Double($0.bytes) / 1e6, 1)) MB", $0.reason]
            }
            Terminal.write(TextTable.text(rows, header: ["recording", "size", "reason"]))
            Terminal.line("they are in \(Terminal.clean(result.directory))")
        }
    }

    /// Looks until it is there: the daemon writes it a moment after it has said yes.
    private static func dumpRecorder(_ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        let params = RecorderDump.Params(reason: context.arguments.value("--reason"))
        let json = try context.answer(daemon, RecorderDump.self, params)
        let name = try context.decoded(RecorderDump.Result.self, json).recording
        for _ in 0..<looks {
            let listed = try context.answer(daemon, RecorderList.self, Empty())
            let list = try context.decoded(RecorderList.Result.self, listed)
            if list.kept.contains(where: { $0.recording == name }) {
                Terminal.line(
                    context.isJSON ? json.jsonText : "kept as \(Terminal.clean("\(list.directory)/\(name)"))")
                return ExitCode.done
            }
            usleep(lookMicroseconds)
        }
        Terminal.note("\(Terminal.clean(name)) is not there yet; look at the daemon's journal\n")
        return ExitCode.failed
    }

    /// Five seconds in all.
    private static let looks = 50
    private static let lookMicroseconds: UInt32 = 100_000
}
