import ControlAPI
import ControlClient
import Experiments
import Quantities
import Usage
import Wire

extension Command {
    static let results = Command(
        "results", "Ended experiments in the order of their ends; follows new ones.",
        options: [
            .value("--since", "N", "Those after this sequence number; 0 if left out."),
            .value("--campaign", "ID", "Only those of this campaign.", of: .named("campaign")),
            .flag("--follow", "Go on with each that ends, also over a restart of the daemon, until interrupted."),
        ],
        examples: [
            "results", "results --since 41 --campaign c-000001",
            "results --follow --json | jq -c '[.sequence, .features.pl_peak.mean]'",
        ],
        notes: """
            --follow survives a restart of the daemon; --patience says how long one, as 1d for a follower that is never looked
            after. With --json, one experiment a line; keep the last sequence, and --since it gives what is new. An experiment that
            was abandoned after its end comes once more.
            """
    ) { (context) throws(Failure) in
        let since = try context.integer("--since", in: 0...Int.max) ?? 0
        var reader = ResultsReader(since: since, context: context)
        return try context.arguments.has("--follow") ? reader.follow() : reader.readAll()
    }
}

/// Reads results from a sequence number on and prints each once.
private struct ResultsReader {
    /// The longest between two looks, should an event have been missed.
    static let patience = WireDuration.seconds(30)

    var since: Int
    let context: Context
    private var isHeadPrinted = false

    init(since: Int, context: Context) {
        self.since = since
        self.context = context
    }

    mutating func readAll() throws(Failure) -> Int32 {
        try read(try context.connect())
        if !context.isJSON { Terminal.line("next: flowlabctl results --since \(since)") }
        return ExitCode.done
    }

    /// Until interrupted, or until the daemon is away for too long.
    mutating func follow() throws(Failure) -> Int32 {
        let daemon = try context.connect()
        // Subscribed first, so that what ends while the rest is read makes another look.
        try context.client { () throws(ClientError) in try daemon.subscribe(["experiments"]) }
        while true {
            try read(daemon)
            try context.client { () throws(ClientError) in try waitForAnEnd(daemon) }
        }
    }

    private func waitForAnEnd(_ daemon: LastingConnection) throws(ClientError) {
        while let item = try daemon.next(patience: Self.patience) {
            guard case .event(let event) = item else { return }
            let state = event.data["state"]?.text.flatMap(ExperimentState.init)
            if event.topic == "gap" || state?.isFinal == true { return }
        }
    }

    private mutating func read(_ daemon: LastingConnection) throws(Failure) {
        while true {
            let params = ExperimentsResults.Params(since: since, campaign: context.arguments.value("--campaign"))
            let json = try context.answer(daemon, ExperimentsResults.self, params)
            let page = try context.decoded(ExperimentsResults.Result.self, json)
            if context.isJSON, case .array(let records)? = json["results"] {
                for record in records { Terminal.line(record.jsonText) }
            } else {
                show(page.results)
            }
            since = page.next
            if !page.more { return }
        }
    }

    private mutating func show(_ records: [ExperimentRecord]) {
        guard !records.isEmpty else { return }
        let header = ["sequence", "experiment", "state", "ended", "degC", "features"]
        Terminal.write(TextTable.text(records.map(Describe.resultRow), header: isHeadPrinted ? nil : header))
        isHeadPrinted = true
    }
}
