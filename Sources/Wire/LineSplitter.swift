/// Cuts a byte stream into lines at CR, LF or CR LF, with a bound: a line that never ends is cut off, not kept.
public struct LineSplitter: Sendable {
    /// Bytes of a line beyond this are dropped.
    public let maximumLineBytes: Int
    private var line: [UInt8] = []

    public init(maximumLineBytes: Int) {
        self.maximumLineBytes = maximumLineBytes
    }

    /// What has arrived of a line that has not ended.
    public var partial: String { text(line) }

    public var isAtLineStart: Bool { line.isEmpty }

    /// The line that this byte ends; nil while it goes on, and for the empty line between CR and LF.
    public mutating func append(_ byte: UInt8) -> String? {
        guard byte == 0x0d || byte == 0x0a else {
            if line.count < maximumLineBytes { line.append(byte) }
            return nil
        }
        guard !line.isEmpty else { return nil }
        defer { line.removeAll(keepingCapacity: true) }
        return text(line)
    }

    public mutating func reset() { line.removeAll(keepingCapacity: true) }

    /// Printable ASCII; anything else becomes `?`, so that garbage can be shown and compared but never means something.
    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { (0x20...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }
}
