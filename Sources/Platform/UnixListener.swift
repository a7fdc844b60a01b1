import CSystemd
import Glibc

/// A listening Unix stream socket: bound here, or handed over by systemd.
public struct UnixListener: ~Copyable, Sendable {
    /// Where clients connect; nil for one without a path.
    public let path: String?
    private let socket: FileDescriptorOwner
    /// The inode bound here, which `close` removes; nil where somebody else owns the path.
    private let boundInode: ino_t?

    /// Binds and listens at `path`.
    ///
    /// A socket left there by a dead process is removed; a live one, or anything that is no socket, is refused.
    /// - Parameters:
    ///   - mode: the permissions of the socket file, `0o660`; who may write may connect.
    ///   - group: the group that owns it; the process's own if nil.
    public init(path: String, mode: mode_t, group: gid_t? = nil, backlog: Int32 = 64) throws(PlatformError) {
        let address = try UnixAddress(path: path)
        try removeStaleSocket(at: address)
        let socket = try UnixAddress.makeSocket(nonBlocking: true)
        // On Linux the file inherits the socket's own mode, so nobody slips in between bind and chmod.
        guard fchmod(socket.raw, mode) == 0, address.withSocketAddress({ bind(socket.raw, $0, $1) }) == 0 else {
            let hint = "the directory must exist and be writable"
            throw .system(operation: "bind", subject: "socket \(path)", errno: errno, hint: hint)
        }
        guard group.map({ chown(path, uid_t.max, $0) == 0 }) ?? true, chmod(path, mode) == 0,
            listen(socket.raw, backlog) == 0
        else {
            throw .system(operation: "open", subject: "socket \(path)", errno: errno, hint: "is the group right?")
        }
        var status = stat()
        boundInode = lstat(path, &status) == 0 ? status.st_ino : nil
        self.path = path
        self.socket = socket
    }

    /// Takes over a socket that systemd listens on already.
    public init(adopting descriptor: consuming FileDescriptorOwner) throws(PlatformError) {
        let raw = descriptor.raw
        guard sd_is_socket(raw, AF_UNIX, Int32(SOCK_STREAM.rawValue), 1) > 0 else {
            throw .invalid(
                subject: "passed descriptor \(raw)", value: "something else",
                expected: "a listening Unix stream socket (ListenStream= in the socket unit)")
        }
        let flags = fcntl(raw, F_GETFL)
        guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw .system(operation: "adopt", subject: "descriptor \(raw)", errno: errno, hint: "")
        }
        path = UnixAddress.path(boundTo: raw)
        boundInode = nil
        socket = descriptor
    }

    /// For a poll set: readable while a client waits.
    public var rawDescriptor: Int32 { socket.raw }

    /// The next waiting client, non-blocking and close-on-exec; nil when none waits.
    public func accept() throws(PlatformError) -> FileDescriptorOwner? {
        while true {
            let raw = accept4(
                socket.raw, nil, nil, Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
            if raw >= 0 { return FileDescriptorOwner(owning: raw) }
            switch errno {
            case EAGAIN: return nil
            case EINTR, ECONNABORTED: continue
            case let code:
                throw .system(
                    operation: "accept on", subject: path ?? "the passed socket", errno: code,
                    hint: code == EMFILE ? "too many clients: raise LimitNOFILE" : "")
            }
        }
    }

    /// Stops listening and removes the socket file that was bound here, unless another has taken its place.
    public consuming func close() throws(PlatformError) {
        removeFile()
        try socket.close()
    }

    /// Removes the socket file that was bound here, unless another has taken its place.
    public func removeFile() {
        var status = stat()
        if let path, let boundInode, lstat(path, &status) == 0, status.st_ino == boundInode { unlink(path) }
    }
}

/// Whether somebody listens is asked by connecting; only a refused connection proves that nobody does.
private func removeStaleSocket(at address: UnixAddress) throws(PlatformError) {
    var status = stat()
    guard lstat(address.path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
        throw .invalid(
            subject: "socket path \(address.path)", value: "another kind of file",
            expected: "nothing or an old socket; move that file away")
    }
    let probe = try UnixAddress.makeSocket(nonBlocking: true)
    guard address.withSocketAddress({ connect(probe.raw, $0, $1) }) != 0, errno == ECONNREFUSED else {
        let holder = try? PeerCredentials(ofPeerOn: probe.raw)
        throw .inUse(
            subject: "socket \(address.path)",
            holder: holder.map { PortLock.describe(pid: $0.pid) } ?? "a live listener",
            hint: "stop that daemon, or give this one another --socket")
    }
    guard unlink(address.path) == 0 || errno == ENOENT else {
        throw .system(operation: "remove stale", subject: "socket \(address.path)", errno: errno, hint: "")
    }
}
