import Glibc
import Quantities

/// A serial port, or a pseudo-terminal in its place: raw bytes, no flow control, non-blocking, owned exclusively.
///
/// Opening drops what the line had queued, and sends nothing.
public struct SerialPort: ~Copyable, Sendable {
    public let path: String
    public let identity: LinkIdentity
    private let file: FileDescriptorOwner

    /// - Parameters:
    ///   - path: a device node or a link to one, `/dev/flowlab/pump-cui`.
    ///   - format: as set on the device. A pseudo-terminal has no parity bits, and is taken without them.
    public init(path: String, format: SerialFormat) throws(PlatformError) {
        let raw = retryingInterrupts { open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
        guard raw >= 0 else { throw Self.openError(path, errno) }
        let file = FileDescriptorOwner(owning: raw)
        guard isatty(raw) == 1 else {
            throw .invalid(subject: "serial port \(path)", value: "no terminal", expected: "a tty or pseudo-terminal")
        }
        try PortLock.take(raw, subject: "serial port \(path)", hint: Self.inUseHint)
        let identity = try LinkIdentity(path: path, descriptor: raw)
        // The lock is advisory; this keeps out programs that do not lock (root excepted). It lasts until the last of those
        // who have the port open has closed it. Of a pseudo-terminal that is the program at its other end: there it
        // would outlive this process, and keep out the next one.
        guard identity.isPseudoTerminal || ioctl(raw, UInt(TIOCEXCL)) == 0 else {
            throw .system(operation: "claim", subject: path, errno: errno, hint: "")
        }
        try configure(raw, path: path, identity.isPseudoTerminal ? SerialFormat(baud: format.baud) : format)
        self.path = path
        self.identity = identity
        self.file = file
    }

    /// 8N1 at that speed.
    public init(path: String, baud: BaudRate) throws(PlatformError) {
        try self.init(path: path, format: SerialFormat(baud: baud))
    }

    /// On a bench whose clock is scaled, a real port is refused: real hardware runs in real time.
    public func requireFit(forClockRate rate: Double) throws(PlatformError) {
        guard rate == 1 || identity.isPseudoTerminal else {
            throw .invalid(
                subject: "clock_rate", value: "\(rate)",
                expected: "1, because \(path) is a real port and no pseudo-terminal")
        }
    }

    /// For the loop's poll set.
    public var rawDescriptor: Int32 { file.raw }

    /// Blocks until bytes have come or the line has hung up; false when neither does in time. For threads that have
    /// nothing else to do.
    public func waitForBytes(timeout: WireDuration) -> Bool {
        waitUntilReady(file.raw, for: Int16(POLLIN), timeout: timeout)
    }

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

    private static let inUseHint = "one port has one owner: stop that program, or take the port out of one bench file"

    private static func openError(_ path: String, _ code: Int32) -> PlatformError {
        // The owner keeps out all but root at the door; its lock says who it is.
        if code == EBUSY, let holder = PortLock.holder(ofFile: path) {
            return .inUse(subject: "serial port \(path)", holder: holder, hint: inUseHint)
        }
        let hint =
            switch code {
            case ENOENT: "is the device plugged in, and is this the right port?"
            case EACCES: "is the daemon's user in the port's group (flowlab, dialout)? see docs/udev.md"
            case EBUSY: "another program owns it: `fuser -v \(path)`"
            case ENXIO, ENODEV, EIO: "the node exists without a device; plug it in again"
            default: ""
            }
        return .system(operation: "open serial port", subject: path, errno: code, hint: hint)
    }
}

/// Raw, without flow control; checked by reading it back, since `tcsetattr` succeeds when any one change took.
private func configure(_ descriptor: Int32, path: String, _ format: SerialFormat) throws(PlatformError) {
    let frame = tcflag_t(CSIZE | CSTOPB | PARENB | PARODD) | tcflag_t(CRTSCTS)
    let speed = format.baud.termios
    var line = termios()
    guard tcgetattr(descriptor, &line) == 0 else {
        throw .system(operation: "read the settings of", subject: path, errno: errno, hint: "")
    }
    cfmakeraw(&line)
    // HUPCL off: a closing port would drop DTR, and the next opening would reset an Arduino.
    line.c_cflag &= ~(frame | tcflag_t(HUPCL))
    line.c_cflag |= format.controlFlags | tcflag_t(CLOCAL | CREAD)
    line.c_iflag &= ~tcflag_t(IXON | IXOFF | IXANY | INPCK)
    // A character with a wrong parity arrives as zero, which no check sum forgives.
    if format.parity != .none { line.c_iflag |= tcflag_t(INPCK) }
    setControlCharacter(&line, VMIN, 1)
    setControlCharacter(&line, VTIME, 0)
    guard cfsetispeed(&line, speed) == 0, cfsetospeed(&line, speed) == 0, tcsetattr(descriptor, TCSANOW, &line) == 0
    else {
        throw .system(operation: "set \(format) on", subject: path, errno: errno, hint: "")
    }
    var set = termios()
    guard tcgetattr(descriptor, &set) == 0, cfgetospeed(&set) == speed, set.c_cflag & frame == format.controlFlags
    else {
        throw .invalid(subject: "serial port \(path)", value: "other settings", expected: "\(format)")
    }
    tcflush(descriptor, TCIOFLUSH)
}

/// With VMIN 1 an empty line is `EAGAIN` and 0 is a hang-up; with VMIN 0 the two look the same.
private func setControlCharacter(_ line: inout termios, _ index: Int32, _ value: cc_t) {
    withUnsafeMutableBytes(of: &line.c_cc) { $0[Int(index)] = value }
}
