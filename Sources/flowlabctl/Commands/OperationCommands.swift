import ControlAPI
import ControlClient
import DeviceModel
import Quantities
import Usage
import Wire

/// Valves, robots, steppers, gas, light and boards in a technician's hand.
extension Command {
    static let valve = Command(
        "valve", "Turns a valve to a position, and waits until it shows it.",
        operands: [ArgumentParser.Operand("VALVE", of: .named("device")), "POSITION"], options: HandSession.options,
        examples: ["valve feed_valve loop", "valve outlet_valve waste --yes"],
        notes:
            "Not while an experiment runs. The valve stays where it was turned; flowlabctl devices VALVE shows where."
    ) { (context) throws(Failure) in
        let (device, position) = (context.operands[0], context.operands[1])
        let question = "\(Terminal.clean(device)) turns to \(Terminal.clean(position)). Do it?"
        return try once(device, question, "\(device) stands at \(position)", context) { (session) throws(Failure) in
            _ = try session.call(ValvesSelect.self, ValvesSelect.Params(device: device, position: position))
        }
    }

    static let robot = Command(
        "robot", "Lets a robot carry something, go out of the way, or stand; or switches its controller.",
        operands: [
            ArgumentParser.Operand("ROBOT", of: .named("device")),
            "transfer|park|halt|power-on|power-off|release-brakes|play|unlock", "[FROM]", "[TO]",
        ],
        options: HandSession.options,
        examples: ["robot arm transfer rack filler", "robot arm halt", "robot arm_panel unlock"],
        notes: """
            transfer takes two stations of the bench file. halt needs no lease and does not ask. unlock releases a protective \
            stop, 5 s after it came at the earliest: look first why it came.
            """
    ) { (context) throws(Failure) in
        let (device, action) = (context.operands[0], context.operands[1])
        let name = Terminal.clean(device)
        switch (action, context.operands.count) {
        case ("halt", 2):
            let json = try context.answer(try context.connectOnce(), RobotsHalt.self, NamedDevice(device: device))
            Terminal.line(context.isJSON ? json.jsonText : "\(name) stands")
            return ExitCode.done
        case ("transfer", 4):
            let (from, to) = (context.operands[2], context.operands[3])
            let question = "\(name) carries what stands at \(Terminal.clean(from)) to \(Terminal.clean(to)). Do it?"
            return try once(device, question, "\(device) has carried it to \(to)", context) {
                (session) throws(Failure) in
                _ = try session.call(
                    RobotsTransfer.self, RobotsTransfer.Params(device: device, from: from, to: to),
                    patience: .seconds(errand))
            }
        case ("park", 2):
            return try once(device, "\(name) goes out of the way. Do it?", "\(device) is parked", context) {
                (session) throws(Failure) in
                _ = try session.call(RobotsPark.self, NamedDevice(device: device), patience: .seconds(errand))
            }
        default: return try control(device, action, context)
        }
    }

