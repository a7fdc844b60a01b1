import Usage

/// The command line of `flowlabd`.
struct Options {
    var configuration: String
    var endpoints: String?
    var stateDirectory: String?
    var socket: String?
    var checkOnly = false
    var isVerbose = false

    enum Parsed {
        case run(Options)
        /// To be printed, and no more.
        case say(Saying)
        case wrong(String)
    }

    enum Saying { case help, version, reference, manual }

    static let exitStatus = [
        ExitStatus(0, "ended as asked"), ExitStatus(1, "could not run or go on"), ExitStatus(2, "wrong usage"),
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
            .flag("--verbose", "Log at debug level."),
            .flag("--print-api-reference", "Print the reference of the control API as Markdown, and end.").hidden,
            .flag("--print-manual", "Print flowlabd(8), and end.").hidden,
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
            ("--print-manual", .manual),
        ]
        if let saying = sayings.first(where: { arguments.has($0.0) }) { return .say(saying.1) }
        guard let configuration = arguments.value("--config") else { return .wrong("--config FILE is missing") }
        return .run(
            Options(
                configuration: configuration, endpoints: arguments.value("--endpoints"),
                stateDirectory: arguments.value("--state"), socket: arguments.value("--socket"),
                checkOnly: arguments.has("--check-config"), isVerbose: arguments.has("--verbose")))
    }
}
