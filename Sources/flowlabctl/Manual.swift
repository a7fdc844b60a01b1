import ControlClient
import Usage

/// flowlabctl(1), made of the commands as they are.
enum Manual {
    static var page: ManPage {
        ManPage(
            "flowlabctl", volume: 1, summary: "look at a flowlab bench and work it",
            [
                ManPage.synopsis([
                    "flowlabctl COMMAND [options]", "flowlabctl COMMAND --help", "flowlabctl help",
                    "flowlabctl --version",
                ]),
                ManPage.Section("DESCRIPTION", [.text(description)]),
                ManPage.Section("COMMANDS", commands),
                ManPage.Section("OPTIONS OF ALL COMMANDS", ArgumentParser.blocks(of: Command.common)),
                ManPage.exitStatus(ExitCode.all),
                ManPage.names(
                    "ENVIRONMENT", [(SocketPath.variable, "The daemon's socket, where `--socket` does not name one.")]),
                ManPage.names(
                    "FILES",
                    [
                        (
                            "\(SocketPath.directory)/BENCH/control.sock",
                            "The socket of the daemon of BENCH. The only one is found."
                        )
                    ]),
                ManPage.examples(examples),
                ManPage.seeAlso(["flowlabd(8)", "flowlab-optimize(1)", "flowlab-sim(1)"]),
            ])
    }

    private static let description = """
        The technician's door to a bench. It speaks to `flowlabd`(8) through its control socket and knows nothing but the \
        control API; whoever may call what is decided by the daemon, by Unix groups. `stop-all` is for everybody.
        """

    private static var commands: [ManPage.Block] {
        let common = ["--json", "--socket", "--help"]
        return Program.groups.flatMap { group -> [ManPage.Block] in
            [.heading(ManPage.capitalised(group.title))]
                + group.commands.map { $0.parser.commandBlock($0.name, without: common, notes: $0.notes) }
        }
    }

    private static var examples: [(text: String, lines: String)] {
        Program.groups.flatMap(\.commands).filter { !$0.parser.examples.isEmpty }.map {
            ("Of `\($0.name)`:", $0.parser.examples.joined(separator: "\n"))
        }
    }
}
