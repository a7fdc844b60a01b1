/// Where a link goes, as the shell opens it.
public enum LinkSpec: Hashable, Sendable, CustomStringConvertible {
    /// A serial port (or pseudo-terminal) by its absolute path; 8 data bits, no parity, 1 stop bit.
    case serial(path: String, baud: Int)
    /// A numeric address, or `localhost`.
    case tcp(host: String, port: UInt16)
    /// A directory that another program writes into, by its absolute path.
    case folder(path: String)
    case modbusTCP(host: String, port: UInt16)
    /// Modbus RTU on a serial port by its absolute path; 8 data bits, 1 or 2 stop bits.
    case modbusRTU(path: String, baud: Int, parity: Parity, stopBits: Int)

    public enum Parity: String, Sendable, CaseIterable { case none, even, odd }

    /// What the bench file would say.
    public var description: String {
        switch self {
        case .serial(let path, let baud): "serial \(path) at \(baud) baud"
        case .tcp(let host, let port): "tcp \(bracketed(host)):\(port)"
        case .folder(let path): "folder \(path)"
        case .modbusTCP(let host, let port): "modbus_tcp \(bracketed(host)):\(port)"
        case .modbusRTU(let path, let baud, let parity, let stopBits):
            "modbus_rtu \(path) at \(baud) baud, parity \(parity.rawValue), stop bits \(stopBits)"
        }
    }

    /// The serial port's path; nil where it is none.
    public var serialPath: String? {
        switch self {
        case .serial(let path, _), .modbusRTU(let path, _, _, _): path
        case .tcp, .modbusTCP, .folder: nil
        }
    }

    /// Two links with the same port name the same thing.
    var port: String {
        switch self {
        case .serial(let path, _), .modbusRTU(let path, _, _, _), .folder(let path): path
        case .tcp(let host, let port), .modbusTCP(let host, let port):
            "\(bracketed(host == "localhost" ? "127.0.0.1" : host)):\(port)"
        }
    }

    private func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
