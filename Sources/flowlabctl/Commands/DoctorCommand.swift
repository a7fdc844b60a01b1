import Configuration
import ControlClient
import Platform
import Usage

extension Command {
    private static let benchFiles = "/etc/flowlab"

    static let doctor = Command(
        "doctor", "Checks this host for what its benches need; says each finding, and what to do about it.",
        options: [
            .repeated("--config", "FILE", "A bench file; all of \(benchFiles)/*.toml if left out.", of: .file),
            .value("--user", "NAME", "The user whom the daemon runs as; flowlab if left out."),
            .value("--state", "DIR", "Of a single bench: its state directory, where the daemon has the option too."),
            .value("--endpoints", "FILE", "Of a single simulated bench: as for the daemon.", of: .file),
        ],
        examples: [
            "doctor", "doctor --config bench.toml --user \"$USER\"",
            "doctor --json | jq '.findings[]|select(.level==\"problem\")'",
        ],
        notes: """
            It changes nothing and opens no port. Each line is ok, note, warning, problem, or not looked at, where this user may
            not look or the host does not tell: run it as root to see all. The exit code is 1 when there are problems.
            """
    ) { (context) throws(Failure) in
        let files = try context.benchFiles(benchFiles)
        var findings = files.isEmpty ? [Doctor.noFile(in: benchFiles)] : []
        var benches: [(file: String, bench: BenchFile)] = []
        for file in files {
            do throws(ConfigurationError) {
                let bench = try BenchFile.load(path: file, endpoints: context.arguments.value("--endpoints"))
                findings.append(Doctor.readable(file, bench: bench.definition.name))
                benches.append((file, bench))
            } catch {
                findings += Doctor.unreadable(file, error.description.split(separator: "\n").map(String.init))
            }
        }
        let diagnosis = Diagnosis(findings + context.diagnose(benches))
        if context.isJSON {
            Terminal.line(diagnosis.json.jsonText)
        } else {
            for finding in diagnosis.findings { Terminal.line(Terminal.clean(finding.text)) }
            Terminal.line(diagnosis.summary)
        }
        return diagnosis.isWell ? ExitCode.done : ExitCode.failed
    }
}

extension Context {
    fileprivate func benchFiles(_ directory: String) throws(Failure) -> [String] {
        let named = arguments.values("--config")
        let names = HostLook.names(in: directory) ?? []
        let files = named.isEmpty ? names.filter { $0.hasSuffix(".toml") }.map { "\(directory)/\($0)" } : named
        for option in ["--state", "--endpoints", "--socket"] where arguments.value(option) != nil && files.count > 1 {
            throw usage("\(option) is of one bench, and here are \(files.count); name one with --config FILE")
        }
        return files
    }

    fileprivate func diagnose(_ benches: [(file: String, bench: BenchFile)]) -> [Finding] {
        let groups = Set(benches.flatMap { $0.bench.roles.values.flatMap { $0 } })
        let host = HostGathering.facts(user: arguments.value("--user") ?? "flowlab", groups: groups)
        let facts = benches.map { file, bench in
            BenchGathering(
                file: file, bench: bench, socket: arguments.value("--socket"), state: arguments.value("--state"),
                user: host.daemonUser.value
            ).facts
        }
        return Doctor.diagnose(host, facts)
    }
}
