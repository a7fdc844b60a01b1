import Configuration
import ControlAPI
import ControlClient
import Interlocks
import Usage
import Wire

/// The cause-and-effect matrix on paper, for the people who review it.
enum Matrix {
    private struct Row {
        let name: String
        let cause: String
        let effects: [String]
        let blocks: [String]
        let mayBypass: Bool
        let response: String
    }

    static func command(_ context: Context) throws(Failure) -> Int32 {
        let file = context.arguments.value("--config")
        let rows = if let file { try ofFile(file) } else { try ofDaemon(context) }
        let groups = EffectGroup.allCases.map(\.rawValue)
        let header = ["interlock", "trips when"] + groups + ["blocks", "bypass", "response"]
        let cells = rows.map { row in
            [row.name, row.cause] + groups.map { row.effects.contains($0) ? "X" : "" }
                + [row.blocks.joined(separator: " "), row.mayBypass ? "technician" : "never", row.response]
        }
        if context.arguments.has("--csv") {
            Terminal.write(CSV.row(header) + cells.map { CSV.row($0.map(CSV.defused)) }.joined())
        } else {
            // The responses are sentences: below the table each has a line.
            Terminal.write(TextTable.text(cells.map { $0.dropLast() }.map(Array.init), header: header.dropLast()))
            for row in rows { Terminal.line("\(Terminal.clean(row.name)): \(Terminal.clean(row.response))") }
        }
        return ExitCode.done
    }

    private static func ofFile(_ file: String) throws(Failure) -> [Row] {
        do throws(ConfigurationError) {
            return try BenchFile.load(path: file).definition.interlocks.map { rule in
                Row(
                    name: rule.name.text, cause: rule.cause.text, effects: rule.effects.map(\.rawValue),
                    blocks: rule.blocks.map(\.rawValue), mayBypass: rule.mayBypass, response: rule.response)
            }
        } catch {
            throw .file(error.description)
        }
    }

    private static func ofDaemon(_ context: Context) throws(Failure) -> [Row] {
        let json = try context.answer(context.connect(), InterlocksList.self, Empty())
        return try context.decoded(InterlocksList.Result.self, json).interlocks.map { row in
            Row(
                name: row.interlock, cause: row.cause, effects: row.effects, blocks: row.blocks,
                mayBypass: row.mayBypass, response: row.response)
        }
    }
}
