/// What can be made to go wrong. The names are those of the fault socket.
public struct Fault: Hashable, Sendable, CustomStringConvertible {
    /// The kinds of device that a fault is for.
    public enum Target: String, Sendable {
        case link, pump, heater, spectrometer, io, reactor
        /// One of the devices beside the plant's own; which, it says itself.
        case accessory
    }

    /// Taken when a command gives no value.
    enum Usual: Hashable, Sendable {
        case value(Double)
        case between(Double, Double)
    }

    public let rawValue: String
    public let target: Target
    /// Whether it happens once rather than lasting.
    public let isMomentary: Bool
    /// The range of `value`; nil when the fault takes none.
    public let valueRange: ClosedRange<Double>?
    private let usual: Usual

    init(
        _ name: String, _ target: Target, momentary: Bool = false, _ range: ClosedRange<Double>? = nil,
        usual: Usual = .value(0)
    ) {
        rawValue = name
        self.target = target
        isMomentary = momentary
        valueRange = range
        self.usual = usual
    }

    public var description: String { rawValue }

    /// The value taken when a command gives none.
    func defaultValue(_ generator: inout Generator) -> Double {
        switch usual {
        case .value(let value): value
        case .between(let low, let high): generator.uniform(low, high)
        }
    }
}

/// Those of any link, and of the plant and its own devices.
extension Fault {
    public static let mute = Fault("mute", .link)
    public static let delay = Fault("delay", .link, 0...600, usual: .value(2))
    public static let garbage = Fault("garbage", .link)
    public static let truncate = Fault("truncate", .link)
    public static let corrupt = Fault("corrupt", .link)
    public static let duplicate = Fault("duplicate", .link)
    public static let unplug = Fault("unplug", .link)

    public static let stall = Fault("stall", .pump)
    /// A pump's true share of the commanded flow.
    public static let slow = Fault("slow", .pump, 0...1, usual: .between(0.7, 0.9))
    public static let leak = Fault("leak", .pump, 0...1, usual: .value(0.9))
    /// Seconds of lag.
    public static let bubble = Fault("bubble", .pump, 0...600, usual: .between(15, 40))
    public static let refill = Fault("refill", .pump, momentary: true)
    public static let drySyringe = Fault("dry_syringe", .pump)
    public static let powerCycle = Fault("power_cycle", .pump, momentary: true)

    public static let sensorFrozen = Fault("sensor_frozen", .heater)
    public static let sensorOpen = Fault("sensor_open", .heater)
    /// Kelvin.
    public static let sensorOffset = Fault("sensor_offset", .heater, -200...200, usual: .value(-20))
    public static let relayStuckOn = Fault("relay_stuck_on", .heater)
    public static let relayStuckOff = Fault("relay_stuck_off", .heater)
    public static let heaterRunaway = Fault("heater_runaway", .heater)
    /// degC.
    public static let plateTemperature = Fault(
        "plate_temperature", .heater, momentary: true, -50...400, usual: .value(170))
    public static let limitReset = Fault("limit_reset", .heater, momentary: true)

    public static let dropout = Fault("dropout", .spectrometer)
    public static let saturate = Fault("saturate", .spectrometer)
    /// AU a minute.
    public static let fouling = Fault("fouling", .spectrometer, 0...10, usual: .value(2e-4))
    /// A share an hour, and at once.
    public static let lampDrift = Fault("lamp_drift", .spectrometer, -1...1, usual: .value(-0.003))
    public static let lampStep = Fault("lamp_step", .spectrometer, -1...1, usual: .value(-0.2))
    public static let lampStuckOn = Fault("lamp_stuck_on", .spectrometer)
    public static let staleFrame = Fault("stale_frame", .spectrometer)

    /// Bar, as the transmitter sees it.
    public static let pressure = Fault("pressure", .io, 0...20, usual: .value(10))
    public static let contactorStuck = Fault("contactor_stuck", .io)
    public static let leakDetected = Fault("leak_detected", .io)
    public static let inputBroken = Fault("input_broken", .io)

    public static let clog = Fault("clog", .reactor, 0...1000, usual: .value(1))

    /// In the order in which the fault socket lists them.
    public static let allCases: [Fault] = [
        mute, delay, garbage, truncate, corrupt, duplicate, unplug, stall, slow, leak, bubble, refill, drySyringe,
        powerCycle, sensorFrozen, sensorOpen, sensorOffset, relayStuckOn, relayStuckOff, heaterRunaway,
        plateTemperature, limitReset, dropout, saturate, fouling, lampDrift, lampStep, lampStuckOn, staleFrame,
        pressure, contactorStuck, leakDetected, inputBroken, clog,
    ]
    static let ofLinks = allCases.filter { $0.target == .link }
}
