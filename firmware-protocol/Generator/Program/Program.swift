import DictionaryTables
import FoundationEssentials
import Glibc
import Usage
import Wire

/// Makes the tables of the board protocol for both sides from its dictionary.
@main enum Program {
    private static let parser = ArgumentParser(
        "board-dictionary", summary: "Makes the board protocol's tables, in C and Swift, from its dictionary.",
        options: [
            .flag("--check", "Write nothing; say what is not current, and end with status 1 if anything is."),
            .value("--root", "DIR", "The checkout. Default: the current directory."),
        ], examples: ["board-dictionary --check"])

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func main() {
        do {
            let arguments = try parser.parse(Array(CommandLine.arguments.dropFirst()))
            if arguments.has("--help") { return print(parser.help, terminator: "") }
            let root = arguments.value("--root") ?? "."
            let dictionary = try ProtocolDictionary(readJSON("\(root)/firmware-protocol/dictionary.json"))
            let present = try swiftFiles(root)
            if arguments.has("--check") {
                try check(dictionary, present, root)
            } else {
                try write(dictionary, present, root)
            }
            let messages = "\(dictionary.requests.count) requests, \(dictionary.events.count) events"
            print("board-dictionary: \(messages), hash \(String(dictionary.hash, radix: 16))")
        } catch let error as UsageError {
            fail(error.description, status: 2)
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func readJSON(_ path: String) throws -> JSONValue {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "\(path) cannot be read; run this in the checkout, or say --root DIR")
        }
        do {
            return try JSONDecoder().decode(JSONValue.self, from: data)
        } catch {
            throw Failure(description: "\(path) is no JSON: \(error)")
        }
    }

    /// Below the root.
    private static func swiftFiles(_ root: String) throws -> [String] {
        let folder = "\(root)/\(GeneratedFile.swiftFolder)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try FileManager.default.contentsOfDirectory(atPath: folder).map {
            "\(GeneratedFile.swiftFolder)/\($0)"
        }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func check(_ dictionary: ProtocolDictionary, _ present: [String], _ root: String) throws {
        let differences = GeneratedFile.differences(of: dictionary, present: present) { text("\(root)/\($0)") }
        guard differences.isEmpty else { throw Failure(description: differences.joined(separator: "\n")) }
    }

    /// Only what has changed, so that nothing else is built anew.
    private static func write(_ dictionary: ProtocolDictionary, _ present: [String], _ root: String) throws {
        let files = GeneratedFile.all(of: dictionary)
        for file in files where text("\(root)/\(file.path)") != file.text {
            try Data(file.text.utf8).write(to: URL(filePath: "\(root)/\(file.path)"))
        }
        for path in present where !files.contains(where: { $0.path == path }) {
            try FileManager.default.removeItem(atPath: "\(root)/\(path)")
        }
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        let line = Array("board-dictionary: \(text)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
        exit(status)
    }
}
