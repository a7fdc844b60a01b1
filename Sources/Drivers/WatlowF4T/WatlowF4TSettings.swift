import DeviceModel
import Quantities

/// What the bench file says of one control loop.
struct WatlowConfiguration: Sendable {
    let unit: UInt8
    let model: WatlowModel
    let registers: WatlowRegisters
    let wordOrder: WatlowWordOrder
    let limits: HeaterLimits
    let sensorRange: ClosedRange<Double>
    let poll: WireDuration
    let setPointWritesPerHour: Int

    init(_ settings: DriverSettings, _ model: WatlowModel) {
        self.model = model
        unit = UInt8(clamping: settings.integer("unit"))
        registers =
            switch model {
            case .f4t: WatlowRegisters(loop: Int(settings.integer("loop")))
            case .ezZone: WatlowRegisters(zone: Int(settings.integer("zone")))
            }
        wordOrder = WatlowWordOrder(rawValue: settings.text("word_order")) ?? .lowFirst
        let lowest = settings.number("min_c")
        limits = HeaterLimits(
            minimum: Temperature(celsius: lowest), maximum: Temperature(celsius: max(lowest, settings.number("max_c"))),
            resolutionKelvin: settings.number("resolution_k"),
            ramp: RampLimits(
                fastestKelvinPerMinute: settings.number("ramp_max_k_min"),
                smallestStepKelvin: settings.number("resolution_k"),
                largestStepKelvin: WatlowF4T.largestRampStepKelvin,
                writesPerHour: Int(Double(settings.integer("set_point_writes_per_hour")) * WatlowF4T.rampShare)))
        let coldest = settings.number("sensor_min_c")
        sensorRange = coldest...max(coldest, settings.number("sensor_max_c"))
        poll = .milliseconds(settings.integer("poll_ms"))
        setPointWritesPerHour = Int(settings.integer("set_point_writes_per_hour"))
    }

    /// The set point next to a temperature in degC: on the grid and within the limits.
    func onGrid(_ celsius: Double) -> Float {
        let grid = limits.resolutionKelvin
        return Float(min(max((celsius / grid).rounded() * grid, limits.minimum.celsius), limits.maximum.celsius))
    }
}

extension WatlowF4T {
    public static let entry = DriverEntry(
        id: "watlow-f4t", deviceClass: .heater, transports: [.modbus], maturity: "simulated wire",
        settings: [SettingSpec("loop", .integer(1...4), default: .integer(1), "which control loop of the controller")]
            + specs,
        make: { WatlowF4T(device: $0, settings: $1) })

    /// The same conversation; only the registers and the identity are another controller's.
    public static let ezZoneEntry = DriverEntry(
        id: "watlow-ez-zone", deviceClass: .heater, transports: [.modbus], maturity: "simulated wire",
        settings: [
            SettingSpec(
                "zone", .integer(1...13), default: .integer(1),
                "which controller behind an RUI or RMA gateway; 1 for a PM on the bus itself")
        ] + specs,
        make: { WatlowF4T(device: $0, settings: $1, model: .ezZone) })

    private static let specs = [
        SettingSpec("unit", .integer(1...247), default: .integer(1), "the controller's Modbus address"),
        SettingSpec(
            "word_order", .choice(WatlowWordOrder.allCases.map(\.rawValue)), default: .text("low-first"),
            "which half of a 32-bit value comes first: Setup, Communications of the controller"),
        SettingSpec("min_c", .number(-200...2000), "the lowest set point that may be asked for"),
        SettingSpec("max_c", .number(-200...2000), "the highest set point that may be asked for"),
        SettingSpec("resolution_k", .number(0.001...10), default: .number(0.1), "the grid of set points"),
        SettingSpec(
            "sensor_min_c", .number(-273...2000), default: .number(-200),
            "below this, the sensor is believed broken"),
        SettingSpec(
            "sensor_max_c", .number(-200...2000), default: .number(800), "above this, the sensor is believed open"),
        SettingSpec("poll_ms", .integer(50...10_000), default: .integer(200), "time from one look to the next"),
        SettingSpec(
            "set_point_writes_per_hour", .integer(1...3600), default: .integer(60),
            "more are refused: each is kept in a memory that wears out"),
        SettingSpec(
            "ramp_max_k_min", .number(0...100), default: .number(10),
            "the fastest ramp that may be asked for; 0: none"),
    ]
}
