import DeviceModel

/// Modbus application protocol 1.1b3: what libmodbus puts on the wire for the daemon, here without a wire.
enum ModbusPDU {
    static func encode(_ operation: ModbusRequest.Operation) -> [UInt8] {
        switch operation {
        case .readHoldingRegisters(let address, let count): [3] + bytes(address) + bytes(count)
        case .writeRegister(let address, let value): [6] + bytes(address) + bytes(value)
        case .writeRegisters(let address, let values):
            [16] + bytes(address) + bytes(UInt16(values.count)) + [UInt8(values.count * 2)] + values.flatMap(bytes)
        }
    }

    static func decode(_ pdu: [UInt8], answering operation: ModbusRequest.Operation) -> ModbusReply.Outcome {
        guard let function = pdu.first else { return .failed("Invalid data") }
        if function & 0x80 != 0 { return pdu.count == 2 ? .exception(pdu[1]) : .failed("Invalid data") }
        switch operation {
        case .readHoldingRegisters(_, let count):
            guard function == 3, pdu.count == 2 + Int(count) * 2 else { return .failed("Invalid data") }
            return .registers(stride(from: 2, to: pdu.count, by: 2).map { UInt16(pdu[$0]) << 8 | UInt16(pdu[$0 + 1]) })
        case .writeRegister: return function == 6 && pdu.count == 5 ? .written : .failed("Invalid data")
        case .writeRegisters: return function == 16 && pdu.count == 5 ? .written : .failed("Invalid data")
        }
    }

    private static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }
}
