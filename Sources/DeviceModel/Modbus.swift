/// One request to one unit on a Modbus bus; addresses are 0-based, as on the wire.
public struct ModbusRequest: Hashable, Sendable {
    public enum Operation: Hashable, Sendable {
        /// Function 1; at most 2000 coils.
        case readCoils(address: UInt16, count: UInt16)
        /// Function 2; at most 2000 inputs.
        case readDiscreteInputs(address: UInt16, count: UInt16)
        /// Function 3; at most 125 registers.
        case readHoldingRegisters(address: UInt16, count: UInt16)
        /// Function 4; at most 125 registers.
        case readInputRegisters(address: UInt16, count: UInt16)
        /// Function 5.
        case writeCoil(address: UInt16, on: Bool)
        /// Function 6.
        case writeRegister(address: UInt16, value: UInt16)
        /// Function 16; at most 123 registers.
        case writeRegisters(address: UInt16, values: [UInt16])

        public var isWrite: Bool {
            switch self {
            case .readCoils, .readDiscreteInputs, .readHoldingRegisters, .readInputRegisters: false
            case .writeCoil, .writeRegister, .writeRegisters: true
            }
        }

        /// The function's number. Source: Modbus application protocol 1.1b3, section 6.
        public var function: UInt8 {
            switch self {
            case .readCoils: 1
            case .readDiscreteInputs: 2
            case .readHoldingRegisters: 3
            case .readInputRegisters: 4
            case .writeCoil: 5
            case .writeRegister: 6
            case .writeRegisters: 16
            }
        }
    }

    /// Chosen by the driver; comes back in the reply.
    public let id: UInt64
    public let unit: UInt8
    public let operation: Operation

    public init(id: UInt64, unit: UInt8, operation: Operation) {
        self.id = id
        self.unit = unit
        self.operation = operation
    }
}

public struct ModbusReply: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case registers([UInt16])
        /// Of coils or discrete inputs, as many as were asked for.
        case bits([Bool])
        case written
        /// The slave answered with an exception code (1 illegal function, 2 illegal address, 3 illegal value, …).
        case exception(UInt8)
        /// No usable answer: time-out, broken link; the text is libmodbus's.
        case failed(String)
        /// The request waited behind a trip and was not written.
        case refusedByTrip
    }

    public let id: UInt64
    public let outcome: Outcome

    public init(id: UInt64, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}

/// What a request and its answer look like: which bytes, and which answer could be taken for which.
extension ModbusRequest.Operation {
    /// The coil's value for on; off is 0. Source: Modbus application protocol 1.1b3, section 6.5.
    private static let coilOn: UInt16 = 0xff00

    /// The request's function and data.
    public var pdu: [UInt8] {
        switch self {
        case .readCoils(let address, let count), .readDiscreteInputs(let address, let count),
            .readHoldingRegisters(let address, let count), .readInputRegisters(let address, let count):
            [function] + Self.bytes([address, count])
        case .writeCoil(let address, let on): [function] + Self.bytes([address, on ? Self.coilOn : 0])
        case .writeRegister(let address, let value): [function] + Self.bytes([address, value])
        case .writeRegisters(let address, let values):
            [function] + Self.bytes([address, UInt16(clamping: values.count)]) + [UInt8(clamping: 2 * values.count)]
                + Self.bytes(values)
        }
    }

    /// Bytes of data in a good answer to a read, which says their number first; nil for a write, whose answer repeats
    /// the first five bytes of the request.
    public var dataLength: Int? {
        switch self {
        case .readCoils(_, let count), .readDiscreteInputs(_, let count): (Int(count) + 7) / 8
        case .readHoldingRegisters(_, let count), .readInputRegisters(_, let count): 2 * Int(count)
        case .writeCoil, .writeRegister, .writeRegisters: nil
        }
    }

    /// What the data of a good answer mean. Bits begin with the lowest of the first byte.
    /// - Precondition: this is a read, and `data` are as long as `dataLength` says.
    public func outcome(ofData data: [UInt8]) -> ModbusReply.Outcome {
        precondition(data.count == dataLength, "the caller has compared the length")
        switch self {
        case .readCoils(_, let count), .readDiscreteInputs(_, let count):
            return .bits((0..<Int(count)).map { data[$0 / 8] >> UInt8($0 % 8) & 1 == 1 })
        case .readHoldingRegisters, .readInputRegisters:
            return .registers(
                stride(from: 0, to: data.count - 1, by: 2).map { UInt16(data[$0]) << 8 | UInt16(data[$0 + 1]) })
        case .writeCoil, .writeRegister, .writeRegisters: return .written
        }
    }

    private static func bytes(_ words: [UInt16]) -> [UInt8] {
        words.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }
}
