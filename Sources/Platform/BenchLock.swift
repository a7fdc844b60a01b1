import Glibc

/// Keeps two daemons from owning one state directory: an `flock` on a file, held until `release()` or the process's end however it
/// ends. The file stays and holds the owner's pid; its presence alone means nothing.
public struct BenchLock: ~Copyable, Sendable {
    public let path: String
    private let file: FileDescriptorOwner

    /// Takes the lock or throws `inUse` with the owner's pid.
    public init(path: String) throws(PlatformError) {
        let raw = retryingInterrupts { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
        guard raw >= 0 else {
            throw .system(
                operation: "open", subject: "bench lock \(path)", errno: errno,
                hint: "the directory must exist and be writable (RuntimeDirectory= in the unit)")
        }
        let file = FileDescriptorOwner(owning: raw)
        try Self.take(file.raw, path: path)
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(file.raw, 0) == 0, pwrite(file.raw, line, line.count, 0) == line.count else {
            throw .system(operation: "write", subject: "bench lock \(path)", errno: errno, hint: "is the disk full?")
        }
        self.path = path
        self.file = file
    }

    /// The lock of a directory in which a daemon has run before, taken without writing anything, so that a full disk does
    /// not matter; nil where there is none. The pid in the file stays that of the last daemon.
    public static func existing(path: String) throws(PlatformError) -> BenchLock? {
        let raw = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        if raw < 0, errno == ENOENT || errno == ENOTDIR { return nil }
        guard raw >= 0 else {
            throw .system(operation: "open", subject: "bench lock \(path)", errno: errno, hint: "")
        }
        return try BenchLock(locking: FileDescriptorOwner(owning: raw), path: path)
    }

    private init(locking file: consuming FileDescriptorOwner, path: String) throws(PlatformError) {
        try Self.take(file.raw, path: path)
        self.path = path
        self.file = file
    }

    /// The pid that the lock file names, whether or not that process still holds the lock.
    public static func recordedOwner(path: String) -> Int32? {
        readSmallFile(path).flatMap { Int32($0.filter { !$0.isWhitespace }) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Gives the bench up.
    public consuming func release() {
        ftruncate(file.raw, 0)
    }

    private static func take(_ descriptor: Int32, path: String) throws(PlatformError) {
        do {
            try PortLock.take(
                descriptor, subject: "bench lock \(path)",
                hint: "stop that daemon first and kill it if it hangs, or give this one another --state")
        } catch .inUse(let subject, let holder, let hint) {
            // The kernel knows best, but shows no pid of another namespace; the file names one that may have ended.
            let recorded = recordedOwner(path: path).map(PortLock.describe(pid:))
            let named = holder == PortLock.unknown ? recorded ?? holder : holder
            throw .inUse(subject: subject, holder: named, hint: hint)
        }
    }
}
