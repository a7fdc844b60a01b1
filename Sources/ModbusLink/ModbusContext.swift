import CModbus
import DeviceModel
import Glibc
import Platform
import Quantities

/// What came of one request on the wire.
enum ModbusAttempt: Equatable {
    /// The slave answered: with data, a confirmation or an exception.
    case answered(ModbusReply.Outcome)
    /// Nothing came in time.
    case silent(String)
    /// Something came that is no answer, or the request was none; nothing is known of the slave.
    case garbled(String)
    /// The link itself is gone.
    case broken(String)
}

/// One open libmodbus context. libmodbus does the framing on a descriptor that belongs to Platform's link types, which
/// bring the port locks, the keep-alives and the bounded connect. Used by one thread.
struct ModbusContext: ~Copyable {
    /// What is at the other end: the port's identity, or the address.
    let identity: String
    /// Of a serial line: the node that is open.
    let node: String?
    let context: OpaquePointer
    let responseTimeout: WireDuration
    private let endpoint: ModbusEndpoint
    private let link: Link
    /// An earlier reply may still come: drop what is there before the next request.
    private var mayHoldLateReply = false

    /// FD_SETSIZE: beyond it libmodbus would write past its descriptor set.
    private static let selectLimit: Int32 = 1024

    private enum Link: ~Copyable {
        case tcp(TCPConnection)
        case rtu(SerialPort)
    }

    /// Opens the link; a TCP connection has `responseTimeout` to come about.
    init(_ endpoint: ModbusEndpoint, responseTimeout: WireDuration) throws(PlatformError) {
        let link = try Self.open(endpoint, within: responseTimeout)
        let (descriptor, identity, node) = Self.describe(link)
        guard descriptor < Self.selectLimit else {
            throw .invalid(
                subject: "descriptor of \(endpoint)", value: String(descriptor),
                expected: "below \(Self.selectLimit), since libmodbus uses select(2); lower LimitNOFILE")
        }
        guard let context = Self.makeContext(for: endpoint) else {
            throw .system(operation: "prepare", subject: "\(endpoint)", errno: errno, hint: "")
        }
        // No byte time-out: libmodbus then counts the response time-out against the whole reply.
        let microseconds = UInt32(responseTimeout.nanoseconds / 1000)
        modbus_set_response_timeout(context, 0, max(1, microseconds))
        modbus_set_byte_timeout(context, 0, 0)
        modbus_set_error_recovery(context, MODBUS_ERROR_RECOVERY_NONE)
        modbus_set_socket(context, descriptor)
        self.identity = identity
        self.node = node
        self.context = context
        self.responseTimeout = responseTimeout
        self.endpoint = endpoint
        self.link = link
    }

    /// Takes the descriptor out of libmodbus's hands first: its owner closes it.
    deinit {
        modbus_set_socket(context, -1)
        modbus_free(context)
    }

    /// Asks and waits for the answer, at most the response time-out.
    mutating func perform(_ request: ModbusRequest) -> ModbusAttempt {
        if let problem = request.operation.problem { return .garbled(problem) }
        guard modbus_set_slave(context, Int32(request.unit)) == 0 else {
            return .garbled("unit \(request.unit): \(errnoText(errno))")
        }
        switch endpoint {
        case .tcp: return exchange(request.operation)
        case .rtu(_, let format, _): return ask(request, format)
        }
    }

    private func ask(_ request: ModbusRequest, _ format: SerialFormat) -> ModbusAttempt {
        switch link {
        case .tcp: .broken("the link is none of Modbus RTU")
        case .rtu(let port): ask(request, on: port, format)
        }
    }

    /// A reply by TCP has the number of its question, which libmodbus compares.
    private mutating func exchange(_ operation: ModbusRequest.Operation) -> ModbusAttempt {
        if mayHoldLateReply { modbus_flush(context) }
        mayHoldLateReply = false
        let attempt = transact(operation)
        if case .answered = attempt { return attempt }
        mayHoldLateReply = true
        return attempt
    }

