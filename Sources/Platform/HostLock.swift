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
        let short = Self.shortened(name)
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
        try HostLock(
            benchName(name, in: place), subject: "bench \(name)",
            hint: "stop that daemon first, or give one of the two benches another name in its file")
    }

    /// Who has the lock of that bench now; nil when nobody has, or when it cannot be seen who.
    public static func benchOwner(_ name: String, in place: String?) throws(PlatformError) -> LockOwner? {
        try owner(of: benchName(name, in: place))
    }

    /// The process that says it is the daemon of that bench; nil when there is none. Anybody may say so: for people only.
    public static func benchProcess(_ name: String, in place: String?) throws(PlatformError) -> Int32? {
        signedBy(shortened(try benchName(name, in: place))).first { LockOwner.isAlive($0) }
    }

    private static func benchName(_ name: String, in place: String?) throws(PlatformError) -> String {
        guard let place else { return "flowlab/bench/\(name)" }
        var status = stat()
        guard stat(place, &status) == 0 else {
            throw .system(operation: "look at", subject: place, errno: errno, hint: "")
        }
        return "flowlab/bench/\(name)/\(status.st_dev):\(status.st_ino)"
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

    private static func shortened(_ name: String) -> String {
        String(decoding: name.utf8.prefix(longestName), as: UTF8.self)
    }

    /// `pid 812 (flowlabd)`
    private static func holder(of name: String) -> String {
        signedBy(name).first.map(PortLock.describe(pid:)) ?? "another process"
    }

    /// The pids that are signed beside the name. Anybody may have written them: see `owner(of:)`.
    private static func signedBy(_ name: String) -> [Int32] {
        let start = "\(name)\(mark)"
        return abstractSockets().compactMap { socket in
            socket.name.hasPrefix(start) ? Int32(socket.name.dropFirst(start.count)) : nil
        }
    }

    /// The process that has the socket of that name open, among those that are signed beside it. A name alone proves nothing.
    static func owner(of name: String) -> LockOwner? {
        let short = shortened(name)
        guard let socket = abstractSockets().first(where: { $0.name == short }) else { return nil }
        for pid in signedBy(short) {
            if let owner = LockOwner(pid: pid, socket: socket.inode) { return owner }
        }
        return nil
    }

    /// The kernel lists abstract names with an `@` before them: proc(5).
    private static func abstractSockets() -> [(inode: Substring, name: Substring)] {
        (readSmallFile("/proc/net/unix") ?? "").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 7)
            guard words.count == 8, words[7].hasPrefix("@") else { return nil }
            return (words[6], words[7].dropFirst())
        }
    }
}
