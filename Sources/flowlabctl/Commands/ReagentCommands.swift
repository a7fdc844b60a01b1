import ControlAPI
import ControlClient
import Experiments
import Usage

/// The ledger: what is in the syringes and in the waste.
extension Command {
    static let reagents = Command(
        "reagents", "What the syringes hold; or records a refill, or that the waste was emptied.",
        operands: ["[refill|empty-waste]", ArgumentParser.Operand("[DEVICE]", of: .named("device"))],
        options: [
            .value("--volume-ml", "ML", "Of refill: what the syringe holds now; full if left out."),
            .value("--batch", "TEXT", "Of refill: the batch of the stock."),
            .value("--lot", "TEXT", "Of refill: the lot of the chemical."),
            .list("--component", "NAME=MM …", "Of refill: molarities; those of the bench file if left out."),
            .value("--note", "TEXT", "Kept with the act."),
            .flag("--yes", "Do not ask."),
        ],
        examples: [
            "reagents", "reagents refill cs_oleate --batch B7 --lot 12345 --component cs=30.2 oa=219",
            "reagents refill cui --volume-ml 42.5 --note 'filled after the plunger was cleaned' --yes",
            "reagents empty-waste",
        ],
        notes: """
            A refill is recorded after the syringe was filled by hand. It shows what changes and asks; in a script give --yes.
            """
    ) { (context) throws(Failure) in
        switch (context.operands.first, context.operands.count) {
        case (nil, _): return try listReagents(context)
        case ("refill"?, 2): return try refill(context.operands[1], context)
        case ("refill"?, _): throw context.usage("refill needs the DEVICE whose syringe was filled")
        case ("empty-waste"?, 1): return try emptyWaste(context)
        default: throw context.usage("expected refill DEVICE or empty-waste")
        }
    }

    private static func listReagents(_ context: Context) throws(Failure) -> Int32 {
        try context.ask(ReagentsList.self, Empty()) { result in
            Terminal.write(Describe.reagents(result))
            let low = result.reagents.filter(\.low).map { Terminal.clean($0.device) }
            if let first = low.first {
                Terminal.line("low: \(low.joined(separator: ", "))")
                Terminal.line("what now: fill it, then flowlabctl reagents refill \(first) --batch BATCH")
            }
        }
    }

    // MARK: Acts

    private static func refill(_ device: String, _ context: Context) throws(Failure) -> Int32 {
        let arguments = context.arguments
        let components = try RecipeOptions.values(arguments.values("--component"), "--component", "cs=30.2", context)
        let volume = try context.number("--volume-ml", in: 0...APILimits.syringeMicroliters / 1000)
        let params = ReagentsRefill.Params(
            device: device, volumeUL: volume.map { $0 * 1000 }, batch: arguments.value("--batch"),
            lot: arguments.value("--lot"), componentsMM: components.isEmpty ? nil : components,
            note: arguments.value("--note"))
        let daemon = try context.connect()
        if !arguments.has("--yes") {
            let ledger = try context.decoded(
                ReagentsList.Result.self, try context.answer(daemon, ReagentsList.self, Empty()))
            // An unknown name is the daemon's to refuse, with the names that there are.
            if let syringe = ledger.reagents.first(where: { $0.device == device }),
                try !context.confirms(Describe.refill(params, syringe))
            {
                return ExitCode.unconfirmed
            }
        }
        let json = try context.answer(daemon, ReagentsRefill.self, params)
        if context.isJSON {
            Terminal.line(json.jsonText)
            return ExitCode.done
        }
        let result = try context.decoded(ReagentsRefill.Result.self, json)
        Terminal.line("recorded: \(Terminal.clean(result.device)) holds \(Show.number(result.remainingUL / 1000)) mL")
        return ExitCode.done
    }

    private static func emptyWaste(_ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        if !context.arguments.has("--yes") {
            let ledger = try context.decoded(
                ReagentsList.Result.self, try context.answer(daemon, ReagentsList.self, Empty()))
            let held = Show.number(ledger.waste.usedUL / 1000)
            guard try context.confirms("The waste holds \(held) mL by the ledger. Record that it is empty now?") else {
                return ExitCode.unconfirmed
            }
        }
        let params = ReagentsEmptyWaste.Params(note: context.arguments.value("--note"))
        let json = try context.answer(daemon, ReagentsEmptyWaste.self, params)
        Terminal.line(context.isJSON ? json.jsonText : "recorded: the waste is empty")
        return ExitCode.done
    }

    // MARK: References

    static let references = Command(
        "references", "The dark and reference spectra at hand; or takes them anew.", operands: ["[take]"],
        options: [
            .flag("--wait", "Of take: wait until they are taken."),
            .value("--priority", "N", "Of take: -100 to 100, higher runs first."),
            .value("--key", "KEY", "Of take: idempotency key."),
        ], examples: ["references", "references take --wait"],
        notes: "What is due is also taken by itself inside the next experiment."
    ) { (context) throws(Failure) in
        switch context.operands.first {
        case nil:
            return try context.ask(ReferencesList.self, Empty()) { Terminal.write(Describe.references($0)) }
        case "take"?: return try submit(.references, context)
        case let other?: throw context.usage("\"\(other)\", expected take, or nothing")
        }
    }
}
