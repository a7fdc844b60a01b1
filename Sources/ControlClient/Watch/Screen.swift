import Glibc
import Platform
import Synchronization

/// The terminal as a screen: plain ANSI, restored whatever ends the program but SIGKILL.
public struct Screen: ~Copyable {
    /// What a person or the system wants of the program.
    public enum Request: Sendable {
        case redraw, leave
    }

    private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    private static let exit = "\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
    private static let caught = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT]

    private let modeBefore: termios
    private let wake: WakeEvent
    private let hasColours: Bool
    private var shown: [WatchFrame.Line] = []
    private var size = (width: 0, height: 0)

    /// nil when the standard input or output is no terminal.
    public init?() {
        var mode = termios()
        guard Terminal.outputIsTerminal, tcgetattr(STDIN_FILENO, &mode) == 0, let wake = signalWake else { return nil }
        modeBefore = mode
        self.wake = wake
        hasColours = getenv("NO_COLOR") == nil
        for number in Self.caught {
            signal(number) {
                raised.bitwiseOr(1 << UInt64($0), ordering: .relaxed)
                signalWake?.signal()
            }
        }
        begin()
    }

    deinit {
        Self.end(modeBefore)
        for number in Self.caught { signal(number, SIG_DFL) }
    }

    private func begin() {
        var mode = modeBefore
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &mode.c_cc) { bytes in
            bytes[Int(VMIN)] = 0
            bytes[Int(VTIME)] = 0
        }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
        Terminal.write(Self.enter)
    }

    private static func end(_ modeBefore: termios) {
        Terminal.write(Self.exit)
        var mode = modeBefore
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
    }

    // MARK: Waiting

    /// Waits until the daemon has something to say on `descriptor` (-1: there is none), a key or a signal comes, or
    /// `milliseconds` pass.
    public mutating func wait(for descriptor: Int32, milliseconds: Int) -> Request? {
        var entries = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.rawDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&entries, 3, Int32(clamping: milliseconds))
        wake.clear()
        let signals = raised.exchange(0, ordering: .relaxed)
        if entries[0].revents != 0, keyLeaves() { return .leave }
        return signals == 0 ? nil : obey(signals)
    }

    private mutating func obey(_ signals: UInt64) -> Request {
        func has(_ number: Int32) -> Bool { signals & 1 << UInt64(number) != 0 }
        if [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(where: has) { return .leave }
        if has(SIGTSTP) { suspend() }
        shown = []
        return .redraw
    }

    /// Gives the terminal back while the program is stopped.
    private func suspend() {
        Self.end(modeBefore)
        raise(SIGSTOP)
        begin()
    }

    /// Also at the end of the input: nobody could ever leave.
    private func keyLeaves() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count <= 0 { return !(count < 0 && (errno == EAGAIN || errno == EINTR)) }
        return bytes.prefix(count).contains { $0 == UInt8(ascii: "q") || $0 == UInt8(ascii: "Q") }
    }

    // MARK: Drawing

    /// Columns and lines; a size that nobody told is that of the oldest terminals.
    public var extent: (width: Int, height: Int) {
        var window = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col > 0 && window.ws_row > 0
        return isKnown ? (Int(window.ws_col), Int(window.ws_row)) : (80, 24)
    }

    /// Writes the lines that changed.
    public mutating func show(_ lines: [WatchFrame.Line]) {
        let new = extent
        if new != size { shown = [] }
        size = new
        var out = shown.isEmpty ? "\u{1B}[2J" : ""
        for row in 0..<max(lines.count, shown.count) {
            let line = row < lines.count ? lines[row] : nil
            if !shown.isEmpty, line == (row < shown.count ? shown[row] : nil) { continue }
            out += "\u{1B}[\(row + 1);1H" + (line.map { styled($0) } ?? "") + "\u{1B}[K"
        }
        shown = lines
        if !out.isEmpty { Terminal.write(out) }
    }

    private func styled(_ line: WatchFrame.Line) -> String {
        guard let code = hasColours ? line.style.code : nil else { return line.text }
        return "\u{1B}[\(code)m\(line.text)\u{1B}[0m"
    }
}

/// Signals that came since the last look, as bits; and what ends the wait for them. A handler may do no more than this.
private let raised = Atomic<UInt64>(0)
private let signalWake = try? WakeEvent()

extension WatchFrame.Style {
    fileprivate var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .good: "1;32"
        case .warning: "1;33"
        case .alarm: "1;37;41"
        }
    }
}
