import CSystemd
import Glibc
import Quantities

/// How bad it is; the numbers are syslog's priorities.
public enum LogLevel: Int, Comparable, Sendable, CaseIterable {
    case critical = 2
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7

    /// As it stands in a line of text.
    public var word: String { "\(self)" }

    /// The graver level is the greater.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue > b.rawValue }
}

/// Where log entries go: to the journal with fields when standard error leads there, else to standard error as lines.
///
/// Only executables log. A write may block when its reader does: the control loop posts to a mailbox that another thread
/// logs from.
public struct Log: Sendable {
    /// Entries below it are dropped.
    public let threshold: LogLevel
    /// The program, `flowlabd`, as `SYSLOG_IDENTIFIER`.
    public let program: String
    private let common: [(name: String, value: String)]
    private let toJournal: Bool

    /// - Parameter common: journal fields of every entry, `FLOWLAB_BENCH`.
    public init(program: String, threshold: LogLevel = .info, common: [(name: String, value: String)] = []) {
        self.program = program
        self.threshold = threshold
        self.common = common
        toJournal = standardErrorIsTheJournal()
    }

    /// Logs one entry. `fields` become journal fields (upper-case names, `FLOWLAB_DEVICE`); a line of text is without
    /// them, since the message says the same to a person.
    public func write(_ level: LogLevel, _ component: String, _ message: String, fields: [(String, String)] = []) {
        guard level >= threshold else { return }
        if toJournal {
            sendToJournal(level, component, message, fields)
        } else {
            let line = Self.line(wallNow(), level, component, message) + "\n"
            writeToStandardError(Array(line.utf8))
        }
    }

    /// `2026-11-20T23:18:10.042Z warning pump.cui: message`, without LF. Line breaks inside are escaped, so that no text
    /// from a device can pass for an entry.
    public static func line(
        _ time: WallInstant, _ level: LogLevel, _ component: String, _ message: String
    ) -> String {
        "\(time.rfc3339) \(level.word) \(escaped(component)): \(escaped(message))"
    }

    private func sendToJournal(
        _ level: LogLevel, _ component: String, _ message: String, _ fields: [(String, String)]
    ) {
        let own = [
            ("MESSAGE", message), ("PRIORITY", String(level.rawValue)), ("SYSLOG_IDENTIFIER", program),
            ("FLOWLAB_COMPONENT", component),
        ]
        let entries = (own + common.map { ($0.name, $0.value) } + fields).map { Array("\($0.0)=\($0.1)".utf8) }
        // One block holds all fields, since the vectors must stay put until the call returns.
        var block = entries.flatMap(\.self)
        block.withUnsafeMutableBytes { bytes in
            var offset = 0
            let vectors = entries.map { entry in
                defer { offset += entry.count }
                return iovec(iov_base: bytes.baseAddress.map { $0 + offset }, iov_len: entry.count)
            }
            _ = sd_journal_sendv(vectors, Int32(vectors.count))
        }
    }
}

private func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
}

/// `JOURNAL_STREAM` names the device and inode of the stream that leads to the journal (systemd.exec(5)); a redirected
/// standard error has others.
private func standardErrorIsTheJournal() -> Bool {
    guard let stream = getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
}

private func writeToStandardError(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
        let count = bytes.withUnsafeBytes { bytes in
            retryingInterrupts { write(STDERR_FILENO, bytes.baseAddress.map { $0 + sent }, bytes.count - sent) }
        }
        // A broken standard error leaves nobody to tell.
        guard count > 0 else { return }
        sent += count
    }
}
