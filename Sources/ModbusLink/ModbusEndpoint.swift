import Platform
import Quantities

/// Where a Modbus bus is.
public enum ModbusEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Modbus TCP; port 502 unless the device says otherwise.
    case tcp(TCPAddress)
    /// Modbus RTU on a serial port. With a clock rate other than 1 only a pseudo-terminal is opened.
    case rtu(path: String, format: SerialFormat, clockRate: Double = 1)

    public var description: String {
        switch self {
        case .tcp(let address): "modbus tcp \(address)"
        case .rtu(let path, let format, _): "modbus rtu \(path) at \(format)"
        }
    }

    /// So many silences of a unit in a row earn it a pause. A network repeats what it lost; a serial line does not, and a
    /// unit stays silent when noise has spoilt the question.
    var silencesToPause: Int {
        switch self {
        case .tcp: 1
        case .rtu: 2
        }
    }
}

/// The patience and the sizes of one bus. All times are the wire's.
public struct ModbusSettings: Hashable, Sendable {
    /// A slave that takes longer has not answered; the design's limit for a bus thread.
    public static let longestResponseTimeout = WireDuration.milliseconds(250)

    /// From the request to the whole reply, and on a serial line the time beside it that both are on the line. There is
    /// no allowance by the byte, which a dribbling slave could stretch.
    public let responseTimeout: WireDuration
    /// For a slave that does not answer and for a link that does not open.
    public let backOff: BackOff
    /// On a serial line: a unit that has not answered for so long will not answer any more. Controllers answer within a
    /// tenth of this; a reconnect waits longer after its first attempt, so that it is not held up.
    public let latestReply: WireDuration
    /// So many silent requests in a row, with no answer from any slave, condemn a TCP connection.
    public let silencesToReconnect: Int
    public let queueCapacity: Int
    public let urgentCapacity: Int

    public init(
        responseTimeout: WireDuration = longestResponseTimeout, backOff: BackOff = BackOff(),
        latestReply: WireDuration = .milliseconds(1500), silencesToReconnect: Int = 2, queueCapacity: Int = 64,
        urgentCapacity: Int = 32
    ) {
        precondition(
            responseTimeout > .zero && responseTimeout <= Self.longestResponseTimeout,
            "a bus waits above 0 and at most 250 ms")
        precondition(silencesToReconnect > 0, "a link is condemned after one silence or more")
        self.responseTimeout = responseTimeout
        self.backOff = backOff
        self.latestReply = latestReply
        self.silencesToReconnect = silencesToReconnect
        self.queueCapacity = queueCapacity
        self.urgentCapacity = urgentCapacity
    }
}
