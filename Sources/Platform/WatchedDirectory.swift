import Glibc

/// One regular file of a directory.
public struct WatchedFile: Hashable, Sendable {
    public let name: String
    /// Bytes.
    public let size: Int
    /// Nanoseconds since 1970.
    public let modified: Int64
}

/// A directory that another program writes into, held open: its regular files are listed and read, and small files of our
/// own are put there whole. No name leads out of it: no path is taken and no symbolic link followed.
///
/// Every call may block for as long as the file system does, which on a network share may be for ever.
public final class WatchedDirectory: Sendable {
    /// Names that one look goes through; a directory with more is not for watching.
    public static let mostNames = 20_000

    public let path: String
    private let descriptor: FileDescriptorOwner

    /// - Parameter path: absolute; may itself be a symbolic link.
    public init(path: String) throws(PlatformError) {
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else {
            throw .system(operation: "open", subject: "folder \(path)", errno: errno, hint: Self.hint(errno))
        }
        descriptor = FileDescriptorOwner(owning: raw)
        self.path = path
        guard faccessat(raw, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0 else {
            throw .system(operation: "use", subject: "folder \(path)", errno: errno, hint: Self.hint(errno))
        }
    }

    private static func hint(_ code: Int32) -> String {
        switch code {
        case ENOENT: "make it, or mount the share that it is on"
        case ENOTDIR: "name a directory in the bench file"
        case EACCES, EPERM: "let the user of the daemon list it and write there"
        case EROFS: "mount it for writing: tickets are left there"
        default: ""
        }
    }

    /// Whether the path still leads to this directory: it may have been removed, or another share mounted over it.
    public func isThere() -> Bool {
        var held = stat()
        var found = stat()
        guard fstat(descriptor.raw, &held) == 0, stat(path, &found) == 0 else { return false }
        return held.st_dev == found.st_dev && held.st_ino == found.st_ino
    }

    /// The regular files whose name begins with `prefix` and passes `isServed`, in no order.
    public func files(
        beginningWith prefix: String, where isServed: (String) -> Bool
    ) throws(PlatformError) -> [WatchedFile] {
        let raw = openat(descriptor.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0, let stream = fdopendir(raw) else {
            let code = errno
            if raw >= 0 { Glibc.close(raw) }
            throw .system(operation: "list", subject: "folder \(path)", errno: code, hint: Self.hint(code))
        }
        defer { closedir(stream) }
        var files: [WatchedFile] = []
        for _ in 0..<Self.mostNames {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else {
                    throw .system(operation: "list", subject: "folder \(path)", errno: errno, hint: "")
                }
                return files
            }
            guard let name = Self.name(of: entry), name.hasPrefix(prefix), isServed(name) else { continue }
            if let file = file(name) { files.append(file) }
        }
        throw .invalid(
            subject: "folder \(path)", value: "more than \(Self.mostNames) files",
            expected: "fewer: move old results to another folder")
    }

    /// nil where it is no text.
    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
        withUnsafeBytes(of: &entry.pointee.d_name) { String(validating: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// A file may carry a time of any year; one that no clock of ours reaches is the last, or the first, that it does.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (seconds, isTooFar) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isFartherStill) = seconds.addingReportingOverflow(Int64(time.tv_nsec))
        return isTooFar || isFartherStill ? (time.tv_sec < 0 ? .min : .max) : sum
    }

    /// nil where it is gone already, or is no regular file.
    private func file(_ name: String) -> WatchedFile? {
        var status = stat()
        guard fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        return WatchedFile(name: name, size: Int(status.st_size), modified: Self.nanoseconds(status.st_mtim))
    }

    /// `length` bytes from `offset` on, or what there is.
    public func read(_ name: String, from offset: Int, length: Int) throws(PlatformError) -> [UInt8] {
        try check(name)
        let raw = openat(descriptor.raw, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard raw >= 0 else { throw .system(operation: "open", subject: "\(path)/\(name)", errno: errno, hint: "") }
        let file = FileDescriptorOwner(owning: raw)
        var status = stat()
        guard fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .invalid(subject: "\(path)/\(name)", value: "no file", expected: "a regular file")
        }
        var bytes = [UInt8](repeating: 0, count: length)
        let count = retryingInterrupts { pread(file.raw, &bytes, length, off_t(offset)) }
        guard count >= 0 else { throw .system(operation: "read", subject: "\(path)/\(name)", errno: errno, hint: "") }
        return Array(bytes.prefix(count))
    }

    /// The file is there at once and whole, in the place of one of this name.
    public func put(_ bytes: [UInt8], as name: String) throws(PlatformError) {
        try check(name)
        let temporary = ".\(name).new"
        unlinkat(descriptor.raw, temporary, 0)
        let raw = openat(descriptor.raw, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard raw >= 0 else {
            throw .system(operation: "make", subject: "\(path)/\(name)", errno: errno, hint: Self.hint(errno))
        }
        let file = FileDescriptorOwner(owning: raw)
        var isWritten = bytes.isEmpty || retryingInterrupts { Glibc.write(file.raw, bytes, bytes.count) } == bytes.count
        isWritten = isWritten && fsync(file.raw) == 0
        guard isWritten, renameat(descriptor.raw, temporary, descriptor.raw, name) == 0 else {
            let code = errno
            unlinkat(descriptor.raw, temporary, 0)
            throw .system(operation: "write", subject: "\(path)/\(name)", errno: code, hint: Self.hint(code))
        }
    }

    /// No such file is there any more.
    public func remove(_ name: String) throws(PlatformError) {
        try check(name)
        guard unlinkat(descriptor.raw, name, 0) == -1, errno != ENOENT else { return }
        throw .system(operation: "remove", subject: "\(path)/\(name)", errno: errno, hint: Self.hint(errno))
    }

    private func check(_ name: String) throws(PlatformError) {
        let isName =
            !name.isEmpty && name.utf8.first != UInt8(ascii: ".") && !name.utf8.contains { $0 == 0 || $0 == 0x2f }
        guard !isName else { return }
        throw .invalid(subject: "name in folder \(path)", value: name, expected: "a file's name without a path")
    }
}
