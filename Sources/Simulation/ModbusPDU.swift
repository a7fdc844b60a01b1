import DeviceModel

/// Modbus application protocol 1.1b3: what libmodbus makes of an answer for the daemon, here without a wire.
public enum ModbusPDU {
    public static func decode(_ pdu: [UInt8], answering operation: ModbusRequest.Operation) -> ModbusReply.Outcome {
        guard let function = pdu.first else { return .failed("Invalid data") }
        if function & 0x80 != 0 { return pdu.count == 2 ? .exception(pdu[1]) : .failed("Invalid data") }
        guard function == operation.function else { return .failed("Invalid data") }
        guard let length = operation.dataLength else { return pdu.count == 5 ? .written : .failed("Invalid data") }
        guard pdu.count == 2 + length else { return .failed("Invalid data") }
        return operation.outcome(ofData: Array(pdu[2...]))
    }
}
