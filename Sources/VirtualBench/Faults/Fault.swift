/// What can be made to go wrong. The names are those of the fault socket.
public enum Fault: String, CaseIterable, Sendable {
    // Any link.
    case mute, delay, garbage, truncate, corrupt, duplicate, unplug
    // Pumps.
    case stall, slow, leak, bubble, refill
    case drySyringe = "dry_syringe"
    case powerCycle = "power_cycle"
    // Heater.
    case sensorFrozen = "sensor_frozen"
    case sensorOpen = "sensor_open"
    case sensorOffset = "sensor_offset"
    case relayStuckOn = "relay_stuck_on"
    case relayStuckOff = "relay_stuck_off"
    case heaterRunaway = "heater_runaway"
    case plateTemperature = "plate_temperature"
    case limitReset = "limit_reset"
    // Spectrometers.
    case dropout, saturate, fouling
    case lampDrift = "lamp_drift"
    case lampStep = "lamp_step"
    case lampStuckOn = "lamp_stuck_on"
    case staleFrame = "stale_frame"
    // The I/O module and what is wired to it.
    case pressure
    case contactorStuck = "contactor_stuck"
    case leakDetected = "leak_detected"
    case inputBroken = "input_broken"
    // The tubing.
    case clog

    /// The kinds of device that a fault is for.
    public enum Target: String, Sendable { case link, pump, heater, spectrometer, io, reactor }

    public var target: Target {
        switch self {
        case .mute, .delay, .garbage, .truncate, .corrupt, .duplicate, .unplug: .link
        case .stall, .slow, .leak, .bubble, .refill, .drySyringe, .powerCycle: .pump
        case .sensorFrozen, .sensorOpen, .sensorOffset, .relayStuckOn, .relayStuckOff, .heaterRunaway,
            .plateTemperature,
            .limitReset:
            .heater
        case .dropout, .saturate, .fouling, .lampDrift, .lampStep, .lampStuckOn, .staleFrame: .spectrometer
        case .pressure, .contactorStuck, .leakDetected, .inputBroken: .io
        case .clog: .reactor
        }
    }

    /// Whether it happens once rather than lasting.
    public var isMomentary: Bool {
        switch self {
        case .powerCycle, .plateTemperature, .limitReset, .refill: true
        case .mute, .delay, .garbage, .truncate, .corrupt, .duplicate, .unplug, .stall, .slow, .leak, .bubble,
            .drySyringe, .sensorFrozen, .sensorOpen, .sensorOffset, .relayStuckOn, .relayStuckOff, .heaterRunaway,
            .dropout,
            .saturate, .fouling, .lampDrift, .lampStep, .lampStuckOn, .staleFrame, .pressure, .contactorStuck,
            .leakDetected, .inputBroken, .clog:
            false
        }
    }

    /// The meaning and range of `value`; nil when the fault takes none.
    public var valueRange: ClosedRange<Double>? {
        switch self {
        case .delay: 0...600
        case .slow, .leak: 0...1
        case .bubble: 0...600
        case .plateTemperature: -50...400
        case .sensorOffset: -200...200
        case .fouling: 0...10
        case .lampDrift, .lampStep: -1...1
        case .pressure: 0...20
        case .clog: 0...1000
        case .mute, .garbage, .truncate, .corrupt, .duplicate, .unplug, .stall, .refill, .drySyringe, .powerCycle,
            .sensorFrozen, .sensorOpen, .relayStuckOn, .relayStuckOff, .heaterRunaway, .limitReset, .dropout,
            .saturate, .lampStuckOn, .staleFrame, .contactorStuck, .leakDetected, .inputBroken:
            nil
        }
    }

    /// The value taken when a command gives none.
    func defaultValue(_ generator: inout Generator) -> Double {
        switch self {
        case .delay: 2
        case .slow: generator.uniform(0.7, 0.9)
        case .leak: 0.9
        case .bubble: generator.uniform(15, 40)
        case .plateTemperature: 170
        case .sensorOffset: -20
        case .fouling: 2e-4
        case .lampDrift: -0.003
        case .lampStep: -0.2
        case .pressure: 10
        case .clog: 1
        case .mute, .garbage, .truncate, .corrupt, .duplicate, .unplug, .stall, .refill, .drySyringe, .powerCycle,
            .sensorFrozen, .sensorOpen, .relayStuckOn, .relayStuckOff, .heaterRunaway, .limitReset, .dropout,
            .saturate, .lampStuckOn, .staleFrame, .contactorStuck, .leakDetected, .inputBroken:
            0
        }
    }
}
