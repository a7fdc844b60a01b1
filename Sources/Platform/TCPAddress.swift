import Glibc

/// Where a TCP device is: a numeric address, or `localhost`. Names are not looked up, since a name server that does not
/// answer would stall the control loop.
public struct TCPAddress: Hashable, Sendable, CustomStringConvertible {
    /// As the bench file gives it.
    public let host: String
    public let port: UInt16
    /// Whether the address stays on this host, as a simulated bench's must.
    public let isLoopback: Bool
    private let numeric: Numeric

    private enum Numeric: Hashable, Sendable {
        case v4([UInt8])
        case v6([UInt8])
    }

    public init(host: String, port: UInt16) throws(PlatformError) {
        let name = host == "localhost" ? "127.0.0.1" : host
        if let bytes = Self.parse(name, family: AF_INET, length: 4) {
            numeric = .v4(bytes)
            isLoopback = bytes[0] == 127
        } else if let bytes = Self.parse(name, family: AF_INET6, length: 16) {
            numeric = .v6(bytes)
            isLoopback = bytes == Array(repeating: 0, count: 15) + [1]
        } else {
            throw .invalid(
                subject: "host", value: host, expected: "a numeric IPv4 or IPv6 address, or localhost (names may block)"
            )
        }
        guard port > 0 else { throw .invalid(subject: "port of \(host)", value: "0", expected: "1…65535") }
        self.host = host
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The address without names, as C libraries take it.
    public var numericHost: String { host == "localhost" ? "127.0.0.1" : host }

    var family: Int32 {
        switch numeric {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch numeric {
        case .v4(let bytes):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
            return rebound(&address, body)
        case .v6(let bytes):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return rebound(&address, body)
        }
    }

    private static func parse(_ text: String, family: Int32, length: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: length)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}

/// Lends a socket address of any family as the generic one.
func rebound<Address, Result>(_ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result)
    -> Result
{
    withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
    }
}
