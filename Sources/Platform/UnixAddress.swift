import Glibc

/// The path of a Unix socket, checked against the 107 bytes that the kernel's address holds.
struct UnixAddress: Sendable {
    static let longestPath = 107
    let path: String

    init(path: String) throws(PlatformError) {
        guard !path.isEmpty, path.utf8.count <= Self.longestPath, !path.utf8.contains(0) else {
            throw .invalid(
                subject: "socket path", value: "\(path) (\(path.utf8.count) bytes)",
                expected: "1…\(Self.longestPath) bytes; choose a shorter directory")
        }
        self.path = path
    }

    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return rebound(&address, body)
    }

    /// Where a socket is bound; nil for one without a path.
    static func path(boundTo descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout.size(ofValue: address))
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let path = withUnsafeBytes(of: &address.sun_path) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return path.isEmpty ? nil : path
    }

    /// A new stream socket, close-on-exec.
    static func makeSocket(nonBlocking: Bool) throws(PlatformError) -> FileDescriptorOwner {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | (nonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0)
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | flags, 0)
        guard raw >= 0 else {
            throw .system(operation: "create", subject: "a Unix socket", errno: errno, hint: "raise LimitNOFILE")
        }
        return FileDescriptorOwner(owning: raw)
    }
}
