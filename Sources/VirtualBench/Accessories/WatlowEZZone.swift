import Quantities
import Wire

/// A Watlow EZ-ZONE PM with a small heated block of its own, as its Modbus registers show them. Addresses are relative
/// (0-based), as on the wire; of a 32-bit value the low half comes first.
///
/// Source: EZ-ZONE PM manual, Modbus register list; numat's `watlow` driver.
struct WatlowEZZone: Accessory {
    static let link = "plate2"

    private enum Mode: UInt16 { case automatic = 10, manual = 54, off = 62 }

    private enum Register {
        static let processValue = 360
        static let sensorType = 368
        static let alarmHigh = 1480
        static let alarmLow = 1482
        static let silence = 1750
        static let mode = 1880
        static let power = 1904
        static let setPoint = 2160
        static let manualPower = 2162
    }

    /// The block: 100 W at full power, 100 J/K, 0.5 W/K to a room of 25 degC.
    private static let fullPower = 100.0
    private static let heatCapacity = 100.0
    private static let loss = 0.5
    private static let room = 25.0
    /// The controller: %/K, and seconds.
    private static let gain = 8.0
    private static let integralTime = 60.0
    private static let longestStep = 0.1
    private static let setPoints = -200.0...300.0
    /// What an open sensor's value looks like on the wire no source of ours says; a float that no controller shows is our
    /// choice.
    private static let openSensor = 1e30

    private var mode = Mode.off
    private var setPoint = 25.0
    private var manualPower = 0.0
    private var alarms = (high: 300.0, low: -200.0)
    private var celsius = room
    private var power = 0.0
    private var integral = 0.0
    /// To the memory that wears out.
    private var setPointWrites = 0
    private var sensorIsOpen = false
    private var relayIsStuck = false
    private var now: BenchInstant

    init(at now: Moment) { self.now = now.bench }

    mutating func advance(to now: Moment) {
        var left = (now.bench - self.now).seconds
        guard left > 0 else { return }
        self.now = now.bench
        while left > 0 {
            let step = min(left, Self.longestStep)
            left -= step
            control(step)
            let watts = relayIsStuck ? Self.fullPower : Self.fullPower * power / 100
            celsius += step * (watts - Self.loss * (celsius - Self.room)) / Self.heatCapacity
        }
    }

    /// Without a sensor it does not heat in automatic mode.
    private mutating func control(_ step: Double) {
        switch mode {
        case .off: power = 0
        case .manual: power = max(0, manualPower)
        case .automatic where sensorIsOpen: power = 0
        case .automatic:
            let error = setPoint - celsius
            let wanted = Self.gain * (error + integral / Self.integralTime)
            if (0...100).contains(wanted) { integral += error * step }
            power = min(max(wanted, 0), 100)
        }
    }

    mutating func set(_ faults: [Fault: Double]) {
        sensorIsOpen = faults[.blockSensorOpen] != nil
        relayIsStuck = faults[.relayStuck] != nil
    }

    var truth: [String: JSONValue] {
        [
            "block_c": .number((celsius * 2).rounded() / 2), "set_point_c": .number(setPoint),
            "mode": .string("\(mode)"), "relay_closed": .bool(relayIsStuck || power > 0),
            "set_point_writes": .integer(Int64(setPointWrites)),
        ]
    }
}

/// The registers.
extension WatlowEZZone {
    private enum Exception: UInt8, Error { case illegalFunction = 1, illegalAddress = 2, illegalValue = 3 }

    mutating func handle(_ pdu: [UInt8], at now: Moment) -> [UInt8] {
        guard let function = pdu.first else { return [0x80, Exception.illegalFunction.rawValue] }
        do throws(Exception) {
            switch function {
            case 3: return try read(pdu)
            case 6: return try writeOne(pdu)
            case 16: return try writeMany(pdu)
            default: throw .illegalFunction
            }
        } catch {
            return [function | 0x80, error.rawValue]
        }
    }

