import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// A motor that a board moves to positions: a stage, a shutter, a selector. It knows where it is once it has found its limit
/// switch.
struct BoardStepper: BoardChannelDevice {
    let name: DeviceName
    let configuration: BoardStepperConfiguration
    private(set) var isHomed = false

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = BoardStepperConfiguration(settings)
    }

    var channel: UInt8 { configuration.axis.channel }
    var poll: WireDuration { configuration.poll }
    var deviceClass: DeviceClass { .stepper }
    var kind: BoardKind { .stepper }
    var safeCommands: [DeviceCommand] { [.stepper(.stop)] }
    var limits: DeviceLimits { .stepper(configuration.limits) }

    var boardChannels: [BoardChannel] {
        let axis = BoardChannel(number: channel, configuration: RelayMessage(configuration.axis))
        return
            (configuration.limitSwitch.map { [BoardChannel(number: $0.channel, configuration: RelayMessage($0))] } ?? [])
            + [axis]
    }

    mutating func forget() { isHomed = false }

    mutating func learn(_ seen: ReadRequest.Answer, askedAt: WireInstant, at now: Moment) -> [DriverEffect] {
        isHomed = seen.flags.contains(.homed)
        func reading(_ quantity: String, _ value: Double, _ unit: Unit, _ quality: Quality = .good) -> DriverEffect {
            .reading(Reading(SignalName(.stepper, name, quantity), value, unit, quality: quality, at: now))
        }
        let position = Double(seen.value) / configuration.stepsPerMillimeter
        let isMoving = seen.active != 0
        let place = isHomed ? "\(position) mm" : "where it was not homed"
        let look = SafeStateReadBack(
            isSafe: !isMoving, detail: (isMoving ? "moving at " : "standing at ") + place, askedAt: askedAt)
        return [
            reading("position", position, .millimeters, isHomed ? .good : .bad),
            reading("status", isMoving ? 1 : 0, .code),
            reading("limit", seen.flags.contains(.limit) ? 1 : 0, .code), .readBack(look),
        ]
    }

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<BoardJob> {
        switch command {
        case .stepper(.stop): return .job(.stop(channel))
        case .stepper(.home):
            guard configuration.limitSwitch != nil else {
                return .refused("stepper \(name) has no limit switch in the bench file (limit_channel)")
            }
            let home = HomeRequest(
                channel: channel, rate: configuration.homeRate, maxSteps: configuration.homeSteps)
            return .job(BoardJob(channel, home, until: .arrived))
        case .stepper(.move(let position)):
            return move(to: position).map { BoardJob(channel, $0, until: .arrived) }
        default: return .refused("\(name) is a stepper and does not understand this command")
        }
    }

    func timed(_ command: DeviceCommand) -> DialogueStart<BoardQuestion> {
        switch command {
        case .stepper(.stop): return .job(BoardQuestion(RelayMessage(ChannelStopRequest(channel: channel))))
        case .stepper(.move(let position)):
            return move(to: position).map { BoardQuestion(RelayMessage($0)) }
        default: return .refused("stepper \(name) can be told to move or to stop for a set time")
        }
    }

    private func move(to position: Double) -> DialogueStart<MoveRequest> {
        let limits = configuration.limits
        guard position.isFinite, (limits.minimum...limits.maximum).contains(position) else {
            return .refused(
                "position of stepper \(name) is \(position) mm, expected \(limits.minimum) to \(limits.maximum) mm")
        }
        guard isHomed else { return .refused("stepper \(name) does not know where it is: home it first") }
        return .job(
            MoveRequest(
                channel: channel, mode: .absolute, position: configuration.steps(position),
                rate: configuration.axis.maxRate))
    }
}

/// What the bench file says of one axis on a board.
struct BoardStepperConfiguration: Sendable {
    let poll: WireDuration
    let stepsPerMillimeter: Double
    let limits: StepperLimits
    let axis: ConfigureAxisRequest
    let limitSwitch: ConfigureInputRequest?
    /// Millisteps a second.
    let homeRate: UInt32
    let homeSteps: UInt32

