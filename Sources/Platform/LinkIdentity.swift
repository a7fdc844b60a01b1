import Glibc

/// Which physical thing a path leads to: the resolved path and the device's numbers. Two links with equal identities are
/// one port; a changed identity after a reconnect means another adapter.
public struct LinkIdentity: Hashable, Sendable, CustomStringConvertible {
    /// `/dev/ttyUSB0 dev=0:5 ino=412 rdev=188:0`.
    public let description: String
    /// The node itself, with every symbolic link followed: `/dev/ttyUSB0`. What the kernel calls it when it goes.
    public let node: String
    /// Whether the port is a pseudo-terminal, which only a simulated bench has.
    public let isPseudoTerminal: Bool

    /// Reads the identity of an open descriptor, opened by `path`.
    init(path: String, descriptor: Int32) throws(PlatformError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(operation: "stat", subject: path, errno: errno, hint: "")
        }
        let resolved = resolvedPath(path) ?? path
        node = resolved
        let device = "\(deviceMajor(status.st_dev)):\(deviceMinor(status.st_dev))"
        let major = deviceMajor(status.st_rdev)
        description = "\(resolved) dev=\(device) ino=\(status.st_ino) rdev=\(major):\(deviceMinor(status.st_rdev))"
        // Unix98 pseudo-terminal slaves: Documentation/admin-guide/devices.txt of the kernel.
        isPseudoTerminal = (136...143).contains(major)
    }
}

/// `realpath(3)`; nil when the path leads nowhere.
public func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
