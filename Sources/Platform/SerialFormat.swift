import Glibc
import Quantities

/// How characters stand on a serial line: their speed, parity and stop bits. There are always 8 data bits.
public struct SerialFormat: Hashable, Sendable, CustomStringConvertible {
    public enum Parity: String, Sendable, CaseIterable { case none, even, odd }
    public enum StopBits: Int, Sendable, CaseIterable { case one = 1, two }

    public let baud: BaudRate
    public let parity: Parity
    public let stopBits: StopBits

    public init(baud: BaudRate, parity: Parity = .none, stopBits: StopBits = .one) {
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
    }

    /// `9600 baud, 8E1`.
    public var description: String {
        let letter =
            switch parity {
            case .none: "N"
            case .even: "E"
            case .odd: "O"
            }
        return "\(baud.rawValue) baud, 8\(letter)\(stopBits.rawValue)"
    }

    /// How long the line is busy with so many characters, each with its start, parity and stop bits.
    public func time(characters: Int) -> WireDuration {
        let bits = 9 + (parity == .none ? 0 : 1) + stopBits.rawValue
        return .seconds(Double(characters * bits) / Double(baud.rawValue))
    }

    /// The bits of `c_cflag` that say so.
    var controlFlags: tcflag_t {
        var flags = tcflag_t(CS8)
        if parity != .none { flags |= tcflag_t(PARENB) }
        if parity == .odd { flags |= tcflag_t(PARODD) }
        if stopBits == .two { flags |= tcflag_t(CSTOPB) }
        return flags
    }
}

/// The rates that a bench file may ask of a line, in bits a second.
public enum BaudRate: Int, CaseIterable, Sendable {
    case baud1200 = 1200
    case baud2400 = 2400
    case baud4800 = 4800
    case baud9600 = 9600
    case baud19200 = 19200
    case baud38400 = 38400
    case baud57600 = 57600
    case baud115200 = 115_200
    case baud230400 = 230_400
    case baud460800 = 460_800
    case baud921600 = 921_600

    var termios: speed_t {
        switch self {
        case .baud1200: speed_t(B1200)
        case .baud2400: speed_t(B2400)
        case .baud4800: speed_t(B4800)
        case .baud9600: speed_t(B9600)
        case .baud19200: speed_t(B19200)
        case .baud38400: speed_t(B38400)
        case .baud57600: speed_t(B57600)
        case .baud115200: speed_t(B115200)
        case .baud230400: speed_t(B230400)
        case .baud460800: speed_t(B460800)
        case .baud921600: speed_t(B921600)
        }
    }
}
