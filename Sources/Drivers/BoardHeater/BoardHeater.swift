import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// A heater that a board controls: sensor on an analog input, PID and time-proportioned output on the board. It goes off by
/// itself when nobody says any more what it shall hold, and the board latches a fault when its sensor is broken, when it is too
/// hot, and when it does not heat as it is told.
struct BoardHeater: BoardChannelDevice {
    let name: DeviceName
    let configuration: BoardHeaterConfiguration
    /// Millidegrees; nil: off.
    private var wanted: Int32?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = BoardHeaterConfiguration(settings)
    }

    var channel: UInt8 { configuration.heater.channel }
    var poll: WireDuration { configuration.poll }
    var deviceClass: DeviceClass { .heater }
    var kind: BoardKind { .heater }
    var safeCommands: [DeviceCommand] { [.heater(.off)] }
    var limits: DeviceLimits { .heater(configuration.limits) }

    var boardChannels: [BoardChannel] {
        let sensor = configuration.sensor
        return [
            BoardChannel(number: sensor.channel, configuration: RelayMessage(sensor)),
            BoardChannel(number: channel, configuration: RelayMessage(configuration.heater)),
        ]
    }

    private func setting(_ target: Int32) -> SetHeaterRequest {
        SetHeaterRequest(
            channel: channel, target: target, ramp: configuration.ramp,
            durationMilliseconds: configuration.heater.maxOnMilliseconds)
    }

    var upkeep: BoardQuestion? { wanted.map { BoardQuestion(RelayMessage(setting($0))) } }
    var upkeepInterval: WireDuration { .milliseconds(Int64(configuration.heater.maxOnMilliseconds) / 3) }

    mutating func forget() { wanted = nil }

    mutating func learn(_ seen: ReadRequest.Answer, askedAt: WireInstant, at now: Moment) -> [DriverEffect] {
        let isOn = seen.active != 0
        if !isOn { wanted = nil }
        let isBroken = seen.flags.contains(.sensorFault)
        func reading(_ quantity: String, _ value: Double, _ unit: Unit, _ quality: Quality = .good) -> DriverEffect {
            .reading(Reading(SignalName(.heater, name, quantity), value, unit, quality: quality, at: now))
        }
        let percent = Double(seen.output) / 10
        let detail = isOn ? "on, power \(percent) %" : "off, power \(percent) %"
        let look = SafeStateReadBack(isSafe: !isOn && seen.output == 0, detail: detail, askedAt: askedAt)
        return [
            reading("temperature", Double(seen.value) / 1000, .celsius, isBroken ? .bad : .good),
            reading("temperature.set_point", Double(seen.target) / 1000, .celsius, isOn ? .good : .uncertain),
            reading("output", percent, .percent), reading("mode", isOn ? 1 : 0, .code), .readBack(look),
        ]
    }

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<BoardJob> {
        switch command {
        case .heater(.off):
            wanted = nil
            return .job(.stop(channel))
        case .heater(.hold(let target)):
            let limits = configuration.limits
            guard limits.minimum <= target, target <= limits.maximum else {
                let range = "\(limits.minimum.celsius) to \(limits.maximum.celsius) degC"
                return .refused("set point of heater \(name) is \(target.celsius) degC, expected \(range)")
            }
            let millidegrees = Int32((target.celsius * 1000).rounded())
            wanted = millidegrees
            return .job(BoardJob(channel, setting(millidegrees), until: .on))
        case .heater(.ramp):
            return .refused("heater \(name) takes no ramp by command; set ramp_k_min in the bench file")
        default: return .refused("\(name) is a heater and does not understand this command")
        }
    }
}

/// What the bench file says of one heater on a board.
struct BoardHeaterConfiguration: Sendable {
    let poll: WireDuration
    let limits: HeaterLimits
    let sensor: ConfigureAnalogRequest
    let heater: ConfigureHeaterRequest
    /// Millikelvin a second; 0: at once.
    let ramp: UInt16

