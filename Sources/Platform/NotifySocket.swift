import Glibc

/// The service manager's socket for `sd_notify(3)`, written to without waiting; libsystemd's own call waits.
enum NotifySocket {
    /// True when the manager has it in its queue.
    static func send(_ message: String) -> Bool {
        guard let place = getenv("NOTIFY_SOCKET"), place.pointee != 0 else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        return withAddress(String(cString: place)) { address, length in
            sendto(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), address, length)
                == bytes.count
        }
    }

    /// A path, or `@` and a name of the abstract space.
    private static func withAddress(_ place: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_un()
        let bytes = Array(place.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), isAbstract || bytes.first == UInt8(ascii: "/")
        else { return false }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: bytes)
            if isAbstract { path[0] = 0 }
        }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
