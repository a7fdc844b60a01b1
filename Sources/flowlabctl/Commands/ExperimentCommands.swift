import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Wire

extension Command {
    static let plan = Command(
        "plan", "What the daemon would do about a recipe; changes nothing.", options: RecipeOptions.options,
        notes: "flowlabctl plan --temperature 140 --flow cui=80 --flow oa_cui=10 --flow ode_cui=60 --flow cs_oleate=80"
    ) { (context) throws(Failure) in
        let recipe = try RecipeOptions.recipe(context)
        let json = try context.answer(context.connect(), ExperimentsPlan.self, ExperimentsPlan.Params(recipe: recipe))
        let plan = try context.decoded(PlanReport.self, json)
        if context.isJSON { Terminal.line(json.jsonText) } else { Terminal.write(Describe.plan(plan)) }
        return plan.feasible ? ExitCode.done : ExitCode.infeasible
    }

    static let experiments = Command(
        "experiments", "The last experiments, or all that is known of one.", operands: ["[ID]"],
        options: [
            .value("--state", "STATE", "Only those in this state."),
            .value("--last", "N", "So many, the newest last; 20 if left out."),
        ]
    ) { (context) throws(Failure) in
        if let id = context.arguments.operands.first {
            return try context.ask(ExperimentsGet.self, ExperimentReference(experiment: id)) { record in
                Terminal.write(Describe.experiment(record))
            }
        }
        return try list(context)
    }

    private static func list(_ context: Context) throws(Failure) -> Int32 {
        let count = try context.integer("--last", in: 1...100_000) ?? 20
        let state = try context.arguments.value("--state").map { (word) throws(Failure) in
            guard let state = ExperimentState(rawValue: word) else {
                let words = ExperimentState.allCases.map(\.rawValue).joined(separator: ", ")
                throw context.usage("--state is \"\(word)\", expected one of \(words)")
            }
            return state
        }
        let daemon = try context.connect()
        var kept: [JSONValue] = []
        var after: String?
        repeat {
            let params = ExperimentsList.Params(after: after, state: state, limit: APILimits.listedExperiments)
            let page = try context.answer(daemon, ExperimentsList.self, params)
            if case .array(let rows)? = page["experiments"] { kept = Array((kept + rows).suffix(count)) }
            after = page["next"]?.text
        } while after != nil
        if context.isJSON {
            Terminal.line(JSONValue.object(["experiments": .array(kept)]).jsonText)
        } else {
            Terminal.write(
                TextTable.text(kept.map(row), header: ["experiment", "state", "since", "degC", "key", "error"]))
        }
        return ExitCode.done
    }

    private static func row(_ summary: JSONValue) -> [String] {
        let error = summary["error"]
        let why = error?["kind"]?.text.map { "\($0): \(error?["detail"]?.text ?? "")" } ?? ""
        return [
            summary["experiment"]?.text ?? "", summary["state"]?.text ?? "", summary["since"]?.text ?? "-",
            Show.number(summary["temperature_c"]?.double), summary["key"]?.text ?? "", why,
        ]
    }

    static let cancel = Command("cancel", "Cancels an experiment.", operands: ["ID"]) { (context) throws(Failure) in
        let reference = ExperimentReference(experiment: context.arguments.operands[0])
        return try context.ask(ExperimentsCancel.self, reference) { result in
            Terminal.line("\(Terminal.clean(result.experiment)) is \(result.state.rawValue)")
        }
    }

    static let result = Command("result", "Features and certificate of an experiment that is done.", operands: ["ID"]) {
        (context) throws(Failure) in
        let reference = ExperimentReference(experiment: context.arguments.operands[0])
        return try context.ask(ExperimentsResult.self, reference) { result in
            Terminal.write(Describe.features(result.features) + Describe.certificate(result.certificate))
        }
    }

    static let spectra = Command(
        "spectra", "Stored spectra of an experiment.", operands: ["ID"],
        options: [
            .value("--csv", "FILE", "Write all samples there: one row a pixel."),
            .value("--device", "NAME", "Only those of this spectrometer."),
        ]
    ) { (context) throws(Failure) in
        let daemon = try context.connect()
        let id = context.arguments.operands[0]
        var spectra: [ExperimentsSpectra.Spectrum] = []
        var page = 1
        while true {
            let params = ExperimentsSpectra.Params(
                experiment: id, device: context.arguments.value("--device"), page: page)
            let json = try context.answer(daemon, ExperimentsSpectra.self, params)
            if context.isJSON { Terminal.line(json.jsonText) }
            let result = try context.decoded(ExperimentsSpectra.Result.self, json)
            spectra += result.spectra
            page += 1
            if page > result.pages { break }
        }
        return try show(spectra, context)
    }

    private static func show(_ spectra: [ExperimentsSpectra.Spectrum], _ context: Context) throws(Failure) -> Int32 {
        var csv = "spectrum,device,kind,time,integration_s,frames,wavelength_nm,counts\n"
        var rows: [[String]] = []
        for (index, one) in spectra.enumerated() {
            guard let wavelengths = SampleArray.decode(one.wavelengthsNM), let counts = SampleArray.decode(one.counts)
            else {
                throw .client(.notUnderstood(detail: "spectrum \(index + 1): arrays are not \("base64-f32le")"))
            }
            rows.append([
                "\(index + 1)", one.device, one.kind, one.time, Show.number(one.integrationS * 1000, 1),
                "\(one.frames)",
                "\(counts.count)", Show.number(counts.max().map(Double.init), 0),
            ])
            let head =
                "\(index + 1),\(field(one.device)),\(field(one.kind)),\(field(one.time)),\(one.integrationS),\(one.frames)"
            for (wavelength, count) in zip(wavelengths, counts) { csv += "\(head),\(wavelength),\(count)\n" }
        }
        if let file = context.arguments.value("--csv") {
            guard FileManager.default.createFile(atPath: file, contents: Data(csv.utf8)) else {
                throw .file("\(file): cannot be written; is its directory there and writable?")
            }
        }
        if !context.isJSON {
            Terminal.write(
                TextTable.text(
                    rows, header: ["", "device", "kind", "time", "integration ms", "frames", "pixels", "highest count"])
            )
        }
        return ExitCode.done
    }

    private static func field(_ text: String) -> String { CSV.field(text) }
}
