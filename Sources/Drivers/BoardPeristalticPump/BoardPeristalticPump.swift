import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// A peristaltic pump whose head a board turns by steps. A run is a number of steps, so that it stops by itself. The board
/// counts the steps that its motor was told; a tube that slips, or is empty, does not show in them.
struct BoardPeristalticPump: BoardChannelDevice {
    let name: DeviceName
    let configuration: BoardPumpConfiguration
    /// uL/min, of the run under way.
    private var flow = 0.0
    private var lastSteps: Int32?
    private var delivered = 0.0
    private var withdrawn = 0.0

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = BoardPumpConfiguration(settings)
    }

    var channel: UInt8 { configuration.channel }
    var poll: WireDuration { configuration.poll }
    var deviceClass: DeviceClass { .pump }
    var kind: BoardKind { .peristalticPump }
    var safeCommands: [DeviceCommand] { [.pump(.stop)] }
    var limits: DeviceLimits { .pump(configuration.limits) }

    var boardChannels: [BoardChannel] {
        [BoardChannel(number: channel, configuration: RelayMessage(configuration.axis))]
    }

    /// In a new session the board counts from 0 again.
    mutating func forget() { (flow, lastSteps) = (0, nil) }

    mutating func learn(_ seen: ReadRequest.Answer, askedAt: WireInstant, at now: Moment) -> [DriverEffect] {
        let isRunning = seen.active != 0
        if let last = lastSteps {
            let moved = Double(Int64(seen.value) - Int64(last)) / configuration.stepsPerMicroliter
            if moved > 0 { delivered += moved } else { withdrawn -= moved }
        }
        lastSteps = seen.value
        func reading(_ quantity: String, _ value: Double, _ unit: Unit) -> DriverEffect {
            .reading(Reading(SignalName(.pump, name, quantity), value, unit, at: now))
        }
        let shown = isRunning ? flow : 0
        let look = SafeStateReadBack(isSafe: !isRunning, detail: isRunning ? "running" : "stopped", askedAt: askedAt)
        return [
            reading("flow", shown, .microlitersPerMinute), reading("flow.set_point", shown, .microlitersPerMinute),
            reading("volume", delivered, .microliters), reading("status", isRunning ? 1 : 0, .code),
        ] + (withdrawn > 0 ? [reading("volume.withdrawn", withdrawn, .microliters)] : []) + [.readBack(look)]
    }

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<BoardJob> {
        switch command {
        case .pump(.stop): return .job(.stop(channel))
        default:
            let start = run(command)
            if case .job = start { happened(command, at: now) }
            return start.map { BoardJob(channel, $0, until: .begun) }
        }
    }

    func timed(_ command: DeviceCommand) -> DialogueStart<BoardQuestion> {
        if command == .pump(.stop) { return .job(BoardQuestion(RelayMessage(ChannelStopRequest(channel: channel)))) }
        return run(command).map { BoardQuestion(RelayMessage($0)) }
    }

    mutating func happened(_ command: DeviceCommand, at now: Moment) {
        switch command {
        case .pump(.run(let flow, _)): self.flow = flow.microlitersPerMinute
        case .pump(.withdraw(let flow, _)): self.flow = -flow.microlitersPerMinute
        default: break
        }
    }

    private func run(_ command: DeviceCommand) -> DialogueStart<PumpRequest> {
        switch command {
        case .pump(.run(let flow, let volume)): run(flow, volume, sign: 1)
        case .pump(.withdraw(let flow, let volume)): run(flow, volume, sign: -1)
        default: .refused("\(name) is a pump and does not understand this command")
        }
    }

    private func run(_ flow: FlowRate, _ volume: Volume, sign: Int32) -> DialogueStart<PumpRequest> {
        let limits = configuration.limits
        guard limits.minimum <= flow, flow <= limits.maximum else {
            let range = "\(limits.minimum.microlitersPerMinute) to \(limits.maximum.microlitersPerMinute) uL/min"
            return .refused("flow of pump \(name) is \(flow.microlitersPerMinute) uL/min, expected \(range)")
        }
        guard limits.smallestVolume <= volume, volume <= limits.capacity else {
            let range = "\(limits.smallestVolume.microliters) to \(limits.capacity.microliters) uL"
            return .refused("volume of pump \(name) is \(volume.microliters) uL, expected \(range)")
        }
        let seconds = volume.microliters / flow.microlitersPerSecond
        guard seconds <= configuration.longestRun else {
            return .refused(
                "a run of pump \(name) would take \(Int(seconds)) s, and its board ends each after max_run_s, "
                    + "\(Int(configuration.longestRun)) s")
        }
        return .job(
            PumpRequest(
                channel: channel, rate: configuration.rate(of: flow), steps: sign * configuration.steps(in: volume)))
    }
}

