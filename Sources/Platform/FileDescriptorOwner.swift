import Glibc

/// The one owner of a file descriptor. It closes on `close()`, which reports, or when it goes out of scope, which
/// cannot.
public struct FileDescriptorOwner: ~Copyable, Sendable {
    /// The descriptor, borrowed: valid while the owner lives.
    public let raw: Int32

    /// Takes `descriptor` over; nobody else may close it.
    public init(owning descriptor: Int32) {
        precondition(descriptor >= 0, "a descriptor is zero or more")
        raw = descriptor
    }

    deinit { _ = Glibc.close(raw) }

    /// Closes now and reports what the kernel says (a lost write, for one). The descriptor is gone either way.
    public consuming func close() throws(PlatformError) {
        let descriptor = release()
        guard Glibc.close(descriptor) == -1, errno != EINTR else { return }
        throw .system(operation: "close", subject: "descriptor \(descriptor)", errno: errno, hint: "")
    }

    /// Gives the descriptor away: from now on the caller closes it.
    public consuming func release() -> Int32 {
        let descriptor = raw
        discard self
        return descriptor
    }
}

/// What came of one non-blocking read or write on a byte link.
public enum TransferResult: Equatable, Sendable {
    /// So many bytes were moved; at least one.
    case bytes(Int)
    /// Nothing to read, or no room to write; wait for the descriptor's next event.
    case wouldBlock
    /// The other end is gone: unplugged, closed, reset. The text says how; close and open anew.
    case hangup(String)
}

/// Non-blocking reads and writes that tell a vanished peer from a mistake.
enum Transfer {
    /// Reads into the whole of `buffer`, which must not be empty.
    static func read(_ descriptor: Int32, into buffer: inout [UInt8], subject: String) throws(PlatformError)
        -> TransferResult
    {
        precondition(!buffer.isEmpty, "reading into an empty buffer looks like a hang-up")
        let count = retryingInterrupts { Glibc.read(descriptor, &buffer, buffer.count) }
        if count == 0 { return .hangup("end of file") }
        return try result(count, operation: "read", subject: subject)
    }

    /// Writes `bytes` from `offset` on; a socket's broken pipe is a hang-up, never a signal.
    static func write(_ descriptor: Int32, _ bytes: [UInt8], from offset: Int, isSocket: Bool, subject: String)
        throws(PlatformError) -> TransferResult
    {
        precondition(offset < bytes.count, "nothing to write")
        let count = bytes.withUnsafeBytes { whole in
            let rest = UnsafeRawBufferPointer(rebasing: whole[offset...])
            return retryingInterrupts {
                isSocket
                    ? Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                    : Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
        }
        return try result(count, operation: "write", subject: subject)
    }

    private static func result(_ count: Int, operation: String, subject: String) throws(PlatformError)
        -> TransferResult
    {
        guard count < 0 else { return .bytes(count) }
        switch errno {
        case EAGAIN: return .wouldBlock
        case EIO, ENXIO, ENODEV, EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH:
            return .hangup(errnoText(errno))
        case let code: throw .system(operation: operation, subject: subject, errno: code, hint: "")
        }
    }
}
