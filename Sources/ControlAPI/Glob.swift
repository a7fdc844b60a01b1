/// A pattern of signal names: `*` stands for any run of characters, `?` for one.
public struct Glob: Hashable, Sendable {
    /// Bytes; matching takes at most pattern x name steps.
    public static let lengthLimit = 128

    public let pattern: String
    private let bytes: [UInt8]

    public init(_ pattern: String) {
        self.pattern = pattern
        self.bytes = Array(pattern.utf8)
    }

    /// Whether the pattern is one name and stands for nothing else.
    public static func isLiteral(_ pattern: String) -> Bool {
        !pattern.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }

    public func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (p, n, star, resume) = (0, 0, -1, 0)
        while n < name.count {
            if p < bytes.count, bytes[p] == UInt8(ascii: "*") {
                (star, resume) = (p, n)
                p += 1
            } else if p < bytes.count, bytes[p] == UInt8(ascii: "?") || bytes[p] == name[n] {
                p += 1
                n += 1
            } else if star >= 0 {
                resume += 1
                (p, n) = (star + 1, resume)
            } else {
                return false
            }
        }
        return bytes[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
