import Glibc

/// Exclusive `flock` locks on open files, and who holds them.
enum PortLock {
    /// Takes the exclusive lock on `descriptor` or says who has it. The lock ends with the descriptor.
    static func take(_ descriptor: Int32, subject: String, hint: String) throws(PlatformError) {
        guard retryingInterrupts({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 else { return }
        guard errno == EWOULDBLOCK else {
            throw .system(operation: "lock", subject: subject, errno: errno, hint: "")
        }
        throw .inUse(subject: subject, holder: holder(of: descriptor), hint: hint)
    }

    static let unknown = "another process"

    /// `pid 812 (flowlabd)` from `/proc/locks`, where it shows that.
    static func holder(of descriptor: Int32) -> String {
        var status = stat()
        guard fstat(descriptor, &status) == 0, let pid = lockingProcess(of: status) else {
            return unknown
        }
        return describe(pid: pid)
    }

    /// The same of a file that need not be open; nil when nobody is known to have locked it.
    static func holder(ofFile path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return lockingProcess(of: status).map(describe(pid:))
    }

    static func describe(pid: Int32) -> String {
        let name = readSmallFile("/proc/\(pid)/comm")?.filter { !$0.isNewline } ?? "ended or hidden"
        return "pid \(pid) (\(name))"
    }

    /// `/proc/locks` names a file by `major:minor:inode`, device in hexadecimal: proc(5).
    private static func lockingProcess(of status: stat) -> Int32? {
        let inode = status.st_ino
        for line in (readSmallFile("/proc/locks") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK" else { continue }
            let parts = words[5].split(separator: ":")
            guard parts.count == 3, UInt64(parts[0], radix: 16) == UInt64(deviceMajor(status.st_dev)),
                UInt64(parts[1], radix: 16) == UInt64(deviceMinor(status.st_dev)), UInt64(parts[2]) == UInt64(inode)
            else { continue }
            return Int32(words[4]).flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }
}

/// `gnu_dev_major`, a macro that Swift cannot import.
func deviceMajor(_ device: dev_t) -> UInt32 {
    let number = UInt64(device)
    return UInt32(truncatingIfNeeded: ((number >> 8) & 0xFFF) | ((number >> 32) & 0xFFFF_F000))
}

/// `gnu_dev_minor`.
func deviceMinor(_ device: dev_t) -> UInt32 {
    let number = UInt64(device)
    return UInt32(truncatingIfNeeded: (number & 0xFF) | ((number >> 12) & 0xFFFF_FF00))
}

/// A file of `/proc` or a lock file, up to 1 MiB; nil when it cannot be read.
func readSmallFile(_ path: String) -> String? {
    let raw = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
    guard raw >= 0 else { return nil }
    let file = FileDescriptorOwner(owning: raw)
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while contents.count < 1 << 20 {
        let count = retryingInterrupts { read(file.raw, &buffer, buffer.count) }
        guard count > 0 else { break }
        contents += buffer[..<count]
    }
    return String(decoding: contents, as: UTF8.self)
}
