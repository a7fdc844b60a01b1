import Usage

/// The command line of `flowlabd`.
struct Options {
    var configuration: String
    var endpoints: String?
    var stateDirectory: String?
    var socket: String?
    var mode = Mode.serve
    var isVerbose = false

    enum Mode: Equatable {
        case serve
        case check
        case safeState(SafeStateOptions)
        case replay(String)
    }

    struct SafeStateOptions: Equatable {
        var isForced = false
        var asJSON = false
        /// Only where the service manager says that the daemon did not end cleanly.
        var isAfterService = false
    }

    enum Parsed {
        case run(Options)
        /// To be printed, and no more.
        case say(Saying)
        case wrong(String)
    }

    enum Saying { case help, version, reference, manual, catalog }

    static let exitStatus = [
        ExitStatus(0, "ended as asked; of --safe-state: every device has shown its safe state"),
        ExitStatus(1, "could not run or go on; of --replay: a write differs"), ExitStatus(2, "wrong usage"),
        ExitStatus(SafeState.unsafe, "of --safe-state: a device was not reached, or did not show its safe state"),
        ExitStatus(SafeState.refused, "of --safe-state: refused, because somebody lives who has the bench"),
        ExitStatus(ReplayRun.refused, "of --replay: the recording cannot be replayed"),
        ExitStatus(78, "the bench file is not right"),
    ]

    static let parser = ArgumentParser(
        "flowlabd",
        summary: "Owns the devices of one bench, keeps it safe, runs experiments and serves the control API.",
        form: "--config FILE [options]",
        options: [
            .value("--config", "FILE", "The bench file (see docs/bench-file.md)."),
            .flag("--check-config", "Check the bench file, say everything that is wrong with it, and end."),
            .value(
                "--endpoints", "FILE", "Ports and paths of the links, as flowlab-sim writes them (simulated benches)."),
            .value("--state", "DIR", "Where the archive lives; else the bench file's, else /var/lib/flowlab/BENCH."),
            .value(
                "--socket", "PATH",
                "The control socket; else the bench file's, else /run/flowlab/BENCH/control.sock."),
            .flag(
                "--safe-state",
                "After the daemon's death: bring every device to its safe state within 2 s, tell what each showed, end."
            ),
            .flag("--force", "With --safe-state: kill a daemon that hangs and has the bench, then go on."),
            .flag("--json", "With --safe-state: what it found as one line of JSON."),
            .flag(
                "--after-service",
                "With --safe-state, in ExecStopPost= of a unit: do nothing where $SERVICE_RESULT says that the daemon ended cleanly."
            ),
            .value(
                "--replay", "PATH",
                "Feed what the flight recorder kept to this daemon's code, compare every write, and end; touches nothing."
            ),
            .flag("--verbose", "Log at debug level."),
            .flag("--print-api-reference", "Print the reference of the control API as Markdown, and end.").hidden,
            .flag("--print-manual", "Print flowlabd(8), and end.").hidden,
            .flag("--print-catalog", "Print the source of the journal's message catalog, and end.").hidden,
            .flag("--version", "Print the version, and end."),
        ], notes: ExitStatus.help(exitStatus))

    static func parse(_ words: [String]) -> Parsed {
        let arguments: Arguments
        do {
            arguments = try parser.parse(words)
        } catch {
            return .wrong(error.detail)
        }
        let sayings: [(String, Saying)] = [
            ("--help", .help), ("--version", .version), ("--print-api-reference", .reference),
            ("--print-manual", .manual), ("--print-catalog", .catalog),
        ]
        if let saying = sayings.first(where: { arguments.has($0.0) }) { return .say(saying.1) }
        if let recording = arguments.value("--replay") { return replay(recording, arguments) }
        guard let configuration = arguments.value("--config") else { return .wrong("--config FILE is missing") }
        let mode: Mode
        do throws(Contradiction) {
            mode = try self.mode(arguments)
        } catch {
            return .wrong(error.text)
        }
        return .run(
            Options(
                configuration: configuration, endpoints: arguments.value("--endpoints"),
                stateDirectory: arguments.value("--state"), socket: arguments.value("--socket"),
                mode: mode, isVerbose: arguments.has("--verbose")))
    }

    /// The bench file is in the recording.
    private static func replay(_ recording: String, _ arguments: Arguments) -> Parsed {
        let others = ["--config", "--check-config", "--endpoints", "--state", "--socket", "--safe-state", "--force"]
        if let other = others.first(where: { arguments.has($0) || arguments.value($0) != nil }) {
            return .wrong("--replay stands alone: the recording holds the bench file, and \(other) is of no use")
        }
        return .run(Options(configuration: "", mode: .replay(recording)))
    }

    private struct Contradiction: Error { let text: String }

    private static func mode(_ arguments: Arguments) throws(Contradiction) -> Mode {
        guard arguments.has("--safe-state") else {
            for name in ["--force", "--json", "--after-service"] where arguments.has(name) {
                throw Contradiction(text: "\(name) is of use only with --safe-state")
            }
            return arguments.has("--check-config") ? .check : .serve
        }
        guard !arguments.has("--check-config") else {
            throw Contradiction(text: "--check-config and --safe-state exclude each other")
        }
        return .safeState(
            SafeStateOptions(
                isForced: arguments.has("--force"), asJSON: arguments.has("--json"),
                isAfterService: arguments.has("--after-service")))
    }
}
