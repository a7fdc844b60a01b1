import DeviceModel

/// Modbus requests and their answers in a record.
enum ModbusRecord {
    private enum OutcomeKind: UInt8 {
        case registers, bits, written, exception, failed, refusedByTrip
    }

    static func write(_ request: ModbusRequest, to writer: inout RecordWriter) {
        writer.whole(request.id)
        writer.byte(request.unit)
        writer.byte(request.operation.function)
        switch request.operation {
        case .readCoils(let address, let count), .readDiscreteInputs(let address, let count),
            .readHoldingRegisters(let address, let count), .readInputRegisters(let address, let count):
            writer.whole(UInt64(address))
            writer.whole(UInt64(count))
        case .writeCoil(let address, let on):
            writer.whole(UInt64(address))
            writer.byte(on ? 1 : 0)
        case .writeRegister(let address, let value):
            writer.whole(UInt64(address))
            writer.whole(UInt64(value))
        case .writeRegisters(let address, let values):
            writer.whole(UInt64(address))
            writer.whole(values.count)
            for value in values { writer.whole(UInt64(value)) }
        }
    }

    static func request(_ reader: inout RecordReader) -> ModbusRequest? {
        guard let id = reader.whole(), let unit = reader.byte(), let function = reader.byte(),
            let address = reader.whole(UInt16.self), let operation = operation(function, address, &reader)
        else { return nil }
        return ModbusRequest(id: id, unit: unit, operation: operation)
    }

    private static func operation(
        _ function: UInt8, _ address: UInt16, _ reader: inout RecordReader
    ) -> ModbusRequest.Operation? {
        switch function {
        case 1: reader.whole(UInt16.self).map { .readCoils(address: address, count: $0) }
        case 2: reader.whole(UInt16.self).map { .readDiscreteInputs(address: address, count: $0) }
        case 3: reader.whole(UInt16.self).map { .readHoldingRegisters(address: address, count: $0) }
        case 4: reader.whole(UInt16.self).map { .readInputRegisters(address: address, count: $0) }
        case 5: reader.byte().map { .writeCoil(address: address, on: $0 == 1) }
        case 6: reader.whole(UInt16.self).map { .writeRegister(address: address, value: $0) }
        case 16: registers(&reader).map { .writeRegisters(address: address, values: $0) }
        default: nil
        }
    }

    static func write(_ outcome: ModbusReply.Outcome, to writer: inout RecordWriter) {
        switch outcome {
        case .registers(let values):
            writer.byte(OutcomeKind.registers.rawValue)
            writer.whole(values.count)
            for value in values { writer.whole(UInt64(value)) }
        case .bits(let bits):
            writer.byte(OutcomeKind.bits.rawValue)
            writer.blob(bits.map { $0 ? 1 : 0 })
        case .written: writer.byte(OutcomeKind.written.rawValue)
        case .exception(let code):
            writer.byte(OutcomeKind.exception.rawValue)
            writer.byte(code)
        case .failed(let why):
            writer.byte(OutcomeKind.failed.rawValue)
            writer.text(why)
        case .refusedByTrip: writer.byte(OutcomeKind.refusedByTrip.rawValue)
        }
    }

    static func outcome(_ reader: inout RecordReader) -> ModbusReply.Outcome? {
        guard let kind = reader.byte().flatMap(OutcomeKind.init) else { return nil }
        switch kind {
        case .registers: return registers(&reader).map { .registers($0) }
        case .bits: return reader.blob().map { .bits($0.map { $0 == 1 }) }
        case .written: return .written
        case .exception: return reader.byte().map { .exception($0) }
        case .failed: return reader.text().map { .failed($0) }
        case .refusedByTrip: return .refusedByTrip
        }
    }

    private static func registers(_ reader: inout RecordReader) -> [UInt16]? {
        guard let count = reader.whole(), count <= UInt64(UInt16.max) else { return nil }
        var values: [UInt16] = []
        for _ in 0..<count {
            guard let value = reader.whole(UInt16.self) else { return nil }
            values.append(value)
        }
        return values
    }
}
