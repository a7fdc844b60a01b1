import Quantities

/// A Watlow F4T with one loop and a limit module, as its Modbus registers show it. The loop itself is the plant's
/// `HeatingPlate`; the controller reads and sets it. Addresses are relative (0-based), as on the wire.
public struct WatlowF4T: Sendable {
    /// Order of the two registers of a 32-bit value; a Setup option of the instrument.
    public enum WordOrder: String, Sendable, CaseIterable { case lowFirst = "low-first", highFirst = "high-first" }

    /// The instrument's enumerations.
    enum Code {
        static let automatic: UInt16 = 10
        static let celsius: UInt16 = 15
        static let error: UInt16 = 28
        static let fail: UInt16 = 32
        static let manual: UInt16 = 54
        static let none: UInt16 = 61
        static let off: UInt16 = 62
        static let on: UInt16 = 63
        static let ok: UInt16 = 138
    }

    public var wordOrder: WordOrder
    var modeRequest = Code.off
    var closedLoopSetPoint = 25.0
    var lowestSetPoint = -200.0
    var highestSetPoint = 300.0
    var profileNumber: UInt16 = 1
    var profileStep: UInt16 = 1
    var eventOutputs = [UInt16](repeating: Code.off, count: 8)
    /// The limit module watches the plate with its own sensor and latches; nil when not fitted. degC.
    public var limitSetPoint: Double?
    public private(set) var limitTripped = false

    static let partNumber = "F4T1L1EAA2B1A1A"

    public init(wordOrder: WordOrder = .lowFirst, limitSetPoint: Double? = 200) {
        self.wordOrder = wordOrder
        self.limitSetPoint = limitSetPoint
    }

    /// The limit module's own cycle: beyond its set point it opens the contactor and stays open.
    public mutating func watch(_ plate: inout HeatingPlate) {
        guard let limitSetPoint, plate.plate > limitSetPoint, !limitTripped else { return }
        limitTripped = true
        plate.contactorClosed = false
    }

    /// The button on the limit module.
    public mutating func resetLimit(_ plate: inout HeatingPlate) {
        limitTripped = false
        plate.contactorClosed = true
    }

    /// Answers one request; malformed ones get an exception, as the instrument gives.
    public mutating func handle(_ pdu: [UInt8], _ plate: inout HeatingPlate) -> [UInt8] {
        guard let function = pdu.first else { return [0x80, Exception.illegalFunction.rawValue] }
        do throws(Exception) {
            switch function {
            case 3, 4: return try read(pdu, plate)
            case 6: return try writeOne(pdu, &plate)
            case 16: return try writeMany(pdu, &plate)
            default: throw Exception.illegalFunction
            }
        } catch {
            return [function | 0x80, error.rawValue]
        }
    }

    enum Exception: UInt8, Error {
        case illegalFunction = 1
        case illegalAddress = 2
        case illegalValue = 3
    }

    private func read(_ pdu: [UInt8], _ plate: HeatingPlate) throws(Exception) -> [UInt8] {
        guard pdu.count == 5 else { throw .illegalValue }
        let start = word(pdu, 1)
        let count = word(pdu, 3)
        guard (1...125).contains(count) else { throw .illegalValue }
        guard start + count <= 65536 else { throw .illegalAddress }
        var reply = [pdu[0], UInt8(2 * count)]
        for address in start..<start + count {
            guard let value = register(address, plate) else { throw .illegalAddress }
            reply += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return reply
    }

    private mutating func writeOne(_ pdu: [UInt8], _ plate: inout HeatingPlate) throws(Exception) -> [UInt8] {
        guard pdu.count == 5 else { throw .illegalValue }
        try write([UInt16(word(pdu, 3))], at: word(pdu, 1), &plate)
        return pdu
    }

    private mutating func writeMany(_ pdu: [UInt8], _ plate: inout HeatingPlate) throws(Exception) -> [UInt8] {
        guard pdu.count >= 6 else { throw .illegalValue }
        let count = word(pdu, 3)
        guard (1...123).contains(count), Int(pdu[5]) == 2 * count, pdu.count == 6 + 2 * count else {
            throw .illegalValue
        }
        let values = (0..<count).map { UInt16(word(pdu, 6 + 2 * $0)) }
        try write(values, at: word(pdu, 1), &plate)
        return Array(pdu[0..<5])
    }

    private func word(_ bytes: [UInt8], _ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
}
