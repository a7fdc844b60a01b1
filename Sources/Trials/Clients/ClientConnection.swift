import Experiments

/// The client's end of one connection, with the kernel's buffer between.
final class ClientConnection {
    /// What a socket takes while nobody reads at the other end.
    static let kernelBytes = 208 << 10

    enum Words {
        case bytes([UInt8])
        case halfClose
        case hangUp
    }

    let number: UInt64
    /// What is written and not heard yet.
    var words: ArraySlice<Words> = []
    var isReading = true
    /// Bytes that came and were not read; the kernel has room for some of them.
    private var arrived: [UInt8] = []
    private var taken = 0
    /// The begin of a line.
    private var partial: [UInt8] = []

    init(_ number: UInt64) { self.number = number }

    /// - Returns: how many bytes the kernel took now, and the lines that were read.
    func receive(_ bytes: [UInt8]) -> (taken: Int, lines: [[UInt8]]) {
        guard isReading else { return hold(bytes) }
        return (bytes.count, split(bytes))
    }

    private func hold(_ bytes: [UInt8]) -> (taken: Int, lines: [[UInt8]]) {
        arrived += bytes
        let fits = min(arrived.count, Self.kernelBytes)
        defer { taken = max(taken, fits) }
        return (max(0, fits - taken), [])
    }

    /// Reads on.
    func resume() -> (taken: Int, lines: [[UInt8]]) {
        isReading = true
        defer {
            arrived = []
            taken = 0
        }
        return (arrived.count - taken, split(arrived))
    }

    private func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            lines.append(partial + rest[..<end])
            partial = []
            rest = rest[(end + 1)...]
        }
        partial += rest
        return lines
    }
}