    private func read(_ pdu: [UInt8]) throws(Exception) -> [UInt8] {
        guard pdu.count == 5 else { throw .illegalValue }
        let (start, count) = (word(pdu, 1), word(pdu, 3))
        guard (1...125).contains(count) else { throw .illegalValue }
        var reply = [3, UInt8(2 * count)]
        for address in start..<start + count {
            guard let value = register(address) else { throw .illegalAddress }
            reply += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return reply
    }

    private mutating func writeOne(_ pdu: [UInt8]) throws(Exception) -> [UInt8] {
        guard pdu.count == 5 else { throw .illegalValue }
        try setWord(UInt16(word(pdu, 3)), at: word(pdu, 1))
        return pdu
    }

    /// One value at a time: a word, or the two halves of a float.
    private mutating func writeMany(_ pdu: [UInt8]) throws(Exception) -> [UInt8] {
        guard pdu.count >= 6 else { throw .illegalValue }
        let (address, count) = (word(pdu, 1), word(pdu, 3))
        guard (1...2).contains(count), Int(pdu[5]) == 2 * count, pdu.count == 6 + 2 * count else { throw .illegalValue }
        if count == 1 {
            try setWord(UInt16(word(pdu, 6)), at: address)
        } else {
            let bits = UInt32(word(pdu, 8)) << 16 | UInt32(word(pdu, 6))
            try setFloat(Double(Float(bitPattern: bits)), at: address)
        }
        return Array(pdu[..<5])
    }

    private func register(_ address: Int) -> UInt16? {
        if address == Register.mode { return mode.rawValue }
        // Which number stands for which sensor our sources do not say.
        if address == Register.sensorType { return 0 }
        if let value = float(at: address) { return UInt16(truncatingIfNeeded: Float(value).bitPattern) }
        return float(at: address - 1).map { UInt16(truncatingIfNeeded: Float($0).bitPattern >> 16) }
    }

    private func float(at address: Int) -> Double? {
        switch address {
        case Register.processValue: sensorIsOpen ? Self.openSensor : celsius
        case Register.power: power
        case Register.setPoint: setPoint
        case Register.manualPower: manualPower
        case Register.alarmHigh: alarms.high
        case Register.alarmLow: alarms.low
        default: nil
        }
    }

    private mutating func setWord(_ value: UInt16, at address: Int) throws(Exception) {
        switch address {
        case Register.mode:
            guard let new = Mode(rawValue: value) else { throw .illegalValue }
            if new != mode { integral = 0 }
            mode = new
        case Register.silence: break
        default: throw .illegalAddress
        }
    }

    private mutating func setFloat(_ value: Double, at address: Int) throws(Exception) {
        switch address {
        case Register.setPoint:
            guard Self.setPoints.contains(value) else { throw .illegalValue }
            setPoint = value
            setPointWrites += 1
        case Register.manualPower:
            guard (-100...100).contains(value) else { throw .illegalValue }
            manualPower = value
        case Register.alarmHigh, Register.alarmLow:
            guard value.magnitude < 1e6 else { throw .illegalValue }
            if address == Register.alarmHigh { alarms.high = value } else { alarms.low = value }
        default: throw .illegalAddress
        }
    }

    private func word(_ bytes: [UInt8], _ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
}

extension WatlowEZZone {
    static let entry = AccessoryEntry(
        "plate2", "Watlow EZ-ZONE PM with a small heated block, on Modbus",
        links: [AccessoryLink(name: link, transport: .modbus)], faults: [.blockSensorOpen, .relayStuck],
        make: { WatlowEZZone(at: $0) })
}

extension Fault {
    public static let blockSensorOpen = Fault("sensor_open", .accessory)
    /// The heater's relay stays closed, whatever the controller wants.
    public static let relayStuck = Fault("relay_stuck", .accessory)
}
