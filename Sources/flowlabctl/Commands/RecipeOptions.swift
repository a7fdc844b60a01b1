import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Glibc
import Wire

/// How a recipe is given on the command line.
enum RecipeOptions {
    static let options: [ArgumentParser.Option] = [
        .value("--temperature", "DEGC", "Of the heating plate."),
        .repeated("--flow", "PUMP=UL_MIN", "Flow of one pump; those that follow from the rules may be left out."),
        .value("--recipe", "FILE", "The recipe as JSON instead; - reads the standard input."),
    ]
    static let longestFile = 64 << 10

    static func recipe(_ context: Context) throws(Failure) -> Recipe {
        if let file = context.arguments.value("--recipe") {
            guard !context.arguments.has("--temperature"), !context.arguments.has("--flow") else {
                throw context.usage("--recipe stands alone; leave out --temperature and --flow")
            }
            return try read(file)
        }
        guard let temperature = try context.number("--temperature", in: -273.15...2000) else {
            throw context.usage("missing --temperature DEGC (or --recipe FILE)")
        }
        var flows: [String: Double] = [:]
        for text in context.arguments.values("--flow") {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let flow = Double(parts[1]), flow.isFinite else {
                throw context.usage("--flow is \"\(text)\", expected PUMP=UL_MIN as in --flow cui=80")
            }
            guard flows.updateValue(flow, forKey: parts[0]) == nil else {
                throw context.usage("--flow \(parts[0]) is given twice")
            }
        }
        return .flows(FlowsRecipe(temperatureC: temperature, flowsULMin: flows))
    }

    private static func read(_ file: String) throws(Failure) -> Recipe {
        guard let bytes = file == "-" ? standardInput() : FileManager.default.contents(atPath: file).map(Array.init)
        else {
            throw .file("\(file): cannot be read")
        }
        guard bytes.count <= longestFile else { throw .file("\(file): longer than \(longestFile) bytes") }
        let parsed: ParsedJSON
        do {
            parsed = try JSONParser.parse(bytes)
        } catch {
            throw .file("\(file): not JSON: \(error.detail), at byte \(error.offset)")
        }
        // Either the recipe or the params of a submit.
        return try decode(parsed.value["recipe"] ?? parsed.value, file)
    }

    private static func decode(_ json: JSONValue, _ file: String) throws(Failure) -> Recipe {
        do {
            try RecipeSchema.recipe.check(json)
        } catch {
            throw .file("\(file): in the recipe, \(error.text)")
        }
        do {
            return try DaemonConnection.decode(Recipe.self, json)
        } catch {
            throw .file("\(file): \(error)")
        }
    }

    private static func standardInput() -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= longestFile {
            let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
