import CLinux
import Glibc

private let streamFlags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

/// Listens on loopback; port 0 takes a free one.
func listenTCP(port: UInt16) throws(SystemFailure) -> (descriptor: Int32, port: UInt16) {
    let descriptor = try check(socket(AF_INET, streamFlags, 0), "socket")
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try check(bound, "bind", "127.0.0.1:\(port)")
    try check(listen(descriptor, 16), "listen", "127.0.0.1:\(port)")
    withUnsafeMutablePointer(to: &address) {
        _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

private func unixAddress(_ path: String) throws(SystemFailure) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
        throw SystemFailure(call: "bind", subject: "\(path) (longer than 107 bytes)", number: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
}

/// Listens on a Unix socket. A socket that nobody serves any more is replaced; one that is served is not.
func listenUnix(_ path: String) throws(SystemFailure) -> Int32 {
    var address = try unixAddress(path)
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    func with(_ call: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
        withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0) } }
    }
    let probe = try check(socket(AF_UNIX, streamFlags, 0), "socket")
    defer { close(probe) }
    if with({ connect(probe, $0, length) }) == 0 {
        throw SystemFailure(call: "bind", subject: "\(path): another flowlab-sim serves it", number: EADDRINUSE)
    }
    var status = stat()
    if lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    let descriptor = try check(socket(AF_UNIX, streamFlags, 0), "socket")
    try check(with { bind(descriptor, $0, length) }, "bind", path)
    try check(listen(descriptor, 16), "listen", path)
    return descriptor
}

/// One waiting client, or nil.
func acceptClient(_ listener: Int32) -> Int32? {
    let descriptor = accept4(listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
    guard descriptor >= 0 else { return nil }
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    return descriptor
}
