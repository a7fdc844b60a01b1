import Platform
import Quantities

/// Where a Modbus bus is.
public enum ModbusEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Modbus TCP; port 502 unless the device says otherwise.
    case tcp(TCPAddress)
    /// Modbus RTU on a serial port, 8N1.
    case rtu(path: String, baud: BaudRate)

    public var description: String {
        switch self {
        case .tcp(let address): "modbus tcp \(address)"
        case .rtu(let path, let baud): "modbus rtu \(path) at \(baud.rawValue) baud"
        }
    }
}

/// The patience and the sizes of one bus. All times are the wire's.
public struct ModbusSettings: Hashable, Sendable {
    /// A slave that takes longer has not answered; the design's limit for a bus thread.
    public static let longestResponseTimeout = WireDuration.milliseconds(250)

    /// From the request to the whole reply. There is no allowance by the byte, which a dribbling slave could stretch.
    public let responseTimeout: WireDuration
    /// For a slave that does not answer and for a link that does not open.
    public let backOff: BackOff
    /// So many silent requests in a row, with no answer from any slave, condemn a TCP connection.
    public let silencesToReconnect: Int
    public let queueCapacity: Int
    public let urgentCapacity: Int

    public init(
        responseTimeout: WireDuration = longestResponseTimeout, backOff: BackOff = BackOff(),
        silencesToReconnect: Int = 2, queueCapacity: Int = 64, urgentCapacity: Int = 32
    ) {
        precondition(
            responseTimeout > .zero && responseTimeout <= Self.longestResponseTimeout,
            "a bus waits above 0 and at most 250 ms")
        precondition(silencesToReconnect > 0, "a link is condemned after one silence or more")
        self.responseTimeout = responseTimeout
        self.backOff = backOff
        self.silencesToReconnect = silencesToReconnect
        self.queueCapacity = queueCapacity
        self.urgentCapacity = urgentCapacity
    }
}
