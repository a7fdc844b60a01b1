import CLinux
import Glibc

/// What a host shows of itself to programs that look at it and change nothing.
public enum HostLook {
    /// A small file, as those of `/proc` and `/sys`; nil when it is not there or may not be read.
    public static func text(_ path: String) -> String? { readSmallFile(path) }

    /// Where a path leads, links and all; nil when it leads nowhere.
    public static func resolved(_ path: String) -> String? { resolvedPath(path) }

    /// The names in a directory; nil when it is not there or may not be read.
    public static func names(in directory: String) -> [String]? {
        guard let opened = opendir(directory) else { return nil }
        defer { closedir(opened) }
        var names: [String] = []
        while let entry = readdir(opened) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// `188:0` of a device node.
    public static func deviceNumber(_ status: stat) -> String {
        "\(deviceMajor(status.st_rdev)):\(deviceMinor(status.st_rdev))"
    }

    /// Unix98 pseudo-terminal slaves, which only a simulated bench has.
    public static func isPseudoTerminal(_ status: stat) -> Bool { (136...143).contains(deviceMajor(status.st_rdev)) }

    /// The processes that have a device open, and whether all processes could be looked at. The device is not opened: that
    /// would raise DTR on a serial line, which resets some devices.
    public static func users(ofDevice status: stat) -> (pids: [Int32], isWhole: Bool) {
        var (found, isWhole): ([Int32], Bool) = ([], true)
        // Each container counts its pseudo-terminals anew; a real device has one number on all of the host.
        let isOfItsMount = isPseudoTerminal(status)
        for pid in (names(in: "/proc") ?? []).compactMap({ Int32($0) }) {
            guard let descriptors = names(in: "/proc/\(pid)/fd") else {
                // One that has just ended hides nothing.
                if access("/proc/\(pid)", F_OK) == 0 { isWhole = false }
                continue
            }
            let has = descriptors.contains { name in
                var other = stat()
                return stat("/proc/\(pid)/fd/\(name)", &other) == 0 && other.st_mode & S_IFMT == S_IFCHR
                    && other.st_rdev == status.st_rdev && (!isOfItsMount || other.st_dev == status.st_dev)
            }
            if has { found.append(pid) }
        }
        return (found, isWhole)
    }

    /// `pid 812 (minicom)`
    public static func describe(pid: Int32) -> String { PortLock.describe(pid: pid) }

    /// Whether a time service keeps the clock; nil when the kernel does not say.
    public static var isClockKept: Bool? {
        var state = timex()
        guard adjtimex(&state) >= 0 else { return nil }
        return state.status & STA_UNSYNC == 0
    }

    /// The file system that a path lies on: room for everybody but root, and `f_type` of statfs(2). nil when it cannot be
    /// looked at.
    public static func fileSystem(of path: String) -> FileSystem? {
        var room = statvfs()
        var kind = statfs()
        guard statvfs(path, &room) == 0, statfs(path, &kind) == 0 else { return nil }
        return FileSystem(
            freeBytes: Int64(clamping: room.f_bavail * room.f_frsize), freeFiles: Int64(clamping: room.f_favail),
            allFiles: Int64(clamping: room.f_files), isReadOnly: room.f_flag & 1 != 0, kind: Int64(kind.f_type))
    }

    public struct FileSystem: Sendable {
        public let freeBytes: Int64
        public let freeFiles: Int64
        /// 0 where their number is not limited.
        public let allFiles: Int64
        public let isReadOnly: Bool
        public let kind: Int64
    }

    /// Whether an access list stands beside the mode.
    public static func hasAccessList(_ path: String) -> Bool {
        getxattr(path, "system.posix_acl_access", nil, 0) > 0
    }
}
