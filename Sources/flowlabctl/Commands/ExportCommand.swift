import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Usage
import Wire

extension Command {
    static let export = Command(
        "export", "Everything that was measured as CSV files, for pandas, R or a spreadsheet.", operands: ["DIR"],
        options: [
            .value("--campaign", "ID", "Only the experiments of this campaign.", of: .named("campaign")),
            .flag("--force", "Write into a directory that is not empty; files of the same name are replaced."),
        ], examples: ["export data", "export data --campaign c-000001 --force"],
        notes: """
            DIR/experiments.csv    one row an experiment: requested, executed, measured, features, certificate, error
            DIR/transitions.csv    when each experiment came into each state
            DIR/reagents.csv       refills, emptied waste, and volumes charged after a crash
            DIR/alarms.csv         every alarm and trip, from when to when, and who knew of it
            DIR/events.csv         everything that subscribers were told
            DIR/audit.csv          who changed what
            DIR/spectra/           spectrum,wavelength_nm,value: a file an experiment, spectrometer and kind
            DIR/spectra/index.csv  a row a spectrum: file, experiment, device, kind, unit, time, integration_s, frames
            DIR/export.json        of which bench, when, and how much; written last, when all else is there
            Each file appears whole or not at all.
            """
    ) { (context) throws(Failure) in
        var exporter = try Exporter(context)
        return try exporter.run()
    }
}

/// Writes one export.
private struct Exporter {
    static let longestSummary = APILimits.listedExperiments

    private let context: Context
    private let directory: String
    private let campaign: String?
    private let daemon: LastingConnection
    private var spectra = TidySpectra()
    private var experiments = 0
    private var progress = ProgressLine()

    init(_ context: Context) throws(Failure) {
        self.context = context
        directory = context.operands[0]
        campaign = context.arguments.value("--campaign")
        try ClientFile.makeDirectory(directory, mayHold: context.arguments.has("--force"))
        daemon = try context.connect()
    }

    mutating func run() throws(Failure) -> Int32 {
        let hello = try context.decoded(
            SystemHello.Result.self, try context.answer(daemon, SystemHello.self, .init(client: "flowlabctl export")))
        try write(table(.experiments, campaign), to: "experiments.csv")
        try write(table(.transitions, campaign), to: "transitions.csv")
        for all in [ExportTable.reagents, .alarms, .events, .audit] {
            try write(table(all, nil), to: "\(all.rawValue).csv")
        }
        try ClientFile.makeDirectory("\(directory)/\(TidySpectra.folder)", mayHold: true)
        try exportSpectra()
        try write(spectra.index, to: "\(TidySpectra.folder)/index.csv")
        let summary = summary(hello)
        try write(summary.jsonText + "\n", to: "export.json")
        progress.finish()
        if context.isJSON {
            Terminal.line(summary.jsonText)
        } else {
            Terminal.line("\(experiments) experiments and \(spectra.count) spectra are in \(Terminal.clean(directory))")
        }
        return ExitCode.done
    }

    private func summary(_ hello: SystemHello.Result) -> JSONValue {
        .object([
            "bench": .string(hello.bench), "simulated": .bool(hello.simulated), "daemon": .string(hello.daemon),
            "api": .string(hello.api), "time": .string(Clock.wall.rfc3339),
            "campaign": campaign.map(JSONValue.string) ?? .null, "experiments": .integer(Int64(experiments)),
            "spectra": .integer(Int64(spectra.count)),
        ])
    }

    private func write(_ text: String, to name: String) throws(Failure) {
        try ClientFile.write(text, to: "\(directory)/\(name)")
    }

    private func table(_ table: ExportTable, _ campaign: String?) throws(Failure) -> String {
        var whole = CSVTable()
        var page = 1
        while true {
            let params = ArchiveExport.Params(table: table, campaign: campaign, page: page)
            let json = try context.answer(daemon, ArchiveExport.self, params)
            let result = try context.decoded(ArchiveExport.Result.self, json)
            whole.append(page: result.csv)
            if page >= result.pages { return whole.text }
            page += 1
        }
    }

    // MARK: Spectra

    private mutating func exportSpectra() throws(Failure) {
        var after: String?
        repeat {
            let params = ExperimentsList.Params(after: after, limit: Self.longestSummary, campaign: campaign)
            let json = try context.answer(daemon, ExperimentsList.self, params)
            let page = try context.decoded(ExperimentsList.Result.self, json)
            for summary in page.experiments {
                experiments += 1
                progress.show("\(summary.experiment), \(spectra.count) spectra", phase: "spectra")
                if summary.origin == .bench, !summary.state.isWaiting { try exportSpectra(of: summary) }
            }
            after = page.next
        } while after != nil
    }

    private mutating func exportSpectra(of summary: ExperimentsList.Summary) throws(Failure) {
        var all: [ExperimentsSpectra.Spectrum] = []
        var page = 1
        while true {
            let params = ExperimentsSpectra.Params(experiment: summary.experiment, page: page)
            let json = try context.answer(daemon, ExperimentsSpectra.self, params)
            let result = try context.decoded(ExperimentsSpectra.Result.self, json)
            all += result.spectra
            if page >= result.pages { break }
            page += 1
        }
        let files: [TidySpectra.File]
        do {
            files = try spectra.add(all, of: summary.experiment, campaign: summary.campaign)
        } catch {
            throw .client(error)
        }
        for file in files { try write(file.text, to: "\(TidySpectra.folder)/\(file.name)") }
    }
}
