import Glibc

/// Who is at the other end of a Unix socket, as the kernel vouches at the time of connecting.
public struct PeerCredentials: Hashable, Sendable {
    public let pid: Int32
    public let uid: UInt32
    /// The primary group.
    public let gid: UInt32
    /// The supplementary groups, in the kernel's order; `SO_PEERCRED` alone knows the primary one only.
    public let groups: [UInt32]

    /// Reads the credentials of the peer of a connected Unix socket.
    public init(ofPeerOn descriptor: Int32) throws(PlatformError) {
        // struct ucred of unix(7): pid, uid, gid.
        var credentials: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else {
            throw .system(operation: "ask who is on", subject: "descriptor \(descriptor)", errno: errno, hint: "")
        }
        (pid, uid, gid) = credentials
        groups = try Self.groups(ofPeerOn: descriptor)
    }

    /// Whether the peer is in the group, primary or not.
    public func isMember(of group: UInt32) -> Bool { gid == group || groups.contains(group) }

    private static func groups(ofPeerOn descriptor: Int32) throws(PlatformError) -> [UInt32] {
        var groups = [UInt32](repeating: 0, count: 64)
        while true {
            var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
            if getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 {
                return Array(groups.prefix(Int(length) / MemoryLayout<UInt32>.size))
            }
            // ERANGE: the kernel put the length it needs into `length`.
            guard errno == ERANGE, Int(length) > groups.count * MemoryLayout<UInt32>.size else {
                throw .system(operation: "ask groups on", subject: "descriptor \(descriptor)", errno: errno, hint: "")
            }
            groups = Array(repeating: 0, count: Int(length) / MemoryLayout<UInt32>.size)
        }
    }
}

/// The Unix groups that a bench file names.
public enum UnixGroup {
    private static let largestEntryBytes = 1 << 20

    /// The number of the group, or nil if there is none of that name. It may ask a name service: not for the loop.
    public static func identifier(named name: String) throws(PlatformError) -> UInt32? {
        var bytes = 1024
        while bytes <= largestEntryBytes {
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            var buffer = [CChar](repeating: 0, count: bytes)
            let code = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            if code == 0 { return found == nil ? nil : entry.gr_gid }
            guard code == ERANGE || code == EINTR else {
                throw .system(operation: "look up", subject: "group \(name)", errno: code, hint: "")
            }
            if code == ERANGE { bytes *= 4 }
        }
        throw .tooLong(subject: "entry of group \(name)", limitBytes: largestEntryBytes)
    }
}
