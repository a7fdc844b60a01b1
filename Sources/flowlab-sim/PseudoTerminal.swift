import CLinux
import Glibc

/// A pseudo-terminal with a stable name. The slave is held open here too: else its raw mode would be lost whenever the
/// last client closes it.
struct PseudoTerminal {
    let master: Int32
    private let slave: Int32
    let path: String
    let name: String

    init(name: String) throws(SystemFailure) {
        self.name = name
        master = try check(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), "posix_openpt")
        try check(grantpt(master), "grantpt")
        try check(unlockpt(master), "unlockpt")
        var buffer = [CChar](repeating: 0, count: 128)
        guard ptsname_r(master, &buffer, UInt(buffer.count)) == 0 else {
            throw SystemFailure(call: "ptsname", subject: name, number: errno)
        }
        path = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        slave = try check(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), "open", path)
        makeRaw()
        try link()
    }

    /// Empties both directions and restores raw mode: what a new client finds.
    func reset() {
        tcflush(slave, TCIOFLUSH)
        makeRaw()
    }

    private func makeRaw() {
        var settings = termios()
        tcgetattr(slave, &settings)
        cfmakeraw(&settings)
        tcsetattr(slave, TCSANOW, &settings)
    }

    private func link() throws(SystemFailure) {
        var status = stat()
        if lstat(name, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFLNK else {
                throw SystemFailure(call: "symlink", subject: "\(name) is in the way and no link", number: EEXIST)
            }
            unlink(name)
        }
        try check(symlink(path, name), "symlink", name)
    }

    /// Closes it and removes its name, if that still is ours.
    func close() {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(name, &buffer, buffer.count - 1)
        let target = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        if String(decoding: target, as: UTF8.self) == path { unlink(name) }
        Glibc.close(slave)
        Glibc.close(master)
    }
}

/// Counts who has each pseudo-terminal open, so that bytes for nobody are dropped as on a real line.
struct OpenWatch {
    let descriptor: Int32
    private var clients: [Int32: Int] = [:]

    init() throws(SystemFailure) {
        descriptor = try check(inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)), "inotify_init1")
    }

    /// A handle for later questions.
    mutating func add(_ path: String) throws(SystemFailure) -> Int32 {
        let events = UInt32(IN_OPEN) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_CLOSE_NOWRITE)
        let watch = try check(inotify_add_watch(descriptor, path, events), "inotify_add_watch", path)
        clients[watch] = 0
        return watch
    }

    mutating func remove(_ watch: Int32) {
        clients[watch] = nil
        inotify_rm_watch(descriptor, watch)
    }

    func hasClient(_ watch: Int32) -> Bool { (clients[watch] ?? 0) > 0 }

    /// Takes in what happened; the watches whose last client left.
    mutating func update() -> [Int32] {
        var left: [Int32] = []
        while case .bytes(let bytes) = receive(descriptor) {
            var index = 0
            while index + 16 <= bytes.count {
                let (watch, mask, length) = bytes.withUnsafeBytes { raw in
                    (
                        raw.loadUnaligned(fromByteOffset: index, as: Int32.self),
                        raw.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self),
                        raw.loadUnaligned(fromByteOffset: index + 12, as: UInt32.self)
                    )
                }
                index += 16 + Int(length)
                guard let count = clients[watch] else { continue }
                if mask & UInt32(IN_OPEN) != 0 {
                    clients[watch] = count + 1
                } else if mask & (UInt32(IN_CLOSE_WRITE) | UInt32(IN_CLOSE_NOWRITE)) != 0 {
                    clients[watch] = max(0, count - 1)
                    if count == 1 { left.append(watch) }
                }
            }
        }
        return left
    }
}
