import Glibc

/// The directory and the file of the archive: made when missing, refused when others could have written them.
enum StatePlace {
    static let directoryMode: mode_t = 0o750
    static let fileMode: mode_t = 0o640

    /// Checks what is there, and makes what is not.
    /// - Parameter make: fills an empty database at the path it is given.
    static func prepare(_ path: String, make: (String) throws(ArchiveError) -> Void) throws(ArchiveError) {
        let directory = parent(of: path)
        if mkdir(directory, directoryMode) != 0, errno != EEXIST {
            throw failure(directory, "cannot be made", "make its parent, owned by the daemon's user")
        }
        var facts = stat()
        guard stat(directory, &facts) == 0 else { throw failure(directory, "cannot be looked at", "check the path") }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw .place(path: directory, detail: "is not a directory; expected the state directory")
        }
        guard facts.st_mode & S_IWOTH == 0 else {
            throw .place(
                path: directory, detail: "may be written by everyone; expected mode 0750: chmod 0750 \(directory)")
        }
        if lstat(path, &facts) == 0 { return try check(path) }
        guard errno == ENOENT else { throw failure(path, "cannot be looked at", "check the path") }
        try makeFile(path, make)
    }

    /// Made under another name, so that a kill at any instant leaves either the whole file or none: an empty one is
    /// always the rest of something.
    private static func makeFile(
        _ path: String, _ make: (String) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        var facts = stat()
        guard lstat(path + "-wal", &facts) != 0 || facts.st_size == 0 else {
            throw .place(
                path: path,
                detail: "is gone, but its journal is there; restore a copy, or delete \(path)-wal to start anew")
        }
        let unfinished = path + ".new"
        for ending in ["", "-journal"] { unlink(unfinished + ending) }
        try checkMode(unfinished, O_CREAT | O_EXCL)
        try make(unfinished)
        guard rename(unfinished, path) == 0 else {
            throw failure(path, "cannot be made", "check the owner of the directory")
        }
    }

    private static func check(_ path: String) throws(ArchiveError) {
        var facts = stat()
        if lstat(path, &facts) == 0, facts.st_size == 0, facts.st_mode & S_IFMT == S_IFREG {
            throw .place(
                path: path,
                detail: "is empty, so that all that was kept is lost; restore a copy, or delete it and \(path)-wal to "
                    + "start anew")
        }
        try checkMode(path, 0)
    }

    /// SQLite gives its journal the mode of the file.
    private static func checkMode(_ path: String, _ flags: Int32) throws(ArchiveError) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, fileMode)
        guard descriptor >= 0 else {
            throw failure(path, "cannot be opened", "check its owner and mode, and the mount of the directory")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .place(path: path, detail: "is not a plain file; expected the archive")
        }
        if facts.st_mode & 0o777 != fileMode, fchmod(descriptor, fileMode) != 0 {
            throw failure(path, "cannot be given mode 0640", "let the daemon's user own it")
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ path: String, _ what: String, _ hint: String) -> ArchiveError {
        let code = errno
        return .place(path: path, detail: "\(what): \(String(cString: strerror(code))) (errno \(code)); \(hint)")
    }
}