/// What the bench file says of one pump on a board.
struct BoardPumpConfiguration: Sendable {
    let channel: UInt8
    let poll: WireDuration
    let stepsPerMicroliter: Double
    let limits: PumpLimits
    /// Seconds.
    let longestRun: Double
    let axis: ConfigureAxisRequest

    init(_ settings: DriverSettings) {
        channel = UInt8(settings.integer("channel"))
        poll = .milliseconds(settings.integer("poll_ms"))
        stepsPerMicroliter = settings.number("steps_per_ml") / 1000
        limits = PumpLimits(
            minimum: FlowRate(microlitersPerMinute: settings.number("min_flow_ul_min")),
            maximum: FlowRate(microlitersPerMinute: settings.number("max_flow_ul_min")),
            resolution: FlowRate(microlitersPerMinute: settings.number("resolution_ul_min")),
            smallestVolume: Volume(microliters: 1 / stepsPerMicroliter),
            capacity: Volume(microliters: settings.number("reservoir.volume_ml") * 1000),
            reagent: settings.text("reservoir.reagent"))
        longestRun = settings.number("max_run_s")
        let fastest = limits.maximum.microlitersPerMinute / 60 * stepsPerMicroliter * 1000
        axis = ConfigureAxisRequest(
            channel: channel, inverted: settings.text("forward_level") == "low" ? 1 : 0,
            maxRate: UInt32(clamping: Int64(fastest.rounded(.up))),
            acceleration: UInt32(clamping: settings.integer("acceleration_steps_s2")),
            maxRunMilliseconds: UInt32(WireDuration.seconds(settings.number("max_run_s")).milliseconds),
            limitChannel: UInt8(BoardDictionary.noChannel), homeBackward: 0, minimum: 0, maximum: 0)
    }

    /// Millisteps a second.
    func rate(of flow: FlowRate) -> UInt32 {
        UInt32(clamping: Int64((flow.microlitersPerMinute / 60 * stepsPerMicroliter * 1000).rounded()))
    }

    func steps(in volume: Volume) -> Int32 {
        Int32(clamping: Int64((volume.microliters * stepsPerMicroliter).rounded()))
    }

    /// The most steps of one run that fit into a message.
    static let mostSteps = Double(Int32.max)
}

extension BoardPeristalticPump {
    static let entry = DriverEntry(
        id: "board-peristaltic-pump", deviceClass: .pump, transports: [.serial], isOnBoard: true,
        maturity: "firmware in an emulator",
        settings: [
            BoardChannelSettings.channel, BoardChannelSettings.poll,
            SettingSpec("steps_per_ml", .number(0.001...1e7), "steps of the motor for a millilitre, as calibrated"),
            SettingSpec("max_flow_ul_min", .number(0.1...1e6), "the largest flow that may be asked for"),
            SettingSpec("min_flow_ul_min", .number(0.001...1e6), "the smallest flow that is even enough"),
            SettingSpec(
                "resolution_ul_min", .number(0.000001...1000), default: .number(1), "the grid of flows"),
            SettingSpec(
                "acceleration_steps_s2", .integer(1...1_000_000), default: .integer(4000), "of the motor"),
            SettingSpec(
                "max_run_s", .number(1...3600), default: .number(3600),
                "the board ends a run after so long, whatever is left of it"),
            SettingSpec(
                "forward_level", .choice(["high", "low"]), default: .text("high"),
                "the level of the direction pin that delivers"),
            SettingSpec("reservoir.volume_ml", .number(0.001...9999), "what stands before the tube"),
            SettingSpec("reservoir.reagent", .text, "the name of the reagent in it"),
        ],
        problems: problems, make: { DialogueDriver(BoardPeristalticPump($0, $1)) })

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        let maximum = settings.number("max_flow_ul_min")
        var found: [SettingProblem] = []
        if settings.number("min_flow_ul_min") >= maximum {
            found.append(SettingProblem("min_flow_ul_min", expected: "less than max_flow_ul_min, which is \(maximum)"))
        }
        let perMilliliter = settings.number("steps_per_ml")
        let rates = ["min_flow_ul_min", "max_flow_ul_min"].map { ($0, settings.number($0) / 60_000 * perMilliliter) }
        for (key, rate) in rates where !BoardRates.stepsPerSecond.contains(rate) {
            found.append(SettingProblem(key, expected: BoardRates.expected))
        }
        if settings.number("reservoir.volume_ml") * perMilliliter > BoardPumpConfiguration.mostSteps {
            found.append(SettingProblem("reservoir.volume_ml", expected: "fewer than 2147483648 steps in all"))
        }
        return found
    }
}