    init(_ settings: DriverSettings) {
        poll = .milliseconds(settings.integer("poll_ms"))
        limits = HeaterLimits(
            minimum: Temperature(celsius: settings.number("min_c")),
            maximum: Temperature(celsius: settings.number("max_c")), resolutionKelvin: 0.001)
        ramp = UInt16(clamping: Int((settings.number("ramp_k_min") / 60 * 1000).rounded()))
        sensor = ConfigureAnalogRequest(
            channel: UInt8(settings.integer("sensor.channel")), average: UInt8(settings.integer("sensor.average")))
        let scale = BoardHeaterConfiguration.sensor(settings)
        func whole(_ key: String, _ factor: Double) -> UInt16 {
            UInt16(clamping: Int((settings.number(key) * factor).rounded()))
        }
        heater = ConfigureHeaterRequest(
            channel: UInt8(settings.integer("channel")), sensorChannel: sensor.channel,
            sensorZero: Int32(clamping: Int64(scale.zero.rounded())),
            sensorScale: Int32(clamping: Int64(scale.slope.rounded())),
            sensorLow: UInt16(clamping: settings.integer("sensor.low")),
            sensorHigh: UInt16(clamping: settings.integer("sensor.high")), kp: whole("pid.p_percent_k", 10),
            ki: whole("pid.i_percent_k_s", 1000), kd: whole("pid.d_percent_s_k", 10),
            windowMilliseconds: whole("window_s", 1000), maxOutput: whole("max_output_percent", 10),
            maxTemperature: Int32((settings.number("trip_c") * 1000).rounded()),
            checkSeconds: whole("check.after_s", 1),
            checkRise: whole("check.rise_k", 1000),
            maxOnMilliseconds: UInt32(WireDuration.seconds(settings.number("hold_s")).milliseconds))
    }

    /// Millidegrees at count 0, and microkelvin a count.
    static func sensor(_ settings: DriverSettings) -> (zero: Double, slope: Double) {
        guard let raw = settings.optionalPair("sensor.raw"), let scaled = settings.optionalPair("sensor.scaled_c")
        else {
            return (0, 0)
        }
        let slope = (scaled.second - scaled.first) / (raw.second - raw.first)
        return ((scaled.first - slope * raw.first) * 1000, slope * 1e6)
    }
}

extension BoardHeater {
    private static let pid = 0.0...6553
    static let entry = DriverEntry(
        id: "board-pid-heater", deviceClass: .heater, transports: [.serial], isOnBoard: true,
        maturity: "firmware in an emulator",
        settings: [
            BoardChannelSettings.channel, BoardChannelSettings.poll, BoardChannelSettings.hold,
            SettingSpec("min_c", .number(-50...500), default: .number(15), "the lowest set point"),
            SettingSpec("max_c", .number(-50...500), "the highest set point"),
            SettingSpec("trip_c", .number(-50...500), "above it the board latches a fault"),
            SettingSpec(
                "ramp_k_min", .number(0...3000), default: .number(0), "how fast the set point moves; 0: at once"),
            SettingSpec("sensor.channel", .integer(0...254), "the analog input of its sensor"),
            SettingSpec("sensor.raw", .pair(0...65_535), "two counts of the sensor"),
            SettingSpec("sensor.scaled_c", .pair(-273...2000), "the temperatures that those two stand for"),
            SettingSpec("sensor.low", .integer(0...65_535), "counts below it are a broken sensor"),
            SettingSpec("sensor.high", .integer(0...65_535), "counts above it are a broken sensor"),
            SettingSpec("sensor.average", .integer(1...64), default: .integer(16), "samples of the moving mean"),
            SettingSpec("pid.p_percent_k", .number(pid), "percent of output a kelvin"),
            SettingSpec(
                "pid.i_percent_k_s", .number(0...65), default: .number(0), "percent of output a kelvin and second"),
            SettingSpec("pid.d_percent_s_k", .number(pid), default: .number(0), "percent of output a kelvin a second"),
            SettingSpec("window_s", .number(0.1...60), default: .number(2), "of the time-proportioned output"),
            SettingSpec("max_output_percent", .number(0.1...100), default: .number(100), "the most output"),
            SettingSpec("check.after_s", .integer(1...3600), "after so long at nearly full output"),
            SettingSpec(
                "check.rise_k", .number(0.001...65), "it must be warmer by so much, else the board latches a fault"),
        ],
        problems: problems, make: { DialogueDriver(BoardHeater($0, $1)) })

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        var found: [SettingProblem] = []
        let maximum = settings.number("max_c")
        if settings.number("min_c") >= maximum {
            found.append(SettingProblem("min_c", expected: "less than max_c, which is \(maximum)"))
        }
        if settings.number("trip_c") <= maximum {
            found.append(SettingProblem("trip_c", expected: "more than max_c, which is \(maximum)"))
        }
        if settings.integer("sensor.low") >= settings.integer("sensor.high") {
            found.append(SettingProblem("sensor.low", expected: "less than sensor.high"))
        }
        if settings.integer("sensor.channel") == settings.integer("channel") {
            found.append(SettingProblem("sensor.channel", expected: "another channel than the heater's own"))
        }
        let limit = Double(Int32.max)
        let scale = BoardHeaterConfiguration.sensor(settings)
        if scale.zero.magnitude > limit || scale.slope.magnitude > limit || scale.slope.rounded() == 0 {
            found.append(
                SettingProblem(
                    "sensor.scaled_c", expected: "0.000001 to 2147 degC a count, and at count 0 no more than 2 million")
            )
        }
        return found
    }
}
