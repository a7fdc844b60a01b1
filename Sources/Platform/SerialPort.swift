import Glibc

/// A serial port, or a pseudo-terminal in its place: raw bytes, 8N1, no flow control, non-blocking, owned exclusively.
///
/// Opening drops what the line had queued, and sends nothing.
public struct SerialPort: ~Copyable, Sendable {
    public let path: String
    public let identity: LinkIdentity
    private let file: FileDescriptorOwner

    /// - Parameters:
    ///   - path: a device node or a link to one, `/dev/flowlab/pump-cui`.
    ///   - baud: one of `BaudRate`.
    public init(path: String, baud: BaudRate) throws(PlatformError) {
        let raw = retryingInterrupts { open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
        guard raw >= 0 else { throw Self.openError(path, errno) }
        let file = FileDescriptorOwner(owning: raw)
        guard isatty(raw) == 1 else {
            throw .invalid(subject: "serial port \(path)", value: "no terminal", expected: "a tty or pseudo-terminal")
        }
        try PortLock.take(raw, subject: "serial port \(path)", hint: "stop that program; one link has one owner")
        // The lock is advisory; this keeps out programs that do not lock (root excepted).
        guard ioctl(raw, UInt(TIOCEXCL)) == 0 else {
            throw .system(operation: "claim", subject: path, errno: errno, hint: "")
        }
        try configure(raw, path: path, baud: baud)
        let identity = try LinkIdentity(path: path, descriptor: raw)
        self.path = path
        self.identity = identity
        self.file = file
    }

    /// For the loop's poll set.
    public var rawDescriptor: Int32 { file.raw }

    /// Reads what has come, at most the whole of `buffer`, from its beginning.
    public func read(into buffer: inout [UInt8]) throws(PlatformError) -> TransferResult {
        try Transfer.read(file.raw, into: &buffer, subject: path)
    }

    /// Writes `bytes` from `offset` on, as many as the line takes now.
    public func write(_ bytes: [UInt8], from offset: Int = 0) throws(PlatformError) -> TransferResult {
        try Transfer.write(file.raw, bytes, from: offset, isSocket: false, subject: path)
    }

    /// Drops what was queued in both directions: for a link that starts over.
    public func discardQueued() { tcflush(file.raw, TCIOFLUSH) }

    /// Gives the port up, unsent bytes and all: the kernel would else wait up to 30 s for a dead line.
    public consuming func close() throws(PlatformError) {
        tcflush(file.raw, TCIOFLUSH)
        _ = ioctl(file.raw, UInt(TIOCNXCL))
        try file.close()
    }

    private static func openError(_ path: String, _ code: Int32) -> PlatformError {
        let hint =
            switch code {
            case ENOENT: "is the device plugged in, and is this the right port?"
            case EACCES: "add the daemon's user to group dialout, or fix the udev rule"
            case EBUSY: "another program owns it: `fuser -v \(path)`"
            case ENXIO, ENODEV, EIO: "the node exists without a device; plug it in again"
            default: ""
            }
        return .system(operation: "open serial port", subject: path, errno: code, hint: hint)
    }
}

/// The line rates that the bench's devices use, in bits a second.
public enum BaudRate: Int, CaseIterable, Sendable {
    case baud9600 = 9600
    case baud19200 = 19200
    case baud38400 = 38400
    case baud57600 = 57600
    case baud115200 = 115_200

    fileprivate var termios: speed_t {
        switch self {
        case .baud9600: speed_t(B9600)
        case .baud19200: speed_t(B19200)
        case .baud38400: speed_t(B38400)
        case .baud57600: speed_t(B57600)
        case .baud115200: speed_t(B115200)
        }
    }
}

/// Raw 8N1 without flow control; checked by reading it back, since `tcsetattr` succeeds when any one change took.
private func configure(_ descriptor: Int32, path: String, baud: BaudRate) throws(PlatformError) {
    var line = termios()
    guard tcgetattr(descriptor, &line) == 0 else {
        throw .system(operation: "read the settings of", subject: path, errno: errno, hint: "")
    }
    cfmakeraw(&line)
    line.c_cflag |= tcflag_t(CLOCAL | CREAD)
    // HUPCL off: a closing port would drop DTR, and the next opening would reset an Arduino.
    line.c_cflag &= ~(tcflag_t(CSTOPB | PARENB | HUPCL) | tcflag_t(CRTSCTS))
    line.c_iflag &= ~tcflag_t(IXON | IXOFF | IXANY | INPCK)
    setControlCharacter(&line, VMIN, 1)
    setControlCharacter(&line, VTIME, 0)
    guard cfsetispeed(&line, baud.termios) == 0, cfsetospeed(&line, baud.termios) == 0,
        tcsetattr(descriptor, TCSANOW, &line) == 0
    else {
        throw .system(operation: "set \(baud.rawValue) baud on", subject: path, errno: errno, hint: "")
    }
    var set = termios()
    let frame = tcflag_t(CSIZE | CSTOPB | PARENB) | tcflag_t(CRTSCTS)
    guard tcgetattr(descriptor, &set) == 0, cfgetospeed(&set) == baud.termios, set.c_cflag & frame == tcflag_t(CS8)
    else {
        throw .invalid(subject: "serial port \(path)", value: "other settings", expected: "\(baud.rawValue) baud, 8N1")
    }
    tcflush(descriptor, TCIOFLUSH)
}

/// With VMIN 1 an empty line is `EAGAIN` and 0 is a hang-up; with VMIN 0 the two look the same.
private func setControlCharacter(_ line: inout termios, _ index: Int32, _ value: cc_t) {
    withUnsafeMutableBytes(of: &line.c_cc) { $0[Int(index)] = value }
}
