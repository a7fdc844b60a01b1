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

    /// The pid that the lock file names, whether or not that process still holds the lock: for `--force`, which must
    /// check by taking the lock afterwards.
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
            // The pid in the file survives pid namespaces better than /proc/locks does.
            let named = recordedOwner(path: path).map(PortLock.describe(pid:)) ?? holder
            throw .inUse(subject: subject, holder: named, hint: hint)
        }
    }
}
