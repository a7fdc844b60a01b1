import ControlAPI
import ControlClient
import Experiments
import Usage
import Wire

/// What is done to experiments that were submitted, and results from elsewhere.
extension Command {
    private static let reason = ArgumentParser.Option.value("--reason", "TEXT", "Why; kept with the experiment.")

    static let cancel = Command(
        "cancel", "Takes an experiment out of the queue, or stops it.", operands: [.experiment],
        examples: ["cancel e-000042"]
    ) { (context) throws(Failure) in
        try standing(context, ExperimentsCancel.self, ExperimentReference(experiment: context.operands[0]))
    }

    static let hold = Command(
        "hold", "Holds an experiment that waits: it is not started until it is released.", operands: [.experiment],
        options: [reason], examples: ["hold e-000042", "hold e-000042 --reason 'new stock tomorrow'"]
    ) { (context) throws(Failure) in
        let params = ExperimentsHold.Params(
            experiment: context.operands[0], reason: context.arguments.value("--reason"))
        return try standing(context, ExperimentsHold.self, params)
    }

    static let release = Command(
        "release", "Lets a held experiment wait for its turn again.", operands: [.experiment],
        examples: ["release e-000042"]
    ) { (context) throws(Failure) in
        try standing(context, ExperimentsRelease.self, ExperimentReference(experiment: context.operands[0]))
    }

    static let abandon = Command(
        "abandon", "Withdraws an experiment, before it ran or afterwards: its result does not count.",
        operands: [.experiment], options: [reason], examples: ["abandon e-000042 --reason 'bubbles in the cell'"],
        notes: "One that runs must be cancelled first. What was measured is kept; optimizers are told."
    ) { (context) throws(Failure) in
        guard let reason = context.arguments.value("--reason"), !reason.isEmpty else {
            throw context.usage("missing --reason TEXT: whoever reads the data later must know why")
        }
        let params = ExperimentsAbandon.Params(experiment: context.operands[0], reason: reason)
        return try standing(context, ExperimentsAbandon.self, params)
    }

    private static func standing<Method: APIMethod>(
        _ context: Context, _ method: Method.Type, _ params: Method.Params
    ) throws(Failure) -> Int32 where Method.Result == ExperimentStanding {
        try context.ask(method, params) { result in
            Terminal.line("\(Terminal.clean(result.experiment)) is \(result.state.rawValue)")
        }
    }

    // MARK: Results from elsewhere

    static let attach = Command(
        "attach", "Gives prior or external results to the daemon, so that optimizers learn from them.",
        operands: ["FILE"],
        options: [
            .value(
                "--campaign", "ID", "The campaign they belong to, where the file does not say.", of: .named("campaign")),
            .value("--source", "TEXT", "Where they come from, where the file does not say."),
        ], examples: ["attach notebook-12.json --campaign c-000001 --source 'notebook 12'"],
        notes: """
            FILE (- is the standard input) holds one object or an array of them, as experiments.attach takes it:
              {"recipe":{"kind":"box","x":{…}},"features":{"pl_peak":{"mean":35000,"sem":200,"n":25,"unit":"counts"}},
               "source":"notebook 12","key":"notebook-12-1"}
            With keys it may be given again: what is there already is not taken twice.
            """
    ) { (context) throws(Failure) in
        let file = context.operands[0]
        let json = try JSONFile.read(file)
        let rows: [JSONValue]
        if case .array(let elements) = json { rows = elements } else { rows = [json] }
        // All of the file is looked at before any of it is sent.
        let results = try rows.enumerated().map { (index, row) throws(Failure) in
            try attachment(row, "\(file), result \(index + 1)", context)
        }
        let daemon = try context.connect()
        for params in results {
            let answer = try context.answer(daemon, ExperimentsAttach.self, params)
            let standing = try context.decoded(ExperimentStanding.self, answer)
            Terminal.line(
                context.isJSON
                    ? answer.jsonText : "\(Terminal.clean(standing.experiment)) is \(standing.state.rawValue)")
        }
        return ExitCode.done
    }

    private static func attachment(
        _ json: JSONValue, _ place: String, _ context: Context
    ) throws(Failure) -> ExperimentsAttach.Params {
        guard case .object(var members) = json else { throw .file("\(place): expected an object") }
        for (option, member) in [("--campaign", "campaign"), ("--source", "source")] {
            guard let given = context.arguments.value(option), members[member] == nil else { continue }
            members[member] = .string(given)
        }
        do {
            try Schema.object(ExperimentsAttach.params).check(.object(members))
        } catch {
            throw .file("\(place): \(error.text)")
        }
        return try JSONFile.decode(ExperimentsAttach.Params.self, .object(members), place)
    }
}
