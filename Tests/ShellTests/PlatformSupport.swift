import Glibc
import Platform
import Quantities

/// How long a test waits for something that must happen, before it fails. Nothing waits that long when all is well.
let patience = WireDuration.milliseconds(10_000)

/// What `body` throws, or nil.
func failure(_ body: () throws(PlatformError) -> Void) -> PlatformError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}

/// Polls one descriptor for input with `patience`.
func becomesReadable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, Int32(patience.nanoseconds / 1_000_000)) == 1
}

func becomesWritable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, Int32(patience.nanoseconds / 1_000_000)) == 1
}

/// A directory of its own for one test, removed with its files afterwards.
final class ScratchDirectory {
    let path: String

    init() {
        var template = Array("/tmp/flowlab-test-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no scratch directory")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(path)/\(name)")
            }
            closedir(directory)
        }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// What the device's end of a line has received by now.
func received(_ line: borrowing PseudoTerminal) throws -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    guard case .bytes(let count) = try line.read(into: &buffer) else { return "" }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
}

/// A TCP server's socket on loopback, and its port.
final class LoopbackServer: Sendable {
    let descriptor: Int32
    let port: UInt16

    init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let raw = descriptor
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(raw, $0, length) == 0 && listen(raw, 8) == 0, "no loopback server")
                precondition(getsockname(raw, $0, &length) == 0, "no loopback port")
            }
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    func accept() -> FileDescriptorOwner { FileDescriptorOwner(owning: Glibc.accept(descriptor, nil, nil)) }
}

/// As the kernel has it.
func currentThreadName() -> String {
    var name = [UInt8](repeating: 0, count: 64)
    let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let count = read(file, &name, name.count)
    return String(decoding: name.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self)
}
