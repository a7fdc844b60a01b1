import ControlAPI
import ControlClient
import Usage
import Wire

/// Pumps, plate and light in a technician's hand.
extension Command {
    private static let pump = ArgumentParser.Operand("PUMP", of: .named("device"))
    private static let flow = ArgumentParser.Option.value(
        "--flow-ul-min", "F", "How fast; as [maintenance] in the bench file if left out.")
    private static let inHand = """
        It takes a lease and keeps it while the command runs; nothing is moved beside an experiment. However it ends, also by \
        Ctrl-C, what it moved is stopped. To keep the queue from going on in between: flowlabctl maintenance enter.
        """
    private static let volumes = 0.0...APILimits.syringeMicroliters
    private static let flows = 0.0...1e6

    static let jog = Command(
        "jog", "Moves one pump by a given volume, forwards or back.",
        operands: [pump, "UL"],
        options: [flow, .flag("--back", "Draw back instead of pushing.")] + HandSession.options,
        examples: ["jog cui 50", "jog cui 50 --back --flow-ul-min 100"],
        notes: "What is pushed is booked in the ledger; what is drawn back is not put back into it. \(inHand)"
    ) { (context) throws(Failure) in
        guard let volume = Double(context.operands[1]), volumes.contains(volume) else {
            throw context.usage("UL is \"\(context.operands[1])\", expected a volume in uL, as 50")
        }
        let isBack = context.arguments.has("--back")
        return try move([context.operands[0]], volume, isBack ? "draws back" : "pushes", context) {
            (session, params) throws(Failure) in
            isBack ? try session.call(PumpsRefill.self, params) : try session.call(PumpsPrime.self, params)
        }
    }

    static let prime = Command(
        "prime", "Fills the lines of pumps, one after the other.",
        operands: [
            ArgumentParser.Operand("PUMP", of: .named("device")),
            ArgumentParser.Operand("[PUMP...]", of: .named("device")),
        ],
        options: [.value("--volume-ul", "UL", "How much each; as [maintenance] in the bench file if left out."), flow]
            + HandSession.options,
        examples: ["prime cui", "prime cui oa_cui --volume-ul 300 --yes"], notes: inHand
    ) { (context) throws(Failure) in
        let volume = try context.number("--volume-ul", in: volumes)
        return try move(context.operands, volume, "pushes", context) { (session, params) throws(Failure) in
            try session.call(PumpsPrime.self, params)
        }
    }

    static let refill = Command(
        "refill", "Draws into a syringe what its line dips into, and records the filling.",
        operands: [pump],
        options: [
            .value("--volume-ml", "ML", "How much; until the syringe is full if left out."), flow,
            .value("--batch", "TEXT", "The batch of the stock; as it was if left out."),
            .value("--lot", "TEXT", "The lot of the chemical; as it was if left out."),
        ] + HandSession.options,
        examples: ["refill cui --volume-ml 20 --batch B8"],
        notes: """
            The line must end in the stock: what it ends in is drawn in. A syringe that was filled by hand is recorded with \
            flowlabctl reagents refill. \(inHand)
            """
    ) { (context) throws(Failure) in
        let volume = try context.number("--volume-ml", in: 0...APILimits.syringeMicroliters / 1000).map { $0 * 1000 }
        let device = context.operands[0]
        return try move([device], volume, "draws in", context) { (session, params) throws(Failure) in
            try session.call(PumpsRefill.self, params)
        } then: { (session, starts) throws(Failure) in
            let before = try syringe(device, session)
            let holds = (before?.remainingUL ?? 0) + starts.reduce(0) { $0 + $1.volumeUL }
            let params = ReagentsRefill.Params(
                device: device, volumeUL: holds, batch: context.arguments.value("--batch") ?? before?.batch,
                lot: context.arguments.value("--lot") ?? before?.lot, componentsMM: before?.componentsMM,
                note: "drawn in by its pump")
            let result = try session.call(ReagentsRefill.self, params)
            Terminal.line("recorded: \(Terminal.clean(device)) holds \(Show.number(result.remainingUL / 1000)) mL")
        }
    }

    static let calibrate = Command(
        "calibrate", "Pumps a volume into a vial, and says how the syringe's diameter is to be corrected.",
        operands: [pump],
        options: [
            .value("--volume-ul", "UL", "How much to pump; 1000 if left out."), flow,
            .value("--measured-ul", "UL", "What the vial got, by a balance or a cylinder; asked for if left out."),
        ] + HandSession.options,
        examples: ["calibrate cui --volume-ul 2000", "calibrate cui --measured-ul 985 --yes"],
        notes: "A volume from a mass: divide by the density. \(inHand)"
    ) { (context) throws(Failure) in
        let device = context.operands[0]
        let measured = try context.number("--measured-ul", in: 1...APILimits.syringeMicroliters)
        if measured == nil, !Terminal.inputIsTerminal {
            throw context.usage("there is no terminal to ask at; give --measured-ul")
        }
        let volume = try context.number("--volume-ul", in: volumes) ?? 1000
        return try move([device], volume, "pushes", context) { (session, params) throws(Failure) in
            try session.call(PumpsPrime.self, params)
        } then: { (session, starts) throws(Failure) in
            let displaced = starts.reduce(0) { $0 + $1.volumeUL }
            let shown: Double
            if let measured { shown = measured } else { shown = try askForVolume(context) }
            let result = try session.call(
                PumpsCalibrate.self,
                PumpsCalibrate.Params(
                    device: device, displacedUL: displaced, measuredUL: shown, person: HandSession.person(context)))
            let percent = "\(Show.number(abs(result.ratio - 1) * 100)) % \(result.ratio < 1 ? "less" : "more")"
            Terminal.line("\(Terminal.clean(device)) gave \(percent) than it said (kept in the audit)")
            Terminal.line(
                "what now: multiply its diameter_mm in the bench file by \(Show.number(result.diameterFactor, 5)), then restart"
            )
        }
    }

