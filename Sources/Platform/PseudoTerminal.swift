import Glibc

/// The device's end of a pseudo-terminal: what is written here arrives on the serial port that another program opens at
/// `path`. For simulated devices, which are nothing but other bytes on the wire.
///
/// The port's end is kept open here too, so that a program which opens, closes and opens it again looks to the device
/// like one quiet line. Closing this end is the unplugging of the adapter.
public struct PseudoTerminal: ~Copyable, Sendable {
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), macros that Swift cannot import.
    private static let setLock = UInt(0x4004_5431)
    private static let getNumber = UInt(0x8004_5430)

    /// `/dev/pts/7`.
    public let path: String
    private let device: FileDescriptorOwner
    private let port: FileDescriptorOwner

    public init() throws(PlatformError) {
        let device = try Self.open("/dev/ptmx")
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        guard ioctl(device.raw, Self.setLock, &unlocked) == 0, ioctl(device.raw, Self.getNumber, &number) == 0 else {
            throw .system(operation: "unlock", subject: "a pseudo-terminal", errno: errno, hint: "")
        }
        let path = "/dev/pts/\(number)"
        let port = try Self.open(path)
        // Raw from the start: a line that echoes would answer the device with its own words.
        var line = termios()
        guard tcgetattr(port.raw, &line) == 0 else {
            throw .system(operation: "read the settings of", subject: path, errno: errno, hint: "")
        }
        cfmakeraw(&line)
        guard tcsetattr(port.raw, TCSANOW, &line) == 0 else {
            throw .system(operation: "make raw", subject: path, errno: errno, hint: "")
        }
        self.path = path
        self.device = device
        self.port = port
    }

    /// For a poll set: readable while the other program has written.
    public var rawDescriptor: Int32 { device.raw }

    /// Reads what the other program wrote, at most the whole of `buffer`, from its beginning.
    public func read(into buffer: inout [UInt8]) throws(PlatformError) -> TransferResult {
        try Transfer.read(device.raw, into: &buffer, subject: path)
    }

    /// Writes `bytes` from `offset` on; the kernel holds 4 KiB that nobody has read.
    public func write(_ bytes: [UInt8], from offset: Int = 0) throws(PlatformError) -> TransferResult {
        try Transfer.write(device.raw, bytes, from: offset, isSocket: false, subject: path)
    }

    /// Pulls the adapter: the other program's port hangs up, and `path` is gone.
    public consuming func unplug() {}

    private static func open(_ path: String) throws(PlatformError) -> FileDescriptorOwner {
        let raw = retryingInterrupts { Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
        guard raw >= 0 else {
            throw .system(operation: "open", subject: path, errno: errno, hint: "is devpts mounted and writable?")
        }
        return FileDescriptorOwner(owning: raw)
    }
}
