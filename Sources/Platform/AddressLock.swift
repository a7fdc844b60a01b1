import Glibc

/// Keeps two owners off one network device. A serial port has its own lock; a TCP address has none, so the owner binds
/// a name in the host's abstract socket space, which the kernel frees when the owner dies, however it dies.
public final class AddressLock: Sendable {
    private let socket: FileDescriptorOwner

    /// - Throws: `inUse` when another daemon of this host owns the address.
    public init(_ address: TCPAddress) throws(PlatformError) {
        let name = "flowlab/tcp/\(address.numericHost):\(address.port)"
        let socket = try UnixAddress.makeSocket(nonBlocking: true)
        var bound = sockaddr_un()
        bound.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: bound.sun_path) - 1
        let bytes = Array(name.utf8.prefix(capacity))
        withUnsafeMutableBytes(of: &bound.sun_path) { path in
            for (index, byte) in bytes.enumerated() { path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + bytes.count)
        let result = withUnsafePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.raw, $0, length) }
        }
        let code = errno
        guard result == 0 else {
            guard code == EADDRINUSE else {
                throw .system(operation: "lock", subject: "\(address)", errno: code, hint: "")
            }
            throw .inUse(
                subject: "\(address)", holder: "another flowlabd",
                hint: "a device has one owner; stop the other daemon, or take the device out of one bench file")
        }
        self.socket = socket
    }
}
