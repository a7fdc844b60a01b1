import Glibc
import Quantities

/// A blocking client's end of a Unix stream socket that carries one message a line, for programs that have nothing else
/// to do while they wait.
public struct UnixStream: ~Copyable, Sendable {
    /// The protocol's limit of a line, its LF included.
    public static let longestLineBytes = 1 << 20

    public let path: String
    private let socket: FileDescriptorOwner
    /// Bytes that came after the last line given out, from `consumed` on.
    private var pending: [UInt8] = []
    private var consumed = 0
    /// No line feed is in `pending` before here.
    private var searched = 0
    private var chunk = [UInt8](repeating: 0, count: 65_536)

    public init(connectingTo path: String) throws(PlatformError) {
        let address = try UnixAddress(path: path)
        let socket = try UnixAddress.makeSocket(nonBlocking: false)
        guard retryingInterrupts({ address.withSocketAddress { connect(socket.raw, $0, $1) } }) == 0 else {
            throw .system(operation: "connect to", subject: path, errno: errno, hint: Self.hint(errno))
        }
        self.path = path
        self.socket = socket
    }

    /// For a poll set of the caller's. Lines that came together with the last one are in memory: ask `readLine` with no
    /// time until it times out.
    public var rawDescriptor: Int32 { socket.raw }

    /// Writes all of `bytes`, waiting while the server does not read, at most `timeout` without progress.
    public func writeAll(_ bytes: [UInt8], timeout: WireDuration) throws(PlatformError) {
        var sent = 0
        while sent < bytes.count {
            guard waitUntilReady(socket.raw, for: Int16(POLLOUT), timeout: timeout) else {
                throw .timedOut(operation: "write to", subject: path, milliseconds: timeout.nanoseconds / 1_000_000)
            }
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = bytes.withUnsafeBytes {
                send(socket.raw, $0.baseAddress.map { $0 + sent }, $0.count - sent, flags)
            }
            if count > 0 { sent += count }
            guard count >= 0 || errno == EAGAIN || errno == EINTR else {
                throw .system(operation: "write to", subject: path, errno: errno, hint: Self.hint(errno))
            }
        }
    }

    /// The next line without its LF; nil at the end of the stream (a last line without LF is dropped: it is half one).
    /// - Parameter timeout: of wire time for the whole line; nil waits for ever.
    public mutating func readLine(timeout: WireDuration?) throws(PlatformError) -> [UInt8]? {
        let deadline = timeout.map { wireNow() + $0 }
        while true {
            if let line = try takeLine() { return line }
            let left = deadline.map { max(.zero, $0 - wireNow()) }
            guard waitUntilReady(socket.raw, for: Int16(POLLIN), timeout: left) else {
                let milliseconds = (timeout?.nanoseconds ?? 0) / 1_000_000
                throw .timedOut(operation: "read from", subject: path, milliseconds: milliseconds)
            }
            guard try receive() else { return nil }
        }
    }

    /// Says that nothing more will be asked; answers still come.
    public func finishWriting() { shutdown(socket.raw, Int32(SHUT_WR)) }

    public consuming func close() throws(PlatformError) { try socket.close() }

    private mutating func takeLine() throws(PlatformError) -> [UInt8]? {
        guard let end = pending[searched...].firstIndex(of: 0x0A) else {
            searched = pending.count
            guard pending.count - consumed < Self.longestLineBytes else {
                throw .tooLong(subject: "line from \(path)", limitBytes: Self.longestLineBytes)
            }
            return nil
        }
        guard end - consumed < Self.longestLineBytes else {
            throw .tooLong(subject: "line from \(path)", limitBytes: Self.longestLineBytes)
        }
        let line = Array(pending[consumed..<end])
        consumed = end + 1
        searched = consumed
        return line
    }

    /// Adds what has come to `pending`; false at the end of the stream.
    private mutating func receive() throws(PlatformError) -> Bool {
        pending.removeFirst(consumed)
        searched -= consumed
        consumed = 0
        let count = retryingInterrupts { recv(socket.raw, &chunk, chunk.count, 0) }
        guard count >= 0 else {
            throw .system(operation: "read from", subject: path, errno: errno, hint: Self.hint(errno))
        }
        pending += chunk[..<count]
        return count > 0
    }

    private static func hint(_ code: Int32) -> String {
        switch code {
        case ENOENT: "is the daemon running, and is the bench's name right?"
        case ECONNREFUSED:
            "nobody listens there: start the daemon; to make the bench safe without it: flowlabd --safe-state --config FILE"
        case EACCES: "join the group of the socket (ls -l; flowlab-clients by the package), log in anew"
        case EPIPE, ECONNRESET: "the daemon closed the connection; see its journal"
        default: ""
        }
    }
}