    private func transact(_ operation: ModbusRequest.Operation) -> ModbusAttempt {
        switch operation {
        case .readCoils(let address, let count):
            return bits(count) { modbus_read_bits(context, Int32(address), Int32(count), $0) }
        case .readDiscreteInputs(let address, let count):
            return bits(count) { modbus_read_input_bits(context, Int32(address), Int32(count), $0) }
        case .readHoldingRegisters(let address, let count):
            return registers(count) { modbus_read_registers(context, Int32(address), Int32(count), $0) }
        case .readInputRegisters(let address, let count):
            return registers(count) { modbus_read_input_registers(context, Int32(address), Int32(count), $0) }
        case .writeCoil(let address, let on):
            return modbus_write_bit(context, Int32(address), on ? 1 : 0) == 1
                ? .answered(.written) : Self.failure(errno)
        case .writeRegister(let address, let value):
            return modbus_write_register(context, Int32(address), value) == 1
                ? .answered(.written) : Self.failure(errno)
        case .writeRegisters(let address, let values):
            let written = modbus_write_registers(context, Int32(address), Int32(values.count), values)
            return written == Int32(values.count) ? .answered(.written) : Self.failure(errno)
        }
    }

    private func bits(_ count: UInt16, _ read: (UnsafeMutablePointer<UInt8>) -> Int32) -> ModbusAttempt {
        var bits = [UInt8](repeating: 0, count: Int(count))
        let got = bits.withUnsafeMutableBufferPointer { $0.baseAddress.map(read) ?? -1 }
        return got == Int32(count) ? .answered(.bits(bits.map { $0 != 0 })) : Self.failure(errno)
    }

    private func registers(_ count: UInt16, _ read: (UnsafeMutablePointer<UInt16>) -> Int32) -> ModbusAttempt {
        var registers = [UInt16](repeating: 0, count: Int(count))
        let got = registers.withUnsafeMutableBufferPointer { $0.baseAddress.map(read) ?? -1 }
        return got == Int32(count) ? .answered(.registers(registers)) : Self.failure(errno)
    }

    /// libmodbus puts exceptions and its own errors above `MODBUS_ENOBASE`, and the system's below.
    static func failure(_ code: Int32) -> ModbusAttempt {
        let own = code - MODBUS_ENOBASE
        if own > 0, own < Int32(MODBUS_EXCEPTION_MAX) { return .answered(.exception(UInt8(own))) }
        if own > 0 { return .garbled("\(String(cString: modbus_strerror(code))) (libmodbus \(own))") }
        if code == ETIMEDOUT || code == EAGAIN { return .silent(errnoText(code)) }
        return .broken(errnoText(code))
    }

    private static func open(_ endpoint: ModbusEndpoint, within timeout: WireDuration) throws(PlatformError) -> Link {
        switch endpoint {
        case .tcp(let address):
            let connection = try TCPConnection(connectingTo: address)
            try connection.waitUntilConnected(timeout: timeout)
            return .tcp(connection)
        case .rtu(let path, let format, let clockRate):
            let port = try SerialPort(path: path, format: format)
            try port.requireFit(forClockRate: clockRate)
            return .rtu(port)
        }
    }

    private static func describe(_ link: borrowing Link) -> (descriptor: Int32, identity: String, node: String?) {
        switch link {
        case .tcp(let connection): (connection.rawDescriptor, "tcp \(connection.address)", nil)
        case .rtu(let port): (port.rawDescriptor, port.identity.description, port.identity.node)
        }
    }

    /// A context for framing only: libmodbus never opens anything itself.
    private static func makeContext(for endpoint: ModbusEndpoint) -> OpaquePointer? {
        switch endpoint {
        case .tcp(let address): modbus_new_tcp("127.0.0.1", Int32(address.port))
        case .rtu(let path, let format, _):
            modbus_new_rtu(path, Int32(format.baud.rawValue), CChar(bitPattern: UInt8(ascii: "N")), 8, 1)
        }
    }
}

extension ModbusRequest.Operation {
    /// Why no request can be made of it; nil when one can.
    fileprivate var problem: String? {
        switch self {
        case .readCoils(_, let count), .readDiscreteInputs(_, let count):
            (1...MODBUS_MAX_READ_BITS).contains(Int32(count))
                ? nil : "\(count) bits asked for; a request reads 1…\(MODBUS_MAX_READ_BITS)"
        case .readHoldingRegisters(_, let count), .readInputRegisters(_, let count):
            (1...MODBUS_MAX_READ_REGISTERS).contains(Int32(count))
                ? nil : "\(count) registers asked for; a request reads 1…\(MODBUS_MAX_READ_REGISTERS)"
        case .writeCoil, .writeRegister: nil
        case .writeRegisters(_, let values):
            (1...MODBUS_MAX_WRITE_REGISTERS).contains(Int32(clamping: values.count))
                ? nil : "\(values.count) registers given; a request writes 1…\(MODBUS_MAX_WRITE_REGISTERS)"
        }
    }
}
