import CLinux
import Glibc
import Quantities

/// The living process that has a lock. It is held by a descriptor, so that a later process with its pid is never taken
/// for it.
public struct LockOwner: ~Copyable {
    public let pid: Int32
    private let process: FileDescriptorOwner

    /// - Parameters:
    ///   - pid: who is said to have it.
    ///   - inode: of the socket that is the lock. nil when that process does not have it open, or may not be looked at.
    init?(pid: Int32, socket inode: some StringProtocol) {
        // First the descriptor, then the look: what is seen then is of this very process.
        let raw = pidfd_open(pid, 0)
        guard raw >= 0 else { return nil }
        let process = FileDescriptorOwner(owning: raw)
        guard Self.descriptors(of: pid).contains("socket:[\(inode)]") else { return nil }
        self.pid = pid
        self.process = process
    }

    /// As the kernel shows it: at most 15 bytes, `flowlabd`.
    public var name: String { readSmallFile("/proc/\(pid)/comm")?.filter { !$0.isNewline } ?? "" }

    /// `pid 812 (flowlabd)`
    public var description: String { PortLock.describe(pid: pid) }

    /// SIGKILL; fine when it has ended by itself meanwhile.
    public func kill() throws(PlatformError) {
        guard pidfd_send_signal(process.raw, SIGKILL, nil, 0) != 0, errno != ESRCH else { return }
        throw .system(
            operation: "kill", subject: "pid \(pid)", errno: errno, hint: "run it as that daemon's user, or as root")
    }

    /// False when it still lives after `timeout`. One that waits for a hung disk does not end before that answers.
    public func waitUntilEnded(timeout: WireDuration) -> Bool {
        waitUntilReady(process.raw, for: Int16(POLLIN), timeout: timeout)
    }

    static func isAlive(_ pid: Int32) -> Bool { access("/proc/\(pid)", F_OK) == 0 }

    /// What each descriptor of the process leads to, as `/proc/PID/fd` shows it.
    private static func descriptors(of pid: Int32) -> [String] {
        guard let directory = opendir("/proc/\(pid)/fd") else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let path = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { "/proc/\(pid)/fd/\(String(cString: $0))" }
            }
            var target = [CChar](repeating: 0, count: 256)
            guard readlink(path, &target, target.count - 1) > 0 else { continue }
            found.append(text(of: target))
        }
        return found
    }
}
