import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Usage
import Wire

extension Command {
    static let experiments = Command(
        "experiments", "The last experiments, or all that is known of one.", operands: [.maybeExperiment],
        options: [
            .value(
                "--state", "STATE", "Only those in this state.",
                of: .words(ExperimentState.allCases.map(\.rawValue))),
            .value("--campaign", "ID", "Only those of this campaign.", of: .named("campaign")),
            .flag("--pending", "Only those that have not ended."),
            .value("--last", "N", "So many, the newest last; 20 if left out."),
        ],
        examples: [
            "experiments", "experiments e-000042", "experiments --pending",
            "experiments --campaign c-000001 --state failed",
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
            let params = ExperimentsList.Params(
                after: after, state: state, limit: APILimits.listedExperiments,
                campaign: context.arguments.value("--campaign"),
                pending: context.arguments.has("--pending") ? true : nil)
            let page = try context.answer(daemon, ExperimentsList.self, params)
            if case .array(let rows)? = page["experiments"] { kept = Array((kept + rows).suffix(count)) }
            after = page["next"]?.text
        } while after != nil
        if context.isJSON {
            Terminal.line(JSONValue.object(["experiments": .array(kept)]).jsonText)
        } else {
            Terminal.write(
                TextTable.text(
                    kept.map(row), header: ["experiment", "state", "since", "degC", "prio", "campaign", "key", "error"])
            )
        }
        return ExitCode.done
    }

    private static func row(_ summary: JSONValue) -> [String] {
        let error = summary["error"]
        let why = error?["kind"]?.text.map { "\($0): \(error?["detail"]?.text ?? "")" } ?? ""
        return [
            summary["experiment"]?.text ?? "", summary["state"]?.text ?? "", summary["since"]?.text ?? "-",
            Show.number(summary["temperature_c"]?.double), summary["priority"]?.double.map { Show.number($0, 0) } ?? "",
            summary["campaign"]?.text ?? "", summary["key"]?.text ?? "", why,
        ]
    }

    static let result = Command(
        "result", "Features and certificate of an experiment that is done.", operands: [.experiment],
        examples: ["result e-000042", "result e-000042 --json | jq .features.pl_peak.mean"]
    ) { (context) throws(Failure) in
        let reference = ExperimentReference(experiment: context.arguments.operands[0])
        return try context.ask(ExperimentsResult.self, reference) { result in
            Terminal.write(Describe.features(result.features) + Describe.certificate(result.certificate))
        }
    }

    static let spectra = Command(
        "spectra", "Stored spectra of an experiment.", operands: [.experiment],
        options: [
            .value("--csv", "FILE", "Write all samples there: one row a pixel."),
            .value("--device", "NAME", "Only those of this spectrometer.", of: .named("device")),
        ], examples: ["spectra e-000042", "spectra e-000042 --device spec_pl --csv pl.csv"]
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
        var csv = "spectrum,device,kind,time,integration_s,frames,wavelength_nm,value,unit\n"
        var rows: [[String]] = []
        for (index, one) in spectra.enumerated() {
            guard let wavelengths = SampleArray.decode(one.wavelengthsNM), let counts = SampleArray.decode(one.counts)
            else {
                throw .client(.notUnderstood(detail: "spectrum \(index + 1): arrays are not \("base64-f32le")"))
            }
            rows.append([
                "\(index + 1)", one.device, one.kind, one.time, Show.number(one.integrationS * 1000, 1),
                "\(one.frames)",
                "\(counts.count)", Show.number(counts.max().map(Double.init), one.unit == "counts" ? 0 : 2), one.unit,
            ])
            let head =
                "\(index + 1),\(field(one.device)),\(field(one.kind)),\(field(one.time)),\(one.integrationS),\(one.frames)"
            for (wavelength, count) in zip(wavelengths, counts) {
                csv += "\(head),\(wavelength),\(count),\(field(one.unit))\n"
            }
        }
        if let file = context.arguments.value("--csv") {
            guard FileManager.default.createFile(atPath: file, contents: Data(csv.utf8)) else {
                throw .file("\(file): cannot be written; is its directory there and writable?")
            }
        }
        if !context.isJSON {
            Terminal.write(
                TextTable.text(
                    rows,
                    header: ["", "device", "kind", "time", "integration ms", "frames", "pixels", "highest", "unit"])
            )
        }
        return ExitCode.done
    }

    private static func field(_ text: String) -> String { CSV.field(text) }
}
