import Glibc

/// A name that one process of this host holds: a socket in the abstract space, which the kernel frees when its holder
/// ends, however it ends. A second socket beside it says who that is.
public final class HostLock: Sendable {
    private let name: FileDescriptorOwner
    private let owner: FileDescriptorOwner

    /// - Parameters:
    ///   - name: `flowlab/tcp/127.0.0.1:502`, at most 90 bytes count.
    ///   - subject: what it stands for, for messages.
    /// - Throws: `inUse` with the holder's pid.
    public init(_ name: String, subject: String, hint: String) throws(PlatformError) {
        let short = String(decoding: name.utf8.prefix(Self.longestName), as: UTF8.self)
        guard let held = try Self.bound(short, subject) else {
            throw .inUse(subject: subject, holder: Self.holder(of: short), hint: hint)
        }
        let signed = "\(short)\(Self.mark)\(getpid())"
        guard let sign = try Self.bound(signed, subject) else {
            throw .inUse(subject: signed, holder: "this process", hint: hint)
        }
        self.name = held
        owner = sign
    }

    /// Keeps a second bench of the same name away: from the host, or from the directory `place`, whatever path leads to it.
    public static func bench(_ name: String, in place: String?) throws(PlatformError) -> HostLock {
        var scope = ""
        if let place {
            var status = stat()
            guard stat(place, &status) == 0 else {
                throw .system(operation: "look at", subject: place, errno: errno, hint: "")
            }
            scope = "/\(status.st_dev):\(status.st_ino)"
        }
        return try HostLock(
            "flowlab/bench/\(name)\(scope)", subject: "bench \(name)",
            hint: "stop that daemon first, or give one of the two benches another name in its file")
    }

    private static let longestName = 90
    private static let mark: Character = "#"

    /// nil when somebody else has the name.
    private static func bound(_ name: String, _ subject: String) throws(PlatformError) -> FileDescriptorOwner? {
        let socket = try UnixAddress.makeSocket(nonBlocking: true)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A first byte of zero makes it abstract; the rest of the path is the name, and is not ended by a zero.
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.raw, $0, length) }
        }
        guard result != 0 else { return socket }
        guard errno == EADDRINUSE else {
            throw .system(operation: "lock", subject: subject, errno: errno, hint: "")
        }
        return nil
    }

    /// `pid 812 (flowlabd)`; the kernel lists abstract names with an `@` before them: proc(5).
    private static func holder(of name: String) -> String {
        let start = "@\(name)\(mark)"
        for line in (readSmallFile("/proc/net/unix") ?? "").split(separator: "\n") {
            guard let word = line.split(separator: " ").last, word.hasPrefix(start),
                let pid = Int32(word.dropFirst(start.count))
            else { continue }
            return PortLock.describe(pid: pid)
        }
        return "another process"
    }
}
