/// The controller's Modbus server. Source: Universal Robots how-to 16377 and copies of its register table.
///
/// Functions 3 and 4 show the same registers; 6 and 16 write those that can be written. Those on bits are not served here.
/// The unit is not looked at. What the table does not name is not there.
enum RobotRegisters {
    static let general = 128...255
    /// 5.12, high and low.
    private static let version: [UInt16] = [5, 12]

    static func answer(_ pdu: [UInt8], _ controller: RobotController, _ program: inout ResidentProgram) -> [UInt8] {
        guard let function = pdu.first else { return [0x80, IOModule.Exception.illegalFunction.rawValue] }
        do throws(IOModule.Exception) {
            switch function {
            case 3, 4: return [function] + (try read(pdu, controller, program))
            case 6:
                guard pdu.count == 5 else { throw .illegalValue }
                try write([UInt16(word(pdu, 3))], at: word(pdu, 1), &program)
                return pdu
            case 16: return try writeSeveral(pdu, &program)
            default: throw .illegalFunction
            }
        } catch {
            return [function | 0x80, error.rawValue]
        }
    }

    private static func read(
        _ pdu: [UInt8], _ controller: RobotController, _ program: ResidentProgram
    ) throws(IOModule.Exception) -> [UInt8] {
        guard pdu.count == 5 else { throw .illegalValue }
        let (address, count) = (word(pdu, 1), word(pdu, 3))
        guard (1...125).contains(count) else { throw .illegalValue }
        var bytes = [UInt8(2 * count)]
        for register in address..<address + count {
            guard let value = value(of: register, controller, program) else { throw .illegalAddress }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }

    /// nil: there is no such register.
    private static func value(
        of register: Int, _ controller: RobotController, _ program: ResidentProgram
    ) -> UInt16? {
        switch register {
        case 0: 0
        case 1: program.outputs
        case 2...4: 0
        case general: program.registers[register - general.lowerBound]
        case 256, 257: version[register - 256]
        case 258: controller.mode.rawValue
        case 260: controller.isPowered ? 1 : 0
        case 261: controller.safety == .protectiveStop ? 1 : 0
        case 262: controller.safety == .emergencyStop ? 1 : 0
        case 263...265: 0
        default: nil
        }
    }

    private static func writeSeveral(
        _ pdu: [UInt8], _ program: inout ResidentProgram
    ) throws(IOModule.Exception) -> [UInt8] {
        guard pdu.count >= 6 else { throw .illegalValue }
        let (address, count) = (word(pdu, 1), word(pdu, 3))
        guard (1...123).contains(count), Int(pdu[5]) == 2 * count, pdu.count == 6 + 2 * count else {
            throw .illegalValue
        }
        try write((0..<count).map { UInt16(word(pdu, 6 + 2 * $0)) }, at: address, &program)
        return Array(pdu.prefix(5))
    }

    /// All of it or nothing.
    private static func write(
        _ values: [UInt16], at address: Int, _ program: inout ResidentProgram
    ) throws(IOModule.Exception) {
        let registers = address..<address + values.count
        guard registers.allSatisfy({ (2...3).contains($0) || general.contains($0) }) else { throw .illegalAddress }
        for (register, value) in zip(registers, values) {
            switch register {
            case 2: program.outputs |= value
            case 3: program.outputs &= ~value
            default: program.registers[register - general.lowerBound] = value
            }
        }
    }

    private static func word(_ bytes: [UInt8], _ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
}
