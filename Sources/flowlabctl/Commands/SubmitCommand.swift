import ControlAPI
import ControlClient
import Experiments
import Quantities
import Wire

extension Command {
    static let submit = Command(
        "submit", "Queues an experiment.",
        options: RecipeOptions.options + [
            .value("--key", "KEY", "Idempotency key: the same key and recipe give the same experiment."),
            .value("--campaign", "ID", "The campaign it belongs to."),
            .flag("--wait", "Wait until it has ended; shows phase, residence times swept and the time left."),
        ], notes: "With --wait, the exit code is 0 only when the experiment is done."
    ) { (context) throws(Failure) in
        let params = ExperimentsSubmit.Params(
            recipe: try RecipeOptions.recipe(context), key: context.arguments.value("--key"),
            campaign: context.arguments.value("--campaign"))
        let daemon = try context.connect()
        let json = try context.answer(daemon, ExperimentsSubmit.self, params)
        let submitted = try context.decoded(ExperimentsSubmit.Result.self, json)
        if context.arguments.has("--wait") { return try wait(submitted.experiment, daemon, context) }
        if context.isJSON {
            Terminal.line(json.jsonText)
        } else {
            let id = Terminal.clean(submitted.experiment)
            Terminal.line("\(id) \(submitted.state.rawValue), position \(submitted.position)")
            let status = try context.decoded(
                SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty()))
            if let held = status.heldBecause { Terminal.line("it waits: \(Terminal.clean(held))") }
            Terminal.line("what now: flowlabctl experiments \(id)")
        }
        return ExitCode.done
    }

    private static func wait(_ id: String, _ daemon: DaemonConnection, _ context: Context) throws(Failure) -> Int32 {
        var line = ProgressLine()
        while true {
            let json = try context.answer(
                daemon, ExperimentsWait.self, ExperimentsWait.Params(experiment: id, timeoutS: 1),
                patience: .seconds(30))
            let record = try context.decoded(ExperimentRecord.self, json)
            if record.state.isFinal {
                line.finish()
                if context.isJSON { Terminal.line(json.jsonText) } else { Terminal.write(Describe.experiment(record)) }
                return record.state == .done ? ExitCode.done : ExitCode.failed
            }
            let status = try context.decoded(
                SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty()))
            line.show(ExperimentProgressText.text(record, status), phase: "\(id) \(record.state.rawValue)")
        }
    }
}
