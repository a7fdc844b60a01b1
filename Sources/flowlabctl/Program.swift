import ControlAPI
import ControlClient
import Glibc
import Usage
import Wire

/// The technician's door to a daemon. It knows nothing but the control API.
@main enum Program {
    static let groups: [(title: String, commands: [Command])] = [
        ("the bench", [.status, .watch, .devices, .signals, .history, .events, .metrics]),
        ("safety", [.stopAll, .interlocks, .alarms, .proofTest, .audit]),
        ("experiments", [.recipes, .plan, .submit, .experiments, .campaigns, .hold, .release, .cancel, .abandon]),
        ("results", [.results, .result, .spectra, .attach, .export]),
        ("consumables", [.reagents, .references, .stations]),
        (
            "by hand",
            [
                .maintenance, .jog, .prime, .purge, .refill, .calibrate, .heater, .look, .valve, .robot, .stepper, .gas,
                .light, .board, .program, .analyze, .stop, .leases,
            ]
        ),
        ("files", [.config, .reload, .doctor, .udev, .recorder, .completion]),
    ]
    static var commands: [Command] { groups.flatMap(\.commands) }

    static func main() {
        let code = run(Array(CommandLine.arguments.dropFirst()))
        guard code == ExitCode.done, let trouble = Terminal.outputTrouble else { exit(code) }
        exit(complain("the output is not complete: \(trouble)", ExitCode.failed))
    }

    static func run(_ arguments: [String]) -> Int32 {
        switch arguments.first {
        case "__complete":
            for line in Completer(commands: commands).lines(Array(arguments.dropFirst())) { Terminal.line(line) }
            return ExitCode.done
        case "--version":
            Terminal.line("flowlabctl \(APIVersion.program) (api \(APIVersion.api))")
            return ExitCode.done
        case "--print-manual":
            Terminal.write(Manual.page.roff)
            return ExitCode.done
        default: return work(arguments)
        }
    }

    private static func work(_ arguments: [String]) -> Int32 {
        guard let name = arguments.first, name != "--help", name != "help" else {
            if let named = arguments.dropFirst().first, let command = command(named) {
                Terminal.write(command.parser.help)
            } else {
                Terminal.write(help)
            }
            return arguments.isEmpty ? ExitCode.usage : ExitCode.done
        }
        guard let command = command(name) else {
            let near = NearNames.to(name, among: commands.map(\.name))
            let also = near.isEmpty ? "see flowlabctl --help" : "did you mean \(near.joined(separator: " or "))?"
            return complain("flowlabctl: no command \"\(name)\"; \(also)", ExitCode.usage)
        }
        do throws(Failure) {
            let arguments = try parse(command, Array(arguments.dropFirst()))
            if arguments.has("--help") {
                Terminal.write(command.parser.help)
                return ExitCode.done
            }
            return try command.run(Context(arguments: arguments))
        } catch {
            if name == Command.stopAll.name, case .usage = error {
                Command.stopUnderstoodOrNot(Array(arguments.dropFirst()))
            }
            return report(error)
        }
    }

    private static func command(_ name: String) -> Command? { commands.first { $0.name == name } }

    private static func parse(_ command: Command, _ words: [String]) throws(Failure) -> Arguments {
        do {
            return try command.parser.parse(words)
        } catch {
            throw .usage(error)
        }
    }

    private static var help: String {
        let rows = groups.flatMap { group in
            [["\(group.title):", ""]] + group.commands.map { ["  \($0.name)", $0.parser.summary] }
        }
        return """
            usage: flowlabctl COMMAND [options]

            Looks at a flowlab bench and works it, through its daemon's control socket.

            \(TextTable.text(rows))
            flowlabctl COMMAND --help says more of each, with examples. --json gives the daemon's answer as JSON,
            --socket PATH or $\(SocketPath.variable) name the daemon. flowlabctl --version says the version.
            \(ExitCode.help)

            """
    }

    // MARK: When it goes wrong

    private static func report(_ failure: Failure) -> Int32 {
        switch failure {
        case .usage(let error): return complain(error.description, ExitCode.usage)
        case .file(let detail): return complain(detail, ExitCode.failed)
        case .client(let error):
            let code = complain(error.description, ExitCode.of(error))
            if case .refused(let refusal) = error { explain(refusal) }
            if case .outcomeUnknown(_, let method, _) = error {
                Terminal.note("what now: \(ClientError.look(after: method))\n")
            }
            return code
        }
    }

    private static func explain(_ refusal: APIError) {
        if let device = refusal.device { Terminal.note("device: \(Terminal.clean(device))\n") }
        if !refusal.problems.isEmpty { Terminal.note(Describe.problems(refusal.problems)) }
        if !refusal.hint.isEmpty {
            Terminal.note("what now: \(Terminal.clean(Describe.forTechnician(refusal.hint)))\n")
        }
    }

    private static func complain(_ text: String, _ code: Int32) -> Int32 {
        Terminal.note(Terminal.clean(text) + "\n")
        return code
    }
}
