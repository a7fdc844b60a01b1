import Glibc
import Synchronization

/// Text for people. What comes from a daemon or a file is never printed with control characters in it: they could
/// rewrite what the technician reads.
public enum Terminal {
    /// `text` on one line, with control characters shown as `\u{1B}`.
    public static func clean(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let hidden = scalar.properties.generalCategory
            if hidden == .control || hidden == .format || hidden == .lineSeparator || hidden == .paragraphSeparator {
                out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// To the standard output, as it is.
    public static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// To the standard output, with a line's end.
    public static func line(_ text: String = "") { write(text + "\n") }

    /// To the standard error.
    public static func note(_ text: String) { write(text, to: STDERR_FILENO) }

    public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    public static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
    public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether the locale says that more than ASCII can be shown.
    public static var isUnicode: Bool {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let value = getenv(name), value.pointee != 0 else { continue }
            let locale = String(cString: value).lowercased()
            return locale.contains("utf-8") || locale.contains("utf8")
        }
        return false
    }

    /// A line that a person types; nil at the end of the input.
    public static func readLine() -> String? { Swift.readLine(strippingNewline: true) }

    private static let failure = Atomic<Int32>(0)

    /// Why not all of the standard output was written; nil when it was.
    public static var outputTrouble: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if descriptor == STDOUT_FILENO { failure.store(errno, ordering: .relaxed) }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Columns that stand under each other.
public enum TextTable {
    /// Numbers are aligned to the right, all else to the left.
    public static func text(_ rows: [[String]], header: [String]? = nil) -> String {
        let clean = rows.map { $0.map(Terminal.clean) }
        let all = (header.map { [$0] } ?? []) + clean
        let columns = all.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        let right = (0..<columns).map { column in
            let cells = clean.compactMap { column < $0.count && !$0[column].isEmpty ? $0[column] : nil }
            return !cells.isEmpty && cells.allSatisfy { Double($0) != nil || $0 == "-" }
        }
        return all.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return right[column] ? space + cell : cell + space
            }
            return trimmed(cells.joined(separator: "  ")) + "\n"
        }.joined()
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// Numbers and times as people read them.
public enum Show {
    /// With `decimals` digits after the point; `-` for what is not known.
    public static func number(_ value: Double?, _ decimals: Int = 2) -> String {
        guard let value, value.isFinite, value.magnitude < 1e12 else { return "-" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let whole = Int64((value.magnitude * scale).rounded())
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// With about five digits that mean something: `0.41235`, `35001`.
    public static func measured(_ value: Double, like other: Double? = nil) -> String {
        let size = (other ?? value).magnitude
        return number(value, size >= 1000 ? 0 : size >= 100 ? 2 : size >= 10 ? 3 : size >= 1 ? 4 : 5)
    }

    /// `45 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`.
    public static func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, seconds.magnitude < 1e9 else { return "-" }
        let whole = Int(max(0, seconds).rounded())
        if seconds < 10 { return "\(number(max(0, seconds), 1)) s" }
        if whole < 120 { return "\(whole) s" }
        if whole < 7200 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 172_800 { return "\(whole / 3600) h \(whole / 60 % 60) min" }
        return "\(whole / 86_400) d \(whole / 3600 % 24) h"
    }

    /// A part of one as a bar of `width` characters.
    public static func bar(_ part: Double, width: Int = 24) -> String {
        let filled = part.isFinite ? Int((min(1, max(0, part)) * Double(width)).rounded()) : 0
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
    }
}

/// One line on the standard error that is rewritten as things go on; on anything but a terminal, a line now and then.
public struct ProgressLine {
    private let rewrites = Terminal.errorIsTerminal
    private var shown = ""

    public init() {}

    /// - Parameter phase: where this is not a terminal, a line is printed only when the phase changes.
    public mutating func show(_ text: String, phase: String) {
        if rewrites {
            Terminal.note("\r\u{1B}[2K" + Terminal.clean(text))
            shown = text
        } else if shown != phase {
            Terminal.note(Terminal.clean(text) + "\n")
            shown = phase
        }
    }

    public mutating func finish() {
        if rewrites, !shown.isEmpty { Terminal.note("\r\u{1B}[2K") }
        shown = ""
    }
}