    init(_ settings: DriverSettings) {
        poll = .milliseconds(settings.integer("poll_ms"))
        let scale = settings.number("steps_per_mm")
        stepsPerMillimeter = scale
        limits = StepperLimits(
            minimum: settings.number("min_mm"), maximum: settings.number("max_mm"), resolution: 1 / scale,
            speed: settings.number("speed_mm_s"))
        let input = settings.optionalInteger("limit_channel").map { UInt8($0) }
        limitSwitch = input.map {
            ConfigureInputRequest(
                channel: $0, activeLow: settings.text("limit_level") == "low" ? 1 : 0, debounceMilliseconds: 2,
                report: 1,
                emergencyStop: 0)
        }
        func steps(_ millimeters: Double) -> Double { (millimeters * scale).rounded() }
        homeRate = UInt32(clamping: Int64(steps(settings.number("home_speed_mm_s") * 1000)))
        // Somewhat more than all of its way.
        homeSteps = UInt32(clamping: Int64(steps((limits.maximum - limits.minimum) * 1.2)) + 1)
        axis = ConfigureAxisRequest(
            channel: UInt8(settings.integer("channel")), inverted: settings.text("forward_level") == "low" ? 1 : 0,
            maxRate: UInt32(clamping: Int64(steps(limits.speed * 1000))),
            acceleration: UInt32(clamping: Int64(steps(settings.number("acceleration_mm_s2")).rounded(.up))),
            maxRunMilliseconds: UInt32(WireDuration.seconds(settings.number("max_run_s")).milliseconds),
            limitChannel: input ?? UInt8(BoardDictionary.noChannel),
            homeBackward: settings.text("home") == "backward" ? 1 : 0,
            minimum: Int32(clamping: Int64(steps(limits.minimum))),
            maximum: Int32(clamping: Int64(steps(limits.maximum))))
    }

    func steps(_ millimeters: Double) -> Int32 { Int32(clamping: Int64((millimeters * stepsPerMillimeter).rounded())) }
}

extension BoardStepper {
    static let entry = DriverEntry(
        id: "board-stepper", deviceClass: .stepper, transports: [.serial], isOnBoard: true,
        maturity: "firmware in an emulator",
        settings: [
            BoardChannelSettings.channel, BoardChannelSettings.poll,
            SettingSpec("steps_per_mm", .number(0.001...1e6), "steps of the motor for a millimetre"),
            SettingSpec("min_mm", .number(-1e5...1e5), default: .number(0), "the smallest position"),
            SettingSpec("max_mm", .number(-1e5...1e5), "the largest position"),
            SettingSpec("speed_mm_s", .number(0.001...1e5), "how fast it moves"),
            SettingSpec("acceleration_mm_s2", .number(0.001...1e6), "of the motor"),
            SettingSpec("home_speed_mm_s", .number(0.001...1e5), "how fast it looks for its switch"),
            SettingSpec(
                "home", .choice(["backward", "forward"]), default: .text("backward"),
                "towards which end it looks for its switch"),
            .optional(
                "limit_channel", .integer(0...254),
                "the digital input of its limit switch; without one it cannot be homed"),
            SettingSpec(
                "limit_level", .choice(["high", "low"]), default: .text("high"),
                "the level of the switch that is reached"),
            SettingSpec(
                "max_run_s", .number(1...3600), default: .number(60), "the board ends a move after so long"),
            SettingSpec(
                "forward_level", .choice(["high", "low"]), default: .text("high"),
                "the level of the direction pin towards larger positions"),
        ],
        problems: problems, make: { DialogueDriver(BoardStepper($0, $1)) })

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        var found: [SettingProblem] = []
        let (minimum, maximum) = (settings.number("min_mm"), settings.number("max_mm"))
        if minimum >= maximum {
            found.append(SettingProblem("min_mm", expected: "less than max_mm, which is \(maximum)"))
        }
        let scale = settings.number("steps_per_mm")
        if max(minimum.magnitude, maximum.magnitude) * scale > Double(Int32.max) {
            found.append(SettingProblem("max_mm", expected: "fewer than 2147483648 steps from 0"))
        }
        for key in ["speed_mm_s", "home_speed_mm_s"]
        where !BoardRates.stepsPerSecond.contains(settings.number(key) * scale) {
            found.append(SettingProblem(key, expected: BoardRates.expected))
        }
        if settings.number("home_speed_mm_s") > settings.number("speed_mm_s") {
            found.append(SettingProblem("home_speed_mm_s", expected: "at most speed_mm_s"))
        }
        if settings.number("acceleration_mm_s2") * scale > 1e9 {
            found.append(SettingProblem("acceleration_mm_s2", expected: "at most 1000000000 steps a second squared"))
        }
        if settings.optionalInteger("limit_channel") == settings.integer("channel") {
            found.append(SettingProblem("limit_channel", expected: "another channel than the motor's own"))
        }
        return found
    }
}
