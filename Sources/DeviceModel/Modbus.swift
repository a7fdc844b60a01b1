/// One request to one unit on a Modbus bus; addresses are 0-based, as on the wire.
public struct ModbusRequest: Hashable, Sendable {
    public enum Operation: Hashable, Sendable {
        /// Function 3; at most 125 registers.
        case readHoldingRegisters(address: UInt16, count: UInt16)
        /// Function 6.
        case writeRegister(address: UInt16, value: UInt16)
        /// Function 16; at most 123 registers.
        case writeRegisters(address: UInt16, values: [UInt16])
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
