import ControlAPI
import ControlClient
import Experiments
import Quantities
import Usage
import Wire

extension Command {
    private static let recipeExamples = [
        "--temperature 140 --flow cui=80 oa_cui=10 ode_cui=60 cs_oleate=80 oa_cs=15",
        "--box temperature=0.5 cui=0.7 cs_oleate=0.5 oa_cs=0.3 oa_cui=0.2 oam_cui=0.1 reaction_time=0.2",
    ]

    static let plan = Command(
        "plan", "What the daemon would do about a recipe, and what it takes; changes nothing.",
        options: RecipeOptions.options,
        examples: recipeExamples.map { "plan \($0)" } + ["plan --recipe recipe.json --json"],
        notes: "flowlabctl recipes says what may be chosen on this bench."
    ) { (context) throws(Failure) in
        let recipe = try RecipeOptions.recipe(context)
        let json = try context.answer(context.connect(), ExperimentsPlan.self, ExperimentsPlan.Params(recipe: recipe))
        let plan = try context.decoded(PlanReport.self, json)
        if context.isJSON { Terminal.line(json.jsonText) } else { Terminal.write(Describe.plan(plan)) }
        return plan.feasible ? ExitCode.done : ExitCode.infeasible
    }

    static let submit = Command(
        "submit", "Queues an experiment.",
        options: RecipeOptions.options + [
            .value("--priority", "N", "-100 to 100, higher runs first; 0 if left out."),
            .value("--campaign", "ID", "The campaign it belongs to.", of: .named("campaign")),
            .value(
                "--key", "KEY",
                "Idempotency key: the same key and recipe give the same experiment. One is made up if left out."),
            .value("--metadata", "FILE", "JSON to keep with it; - reads the standard input."),
            .value(
                "--if-client-gone", "finish|hold|safe",
                "When nobody looks after it any more; finish if left out without --wait, else as in the bench file."),
            .flag("--wait", "Wait until it has ended; shows phase, residence times swept and the time left."),
        ],
        examples: [
            "submit \(recipeExamples[0]) --wait", "submit \(recipeExamples[1]) --campaign c-000001 --priority 10",
            "submit --references --wait",
        ],
        notes: """
            With --wait, the exit code is 0 only when the experiment is done. A restart of the daemon meanwhile is waited out.
            """
    ) { (context) throws(Failure) in
        try submit(try RecipeOptions.recipe(context), context)
    }

    static func submit(_ recipe: Recipe, _ context: Context) throws(Failure) -> Int32 {
        let arguments = context.arguments
        let params = ExperimentsSubmit.Params(
            recipe: recipe, key: arguments.value("--key") ?? madeKey(),
            metadata: try arguments.value("--metadata").map { (file) throws(Failure) in try JSONFile.read(file) },
            campaign: arguments.value("--campaign"), priority: try context.integer("--priority", in: -100...100),
            ifClientGone: try clientGonePolicy(context))
        let daemon = try context.connect()
        let json = try context.answer(daemon, ExperimentsSubmit.self, params)
        let submitted = try context.decoded(ExperimentsSubmit.Result.self, json)
        if arguments.has("--wait") { return try wait(submitted.experiment, daemon, context) }
        if context.isJSON {
            Terminal.line(json.jsonText)
        } else {
            let id = Terminal.clean(submitted.experiment)
            Terminal.line("\(id) \(submitted.state.rawValue), position \(submitted.position)")
            let status = try context.decoded(
                SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty()))
            if let held = status.heldBecause { Terminal.line("it waits: \(Terminal.clean(held))") }
            Terminal.line("what now: flowlabctl experiments \(id), or flowlabctl watch")
        }
        return ExitCode.done
    }

    /// With a key it may be sent again when the daemon restarts meanwhile.
    private static func madeKey() -> String { "flowlabctl-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))" }

    /// Who does not wait has gone as soon as it is submitted, and means it.
    private static func clientGonePolicy(_ context: Context) throws(Failure) -> ClientGonePolicy? {
        guard let word = context.arguments.value("--if-client-gone") else {
            return context.arguments.has("--wait") ? nil : .finish
        }
        guard let policy = ClientGonePolicy(rawValue: word) else {
            throw context.usage("--if-client-gone is \"\(word)\", expected finish, hold or safe")
        }
        return policy
    }

    private static func wait(_ id: String, _ daemon: LastingConnection, _ context: Context) throws(Failure) -> Int32 {
        var line = ProgressLine()
        if Terminal.errorIsTerminal {
            Terminal.note("Ctrl-C ends the waiting only; flowlabctl cancel \(id) ends it.\n")
        }
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

    // MARK: What may be chosen

    static let recipes = Command(
        "recipes", "What a recipe may look like on this bench: parameters, limits, constraints.", operands: ["[KIND]"],
        examples: ["recipes", "recipes box", "recipes --json | jq '.kinds.box.parameters'"]
    ) { (context) throws(Failure) in
        let wanted = context.operands.first
        let json = try context.answer(context.connect(), RecipesSchema.self, Empty())
        let forms = try context.decoded(RecipeKinds.self, json).kinds
        if let wanted, forms[wanted] == nil {
            throw context.usage("no kind \"\(wanted)\", expected one of \(forms.keys.sorted().joined(separator: ", "))")
        }
        if context.isJSON {
            Terminal.line(json.jsonText)
            return ExitCode.done
        }
        for (kind, form) in forms.sorted(by: { $0.key < $1.key }) where wanted == nil || wanted == kind {
            Terminal.write(Describe.form(kind, form))
        }
        return ExitCode.done
    }

    private struct RecipeKinds: Decodable {
        let kinds: [String: RecipeForms.Form]
    }
}