    private static func control(_ device: String, _ action: String, _ context: Context) throws(Failure) -> Int32 {
        guard context.operands.count == 2, let control = DeviceOperation.RobotControl(rawValue: action) else {
            throw context.usage(
                "expected transfer FROM TO, park, halt, or one of "
                    + DeviceOperation.RobotControl.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let question =
            control == .unlock
            ? "\(Terminal.clean(device)): has somebody looked why it stopped, and is nobody near the arm? Release it?"
            : "\(Terminal.clean(device)): \(control.rawValue). Do it?"
        return try once(device, question, "\(device): \(control.rawValue) is done", context) {
            (session) throws(Failure) in
            _ = try session.call(RobotsControl.self, RobotsControl.Params(device: device, action: control))
        }
    }

    /// Longer than a robot may take for one errand.
    private static let errand = 300.0

    private static func once(
        _ device: String, _ question: String, _ done: String, _ context: Context,
        _ body: (inout HandSession) throws(Failure) -> Void
    ) throws(Failure) -> Int32 {
        let daemon = try context.connectOnce()
        guard try context.confirms(question) else { return ExitCode.unconfirmed }
        try HandSession.holding([device], context, daemon, for: errand, body)
        Terminal.line(
            context.isJSON ? "{\"device\":\(JSONValue.string(device).jsonText)}" : Terminal.clean(done))
        return ExitCode.done
    }

    static let stepper = Command(
        "stepper", "Moves a stepper to a position, lets it find its limit switch, or stops it.",
        operands: [ArgumentParser.Operand("STEPPER", of: .named("device")), "home|stop|MM"],
        options: HandSession.options,
        examples: ["stepper stage home", "stepper stage 12.5 --yes", "stepper stage stop"],
        notes:
            "It must be homed before it moves, and again after it was stopped on its way. stop needs no lease and does not ask."
    ) { (context) throws(Failure) in
        let (device, action) = (context.operands[0], context.operands[1])
        let name = Terminal.clean(device)
        switch action {
        case "stop":
            return try off(device, "stands", context) { (daemon) throws(Failure) in
                try context.answer(daemon, SteppersStop.self, NamedDevice(device: device))
            }
        case "home":
            return try once(device, "\(name) looks for its limit switch. Do it?", "\(device) is at its switch", context)
            {
                (session) throws(Failure) in
                _ = try session.call(SteppersHome.self, NamedDevice(device: device), patience: .seconds(errand))
            }
        default:
            guard let position = Double(action), position.isFinite else {
                throw context.usage("expected a position in mm, as 12.5, or home, or stop")
            }
            let params = SteppersMove.Params(device: device, positionMM: position)
            return try once(
                device, "\(name) moves to \(Show.number(position)) mm. Do it?",
                "\(device) stands at \(Show.number(position)) mm", context
            ) { (session) throws(Failure) in
                _ = try session.call(SteppersMove.self, params, patience: .seconds(errand))
            }
        }
    }

    static let board = Command(
        "board", "Ends a fault that a board has latched, once its cause is gone.",
        operands: [ArgumentParser.Operand("BOARD", of: .named("device")), "clear"], options: HandSession.options,
        examples: ["board uno clear"],
        notes:
            "What the fault was: flowlabctl devices BOARD. Everything on the board stays off; interlocks are reset apart from it."
    ) { (context) throws(Failure) in
        let device = context.operands[0]
        guard context.operands[1] == "clear" else { throw context.usage("expected clear") }
        let question = "\(Terminal.clean(device)): has somebody mended what the fault was? Clear it?"
        return try once(device, question, "\(device) has no fault; what hangs on it is ready in a moment", context) {
            (session) throws(Failure) in
            _ = try session.call(BoardsClear.self, NamedDevice(device: device), patience: .seconds(30))
        }
    }

    // MARK: Gas and light, as long as the command runs

    private static let span = ArgumentParser.Option.value("--for", "TIME", "How long; until Ctrl-C if left out.")

    static let gas = Command(
        "gas", "Lets a flow controller hold a flow of gas, or shuts it.",
        operands: [ArgumentParser.Operand("CONTROLLER", of: .named("device")), "ML_MIN|off"],
        options: [span] + HandSession.options, examples: ["gas argon 50 --for 10min", "gas argon off"],
        notes:
            "The flow is held as long as the command runs; then it is shut, also when the command is killed. off works at any time."
    ) { (context) throws(Failure) in
        let device = context.operands[0]
        if context.operands[1] == "off" {
            return try off(device, "is shut", context) { (daemon) throws(Failure) in
                try context.answer(daemon, FlowControllersClose.self, NamedDevice(device: device))
            }
        }
        guard let flow = Double(context.operands[1]), flow >= 0 else {
            throw context.usage(
                "ML_MIN is \"\(context.operands[1])\", expected a flow in mL/min at standard state, as 50")
        }
        let question = "\(Terminal.clean(device)) lets \(Show.number(flow)) mL/min of gas flow. Do it?"
        return try hold(device, question, "is shut", context) { (session) throws(Failure) in
            _ = try session.call(
                FlowControllersSet.self, FlowControllersSet.Params(device: device, flowMLMinStd: flow))
        } off: { (session) throws(Failure) in
            _ = try session.call(FlowControllersClose.self, NamedDevice(device: device))
        }
    }

    static let light = Command(
        "light", "Lets one channel of a light source shine, or makes all of them dark.",
        operands: [ArgumentParser.Operand("LIGHT", of: .named("device")), "CHANNEL|off", "[PERCENT]"],
        options: [span] + HandSession.options, examples: ["light led uv 20 --for 30s", "light led off"],
        notes:
            "It shines as long as the command runs; then it is dark, also when the command is killed. off works at any time."
    ) { (context) throws(Failure) in
        let (device, channel) = (context.operands[0], context.operands[1])
        if channel == "off", context.operands.count == 2 {
            return try off(device, "is dark", context) { (daemon) throws(Failure) in
                try context.answer(daemon, LightsOff.self, NamedDevice(device: device))
            }
        }
        guard context.operands.count == 3, let percent = Double(context.operands[2]) else {
            throw context.usage("expected CHANNEL PERCENT, as uv 20, or off")
        }
        let question =
            "\(Terminal.clean(channel)) of \(Terminal.clean(device)) shines at \(Show.number(percent)) %. Do it?"
        return try hold(device, question, "is dark", context) { (session) throws(Failure) in
            _ = try session.call(
                LightsSet.self, LightsSet.Params(device: device, channel: channel, percent: percent))
        } off: { (session) throws(Failure) in
            _ = try session.call(LightsOff.self, NamedDevice(device: device))
        }
    }

    private static func off(
        _ device: String, _ words: String, _ context: Context, _ call: (LastingConnection) throws(Failure) -> JSONValue
    ) throws(Failure) -> Int32 {
        let json = try call(try context.connectOnce())
        Terminal.line(context.isJSON ? json.jsonText : "\(Terminal.clean(device)) \(words)")
        return ExitCode.done
    }

    private static func hold(
        _ device: String, _ question: String, _ words: String, _ context: Context,
        on: (inout HandSession) throws(Failure) -> Void, off: (inout HandSession) throws(Failure) -> Void
    ) throws(Failure) -> Int32 {
        let span = context.arguments.value("--for") == nil ? nil : try context.duration("--for")
        let daemon = try context.connectOnce()
        guard try context.confirms(question) else { return ExitCode.unconfirmed }
        try HandSession.holding([device], context, daemon) { (session) throws(Failure) in
            try on(&session)
            // What it showed before is no sign that somebody switched it off.
            var wasOn = false
            _ = try session.wait(atMost: span.map { .seconds($0) }) { (session) throws(Failure) in
                if let trip = try session.trip() { throw trip }
                let isOff = try session.call(DevicesGet.self, DevicesGet.Params(device: device)).device.isSafe == true
                wasOn = wasOn || !isOff
                if wasOn, isOff {
                    throw .file("\(device) was switched off by somebody else; who did: flowlabctl audit")
                }
                return false
            }
            try off(&session)
        }
        if !context.isJSON { Terminal.line("\(Terminal.clean(device)) \(words)") }
        return ExitCode.done
    }
}
