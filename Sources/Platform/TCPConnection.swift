import Glibc
import Quantities

/// A TCP link to a device: non-blocking, no Nagle delay, and with keep-alives that notice a dead peer within about ten
/// seconds of silence.
public struct TCPConnection: ~Copyable, Sendable {
    static let keepAliveIdleSeconds: Int32 = 4
    static let keepAliveIntervalSeconds: Int32 = 2
    static let keepAliveProbes: Int32 = 3
    /// Bytes that stay unacknowledged so long break the link.
    static let unacknowledgedMilliseconds: Int32 = 5000

    public let address: TCPAddress
    private let socket: FileDescriptorOwner

    /// Starts to connect. Wait for the descriptor to be writable, then ask `finishConnecting`.
    public init(connectingTo address: TCPAddress) throws(PlatformError) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let raw = Glibc.socket(address.family, kind, 0)
        guard raw >= 0 else { throw Self.failure(address, errno) }
        let socket = FileDescriptorOwner(owning: raw)
        for (level, option, value) in Self.options where !setOption(raw, level, option, value) {
            throw .system(operation: "set option \(option) for", subject: "\(address)", errno: errno, hint: "")
        }
        let result = address.withSocketAddress { connect(raw, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else { throw Self.failure(address, errno) }
        self.address = address
        self.socket = socket
    }

    /// For the loop's poll set.
    public var rawDescriptor: Int32 { socket.raw }

    /// After the descriptor became writable: true when connected, false when that is still under way; throws why not.
    public func finishConnecting() throws(PlatformError) -> Bool {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket.raw, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            throw Self.failure(address, errno)
        }
        guard code == 0 else { throw Self.failure(address, code) }
        var peer = sockaddr_storage()
        var peerLength = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let connected = withUnsafeMutablePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(socket.raw, $0, &peerLength) == 0 }
        }
        guard connected || errno == ENOTCONN else { throw Self.failure(address, errno) }
        return connected
    }

    /// Blocks until connected; for threads that have nothing else to do. Throws when it fails or takes longer.
    public func waitUntilConnected(timeout: WireDuration) throws(PlatformError) {
        let isReady = waitUntilReady(socket.raw, for: Int16(POLLOUT), timeout: timeout)
        guard isReady, try finishConnecting() else { throw Self.failure(address, ETIMEDOUT) }
    }

    /// Reads what has come, at most the whole of `buffer`, from its beginning.
    public func read(into buffer: inout [UInt8]) throws(PlatformError) -> TransferResult {
        try Transfer.read(socket.raw, into: &buffer, subject: "\(address)")
    }

    /// Writes `bytes` from `offset` on, as many as the socket takes now.
    public func write(_ bytes: [UInt8], from offset: Int = 0) throws(PlatformError) -> TransferResult {
        try Transfer.write(socket.raw, bytes, from: offset, isSocket: true, subject: "\(address)")
    }

    public consuming func close() throws(PlatformError) { try socket.close() }

    private static let options: [(Int32, Int32, Int32)] = [
        (Int32(IPPROTO_TCP), TCP_NODELAY, 1),
        (SOL_SOCKET, SO_KEEPALIVE, 1),
        (Int32(IPPROTO_TCP), TCP_KEEPIDLE, keepAliveIdleSeconds),
        (Int32(IPPROTO_TCP), TCP_KEEPINTVL, keepAliveIntervalSeconds),
        (Int32(IPPROTO_TCP), TCP_KEEPCNT, keepAliveProbes),
        (Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, unacknowledgedMilliseconds),
    ]

    private static func failure(_ address: TCPAddress, _ code: Int32) -> PlatformError {
        let hint =
            switch code {
            case ECONNREFUSED: "nothing listens there: is the device on, and is the port right?"
            case EHOSTUNREACH, ENETUNREACH, ETIMEDOUT: "check cable, address and network mask"
            default: ""
            }
        return .system(operation: "connect to", subject: "\(address)", errno: code, hint: hint)
    }
}

private func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
    var value = value
    return setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
}
