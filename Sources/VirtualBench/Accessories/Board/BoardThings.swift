import Quantities
import RealMath
import Wire

/// What hangs on a board: valves, motors with a limit switch, a heated block with its sensor.
struct BoardThings: Sendable {
    enum Model: String, Sendable { case uno, stm32f103 }

    struct Axis: Sendable {
        let channel: UInt8
        /// Steps from its limit switch, as it really stands.
        var place: Int
        var steppedAt = WireInstant.zero
        var isRunning = false
        var steps = 0
    }

    struct Pin: Sendable {
        let channel: UInt8
        let label: String
        var isOn = false
        /// Wire seconds of its last change.
        var changedAt = 0.0
    }

    /// Celsius; watts of the heater, joules a kelvin, kelvins a watt.
    static let room = 22.0
    static let power = 40.0
    static let capacity = 60.0
    static let resistance = 3.5
    /// Its sensor gives 10 mV a kelvin, 0 V at 0 degC.
    static let voltsPerKelvin = 0.01

    private let sensor: UInt8
    private let fullScale: Double
    private let reference: Double
    private let limitSwitch: UInt8
    private let emergencyStop: UInt8
    private(set) var axes: [Axis]
    private(set) var pins: [Pin]
    private var heat = Self.room
    private var isHeating = false
    private var at = WireInstant.zero

    init(_ model: Model) {
        let isUno = model == .uno
        (sensor, fullScale, reference) = isUno ? (6, 1023, 5) : (7, 4095, 3.3)
        (limitSwitch, emergencyStop) = isUno ? (5, 4) : (6, 5)
        axes = Self.axes(of: model).map { Axis(channel: $0, place: 1200) }
        pins = Self.outputs(of: model).map { Pin(channel: $0.channel, label: $0.label) }
    }

    private static func axes(of model: Model) -> [UInt8] { model == .uno ? [3] : [0, 1, 2] }

    /// The heater's is the last.
    private static func outputs(of model: Model) -> [(channel: UInt8, label: String)] {
        switch model {
        case .uno: [(0, "D4"), (1, "D5"), (2, "D6"), (8, "D7")]
        case .stm32f103: [(3, "PB12"), (4, "PB13"), (9, "PB14")]
        }
    }

    /// The member of `truth` that tells whether what hangs on a channel is on, or moves; nil: nothing there can be.
    static func member(_ channel: UInt8, of model: Model) -> String? {
        if axes(of: model).contains(channel) { return "axis_\(channel)_moving" }
        let outputs = outputs(of: model)
        guard channel != outputs.last?.channel else { return "block_heats" }
        return outputs.first { $0.channel == channel }?.label
    }

    // MARK: Time

    /// The next step of a motor; nil where none steps.
    func nextStep(of core: inout BoardCore, from wire: WireInstant) -> (axis: Int, at: WireInstant)? {
        var soonest: (axis: Int, at: WireInstant)?
        for index in axes.indices {
            let interval = core.axis(axes[index].channel).interval
            guard interval > 0 else { continue }
            let from = axes[index].isRunning ? axes[index].steppedAt : wire
            let at = max(wire, from + WireDuration(nanoseconds: Int64(interval) * 1000 / 16))
            if soonest.map({ at < $0.at }) ?? true { soonest = (index, at) }
        }
        return soonest
    }

    mutating func step(_ index: Int, _ core: inout BoardCore, at wire: WireInstant) {
        let channel = axes[index].channel
        let isForward = core.axis(channel).is_dir_high
        axes[index].steppedAt = wire
        guard core.step(channel) else { return }
        axes[index].steps += 1
        axes[index].place += isForward ? 1 : -1
    }

    /// A block that is heated and cools down.
    mutating func move(to wire: WireInstant) {
        let seconds = (wire - at).seconds
        at = wire
        guard seconds > 0 else { return }
        let end = Self.room + (isHeating ? Self.power * Self.resistance : 0)
        heat = end + (heat - end) * exp(-seconds / (Self.capacity * Self.resistance))
    }

    // MARK: Pins

    func setInputs(of core: inout BoardCore, _ faults: [Fault: Double]) {
        let shown = heat * Self.voltsPerKelvin / reference * fullScale
        let count = faults[.blockSensorOpen] != nil ? fullScale : shown
        core.setAnalog(sensor, UInt16(max(0, min(fullScale, count))))
        core.setInput(limitSwitch, (axes.last?.place ?? 1) <= 0)
        core.setInput(emergencyStop, faults[.emergencyStop] != nil)
    }

    mutating func take(_ core: inout BoardCore, at wire: WireInstant) {
        for index in pins.indices {
            let isOn = core.isHigh(pins[index].channel)
            if isOn != pins[index].isOn { pins[index].changedAt = wire.seconds }
            pins[index].isOn = isOn
        }
        for index in axes.indices {
            let isRunning = core.axis(axes[index].channel).interval > 0
            if isRunning, !axes[index].isRunning { axes[index].steppedAt = wire }
            axes[index].isRunning = isRunning
        }
        isHeating = pins.last?.isOn ?? false
    }

    // MARK: Truth

    var truth: [String: JSONValue] {
        var all: [String: JSONValue] = [:]
        for pin in pins.dropLast() {
            all["\(pin.label)"] = .bool(pin.isOn)
            all["\(pin.label)_changed_s"] = .number((pin.changedAt * 1e4).rounded() / 1e4)
        }
        for axis in axes {
            all["axis_\(axis.channel)_steps"] = .integer(Int64(axis.steps))
            all["axis_\(axis.channel)_moving"] = .bool(axis.isRunning)
        }
        all["block_c"] = .number(heat.rounded())
        all["block_heats"] = .bool(isHeating)
        return all
    }
}
