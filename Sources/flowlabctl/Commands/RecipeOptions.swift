import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Glibc
import Usage
import Wire

/// How a recipe is given on the command line.
enum RecipeOptions {
    static let options: [ArgumentParser.Option] = [
        .value("--temperature", "DEGC", "Of the heating plate."),
        .list(
            "--flow", "PUMP=UL_MIN …", "Flows; those that follow from the rules may be left out.", of: .named("flow")),
        .list(
            "--box", "INPUT=X …", "A point of the box instead, each input from 0 to 1; --x is the same.",
            of: .named("input")),
        .list("--x", "INPUT=X …", "The same as --box.", of: .named("input")),
        .flag("--references", "Take the dark and the reference spectra anew instead."),
        .value("--ramp", "K_MIN", "The plate's set point moves at most this fast; refused where no heater can do it."),
        .list("--valve", "VALVE=POSITION …", "Where valves stand; at home if left out.", of: .named("valve")),
        .value("--sample", "STATION", "Fill a cuvette with the measured product, and set it down there."),
        .value("--recipe", "FILE", "The recipe as JSON instead; - reads the standard input."),
    ]

    static func recipe(_ context: Context) throws(Failure) -> Recipe {
        let arguments = context.arguments
        let isBox = arguments.has("--box") || arguments.has("--x")
        let isFlows = arguments.has("--temperature") || arguments.has("--flow")
        let isFile = arguments.has("--recipe")
        let forms = [isBox, isFlows, isFile, arguments.has("--references")].count { $0 }
        guard forms <= 1 else {
            throw context.usage("give one of --temperature with --flow, --box, --references, --recipe")
        }
        if arguments.has("--ramp"), !isBox, !isFlows {
            throw context.usage("--ramp goes with --temperature or --box; a recipe file has its own ramp_k_min")
        }
        if arguments.has("--valve"), !isBox, !isFlows {
            throw context.usage("--valve goes with --temperature or --box; a recipe file has its own valves")
        }
        if arguments.has("--sample"), !isBox, !isFlows {
            throw context.usage("--sample goes with --temperature or --box; a recipe file has its own sample")
        }
        let sample = arguments.value("--sample").map { SampleWish(to: $0) }
        let valves = try positions(arguments.values("--valve"), context)
        if let file = arguments.value("--recipe") { return try read(file) }
        if arguments.has("--references") { return .references }
        let ramp = try context.number("--ramp", in: APILimits.ramps)
        if isBox {
            let x = try values(arguments.values("--box") + arguments.values("--x"), "--box", "temperature=0.5", context)
            return .box(BoxRecipe(x: x, rampKMin: ramp, valves: valves, sample: sample))
        }
        guard let temperature = try context.number("--temperature", in: -273.15...2000) else {
            throw context.usage("missing --temperature DEGC (or --box, --references, --recipe FILE)")
        }
        let flows = try values(arguments.values("--flow"), "--flow", "cui=80", context)
        return .flows(
            FlowsRecipe(
                temperatureC: temperature, flowsULMin: flows, rampKMin: ramp, valves: valves, sample: sample))
    }

    /// Words of the form NAME=NUMBER.
    static func values(
        _ words: [String], _ option: String, _ example: String, _ context: Context
    ) throws(Failure) -> [String: Double] {
        var values: [String: Double] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
                throw context.usage("\(option) is \"\(word)\", expected NAME=NUMBER as in \(option) \(example)")
            }
            guard values.updateValue(value, forKey: parts[0]) == nil else {
                throw context.usage("\(option) \(parts[0]) is given twice")
            }
        }
        return values
    }

    /// Words of the form VALVE=POSITION; nil without any.
    private static func positions(_ words: [String], _ context: Context) throws(Failure) -> [String: String]? {
        var positions: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw context.usage("--valve is \"\(word)\", expected VALVE=POSITION as in --valve feed_valve=loop")
            }
            guard positions.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw context.usage("--valve \(parts[0]) is given twice")
            }
        }
        return positions.isEmpty ? nil : positions
    }

    // MARK: Files

    private static func read(_ file: String) throws(Failure) -> Recipe {
        // Either the recipe or the params of a submit.
        let json = try JSONFile.read(file)
        let recipe = json["recipe"] ?? json
        do {
            try RecipeSchema.recipe.check(recipe)
        } catch {
            throw .file("\(file): in the recipe, \(error.text)")
        }
        return try JSONFile.decode(Recipe.self, recipe, file)
    }
}

/// JSON that a person gives.
enum JSONFile {
    static let longest = 4 << 20

    /// - Parameter file: `-` is the standard input.
    static func bytes(of file: String) throws(Failure) -> [UInt8] {
        guard let bytes = file == "-" ? standardInput() : FileManager.default.contents(atPath: file).map(Array.init)
        else {
            throw .file("\(file): cannot be read")
        }
        guard bytes.count <= longest else { throw .file("\(file): longer than \(longest) bytes") }
        return bytes
    }

    static func read(_ file: String) throws(Failure) -> JSONValue {
        let bytes = try bytes(of: file)
        let parsed: ParsedJSON
        do {
            parsed = try JSONParser.parse(bytes)
        } catch {
            throw .file("\(file): not JSON: \(error.detail), at byte \(error.offset)")
        }
        if let defect = parsed.defect { throw .file("\(file): \(defect)") }
        return parsed.value
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ json: JSONValue, _ file: String
    ) throws(Failure) -> Value {
        do {
            return try DaemonConnection.decode(type, json)
        } catch {
            throw .file("\(file): \(error)")
        }
    }

    private static func standardInput() -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= longest {
            let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