    private static func askForVolume(_ context: Context) throws(Failure) -> Double {
        Terminal.note("what did the vial get, in uL? ")
        while let text = Terminal.readLine() {
            if let value = Double(text), value >= 1 { return value }
            Terminal.note("a number of uL, as 985: ")
        }
        throw context.usage("no volume was given; give --measured-ul")
    }

    static let purge = Command(
        "purge", "Flushes the line with solvent, as an idle bench does.", options: HandSession.options,
        examples: ["purge", "purge --yes"], notes: inHand
    ) { (context) throws(Failure) in
        let daemon = try context.connectOnce()
        guard
            try context.confirms(
                "purge: the pumps that the bench file names under [flush] push solvent through the line into the waste. Do it?"
            )
        else { return ExitCode.unconfirmed }
        let pumps = try context.decoded(
            DevicesList.Result.self, try context.answer(daemon, DevicesList.self, Empty())
        ).devices.filter { $0.deviceClass == .pump }.map(\.device)
        let starts = try HandSession.holding(pumps, context, daemon) { (session) throws(Failure) in
            var before: [String: Double] = [:]
            for pump in pumps { before[pump] = try session.counted(pump, back: false) }
            let starts = try session.call(PumpsPurge.self, Empty()).pumps
            try session.waitUntilStanding(starts)
            for start in starts {
                try checkWhole(start, try session.moved(start, since: before[start.device] ?? 0))
            }
            return starts
        }
        if context.isJSON { Terminal.line(try json(starts)) } else { tell(starts) }
        return ExitCode.done
    }

    private static func tell(_ starts: [PumpStartShape]) {
        for start in starts {
            let (volume, flow) = (Show.number(start.volumeUL, 1), Show.number(start.flowULMin))
            Terminal.line("\(Terminal.clean(start.device)): \(volume) uL at \(flow) uL/min, and it stands again")
        }
    }

    private static func syringe(
        _ device: String, _ session: HandSession
    ) throws(Failure) -> ReagentsList.Entry? {
        try session.call(ReagentsList.self, Empty()).reagents.first { $0.device == device }
    }

    /// One pump after the other; each moves only when the person has said yes to all.
    private static func move(
        _ pumps: [String], _ volume: Double?, _ verb: String, _ context: Context,
        _ start: (HandSession, PumpMoveParams) throws(Failure) -> PumpStartShape,
        then: ((HandSession, [PumpStartShape]) throws(Failure) -> Void)? = nil
    ) throws(Failure) -> Int32 {
        let flow = try context.number("--flow-ul-min", in: flows)
        let daemon = try context.connectOnce()
        let ledger = try context.decoded(
            ReagentsList.Result.self, try context.answer(daemon, ReagentsList.self, Empty()))
        let lines = pumps.map { pump in
            let syringe = ledger.reagents.first { $0.device == pump }
            let of =
                syringe.map { " \($0.reagent) (\(Show.number($0.remainingUL / 1000)) mL left by the ledger)" } ?? ""
            let amount = volume.map { "\(Show.number($0, 1)) uL" } ?? "its usual volume"
            let speed = flow.map { "\(Show.number($0)) uL/min" } ?? "the bench file's flow"
            return "pump \(Terminal.clean(pump)) \(verb) \(amount) of\(Terminal.clean(of)) at \(speed)"
        }
        guard try context.confirms("\(lines.joined(separator: "; ")). Do it?") else { return ExitCode.unconfirmed }
        var starts: [PumpStartShape] = []
        try HandSession.holding(pumps, context, daemon) { (session) throws(Failure) in
            for pump in pumps {
                let params = PumpMoveParams(device: pump, flowULMin: flow, volumeUL: volume)
                let before = (try session.counted(pump, back: false), try session.counted(pump, back: true))
                var one = try start(session, params)
                try session.waitUntilStanding([one])
                let moved = try session.moved(one, since: one.flowULMin < 0 ? before.1 : before.0)
                try checkWhole(one, moved)
                one.volumeUL = moved
                starts.append(one)
            }
            if !context.isJSON { tell(starts) }
            try then?(session, starts)
        }
        if context.isJSON { Terminal.line(try json(starts)) }
        return ExitCode.done
    }

    /// What somebody stopped is not taken for what was asked for; a hundredth is the counter's own.
    private static func checkWhole(_ start: PumpStartShape, _ moved: Double) throws(Failure) {
        guard moved < start.volumeUL * 0.99 - 1 else { return }
        let verb = start.flowULMin < 0 ? "draw it in again, or record what is in the syringe" : "begin anew"
        throw .file(
            "\(start.device) was stopped after \(Show.number(moved, 1)) of \(Show.number(start.volumeUL, 1)) uL, and nothing "
                + "was recorded of it; who did: flowlabctl audit; then \(verb)")
    }

    private static func json(_ starts: [PumpStartShape]) throws(Failure) -> String {
        guard let json = try? JSONValue(encoding: PumpsPurge.Result(pumps: starts)) else { return "{}" }
        return json.jsonText
    }
}
