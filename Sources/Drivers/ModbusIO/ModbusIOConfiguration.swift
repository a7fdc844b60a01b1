import DeviceModel
import Quantities

/// The four address spaces of Modbus. Source: Modbus application protocol 1.1b3, section 4.3.
enum IOSpace: Int, Sendable, CaseIterable {
    case coils, discreteInputs, inputRegisters, holdingRegisters

    /// What one question may ask for at most.
    var longestBlock: Int {
        switch self {
        case .coils, .discreteInputs: 2000
        case .inputRegisters, .holdingRegisters: 125
        }
    }

    var words: String {
        switch self {
        case .coils: "coils"
        case .discreteInputs: "discrete inputs"
        case .inputRegisters: "input registers"
        case .holdingRegisters: "holding registers"
        }
    }
}

struct IOPoint: Hashable, Sendable {
    let space: IOSpace
    let address: UInt16
}

/// Neighbours that are read at once. What nobody configured is never asked for: it may not be there.
struct IOBlock: Hashable, Sendable {
    let space: IOSpace
    let address: UInt16
    var count: UInt16

    /// Where in an answer the point stands; nil when it is not in this block.
    func index(of point: IOPoint) -> Int? {
        guard point.space == space, point.address >= address else { return nil }
        let index = Int(point.address) - Int(address)
        return index < Int(count) ? index : nil
    }

    var operation: ModbusRequest.Operation {
        switch space {
        case .coils: .readCoils(address: address, count: count)
        case .discreteInputs: .readDiscreteInputs(address: address, count: count)
        case .inputRegisters: .readInputRegisters(address: address, count: count)
        case .holdingRegisters: .readHoldingRegisters(address: address, count: count)
        }
    }

    var words: String { "\(space.words) \(address) to \(Int(address) + Int(count) - 1)" }

    /// The fewest blocks that hold these points and nothing else; coils first, because they say what is safe.
    static func covering(_ points: [IOPoint]) -> [IOBlock] {
        var blocks: [IOBlock] = []
        for space in IOSpace.allCases {
            for address in Set(points.filter { $0.space == space }.map(\.address)).sorted() {
                if let last = blocks.last, last.space == space, Int(last.count) < space.longestBlock,
                    Int(last.address) + Int(last.count) == Int(address)
                {
                    blocks[blocks.count - 1].count += 1
                } else {
                    blocks.append(IOBlock(space: space, address: address, count: 1))
                }
            }
        }
        return blocks
    }
}

/// From a register to a value. Below and above its fault limits the loop is broken and there is none: NAMUR NE 43 has a
/// 4-20 mA transmitter leave 3.6 to 21 mA when it has failed.
struct IOScale: Sendable {
    let format: IOFormat
    let raw: (first: Double, second: Double)
    let scaled: (first: Double, second: Double)
    let faultBelow: Double?
    let faultAbove: Double?

    /// nil: a sensor fault.
    func value(of register: UInt16) -> Double? {
        let number = format.number(register)
        if let faultBelow, number < faultBelow { return nil }
        if let faultAbove, number > faultAbove { return nil }
        let share = (number - raw.first) / (raw.second - raw.first)
        return scaled.first + share * (scaled.second - scaled.first)
    }
}

struct IOInput: Sendable {
    let name: String
    let point: IOPoint
    let unit: Unit
    /// nil: a discrete input.
    let scale: IOScale?
}

struct IOOutput: Sendable {
    let name: String
    let coil: IOPoint
    let isOnWhenSafe: Bool
    /// Where the contact itself is seen.
    let feedback: IOPoint?

    /// All that must show a level before the output has it.
    var points: [IOPoint] { [coil] + (feedback.map { [$0] } ?? []) }
    /// What is believed of its level: the contact, before the coil that should move it.
    var shown: IOPoint { feedback ?? coil }
}

/// The module's own watchdog: a holding register with the time after which it opens its outputs when nobody asks.
struct IOWatchdog: Sendable {
    let register: UInt16
    let count: UInt16
    let seconds: Double

    /// nil: none is configured, or its time is no whole number of steps.
    init?(_ settings: DriverSettings) {
        guard settings.has("watchdog.register"), settings.has("watchdog.seconds") else { return nil }
        seconds = settings.number("watchdog.seconds")
        let steps = seconds * 1000 / settings.number("watchdog.step_ms")
        guard (steps - steps.rounded()).magnitude < 1e-6, let count = UInt16(exactly: steps.rounded()), count > 0 else {
            return nil
        }
        self.count = count
        register = UInt16(clamping: settings.integer("watchdog.register"))
    }
}

/// What the bench file says of one module.
struct IOConfiguration: Sendable {
    let unit: UInt8
    let poll: WireDuration
    let watchdog: IOWatchdog?
    let inputs: [IOInput]
    let outputs: [IOOutput]
    /// One look, in order.
    let blocks: [IOBlock]
    /// Those of them that show what the outputs do.
    let outputBlocks: [IOBlock]

    init(_ settings: DriverSettings) {
        unit = UInt8(clamping: settings.integer("unit"))
        poll = .milliseconds(settings.integer("poll_ms"))
        watchdog = IOWatchdog(settings)
        inputs = settings.tables("inputs").compactMap { Self.input($0.name, $0.settings) }
        outputs = settings.tables("outputs").map { Self.output($0.name, $0.settings) }
        blocks = IOBlock.covering(inputs.map(\.point) + outputs.flatMap(\.points))
        outputBlocks = Self.blocks(blocks, showing: outputs)
    }

    /// The blocks of a look that show these outputs.
    func blocks(showing outputs: [IOOutput]) -> [IOBlock] { Self.blocks(blocks, showing: outputs) }

    private static func blocks(_ blocks: [IOBlock], showing outputs: [IOOutput]) -> [IOBlock] {
        let points = outputs.flatMap(\.points)
        return blocks.filter { block in points.contains { block.index(of: $0) != nil } }
    }

    private static func input(_ name: String, _ settings: DriverSettings) -> IOInput? {
        let places: [(String, IOSpace)] = [
            ("input_register", .inputRegisters), ("holding_register", .holdingRegisters),
            ("discrete_input", .discreteInputs),
        ]
        for (key, space) in places {
            guard let address = settings.optionalInteger(key) else { continue }
            let unit = settings.optionalText("unit").flatMap(Unit.init(rawValue:)) ?? .code
            return IOInput(
                name: name, point: IOPoint(space: space, address: UInt16(clamping: address)), unit: unit,
                scale: space == .discreteInputs ? nil : scale(settings))
        }
        return nil
    }

    private static func scale(_ settings: DriverSettings) -> IOScale {
        IOScale(
            format: IOFormat(rawValue: settings.text("format")) ?? .u16,
            raw: settings.optionalPair("raw") ?? (0, 1), scaled: settings.optionalPair("scaled") ?? (0, 1),
            faultBelow: settings.optionalInteger("fault_below").map(Double.init),
            faultAbove: settings.optionalInteger("fault_above").map(Double.init))
    }

    private static func output(_ name: String, _ settings: DriverSettings) -> IOOutput {
        IOOutput(
            name: name, coil: IOPoint(space: .coils, address: UInt16(clamping: settings.integer("coil"))),
            isOnWhenSafe: settings.text("safe") == "on",
            feedback: settings.optionalInteger("feedback_input").map {
                IOPoint(space: .discreteInputs, address: UInt16(clamping: $0))
            })
    }
}
