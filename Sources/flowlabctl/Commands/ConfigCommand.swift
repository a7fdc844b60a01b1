import Configuration
import ControlClient
import Wire

extension Command {
    static let config = Command(
        "config", "Checks a bench file; speaks to no daemon.", operands: ["check", "FILE"],
        examples: ["config check /etc/flowlab/nanocrystal.toml", "config check bench.toml --json"]
    ) { (context) throws(Failure) in
        let operands = context.arguments.operands
        guard operands[0] == "check" else { throw context.usage("\"\(operands[0])\", expected check FILE") }
        do throws(ConfigurationError) {
            let bench = try BenchFile.load(path: operands[1])
            say(context, problems: [], "\(operands[1]): bench \(bench.definition.name), all is well")
            return ExitCode.done
        } catch {
            say(context, problems: error.description.split(separator: "\n").map(String.init), "")
            return ExitCode.configuration
        }
    }

    private static func say(_ context: Context, problems: [String], _ praise: String) {
        if context.isJSON {
            let list = problems.map { JSONValue.string($0) }
            Terminal.line(JSONValue.object(["valid": .bool(problems.isEmpty), "problems": .array(list)]).jsonText)
        } else if problems.isEmpty {
            Terminal.line(Terminal.clean(praise))
        } else {
            for problem in problems { Terminal.note(Terminal.clean(problem) + "\n") }
        }
    }
}
