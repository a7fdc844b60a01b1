import ControlAPI

/// Cuts a byte stream into lines. A line over the limit is dropped to its LF and reported once.
struct LineBuffer {
    enum Line {
        case complete([UInt8])
        case tooLong

        var count: Int { if case .complete(let bytes) = self { bytes.count } else { 0 } }

        /// Whether the safe state may be asked for in it.
        var isUrgent: Bool { if case .complete(let bytes) = self { mentionsSafeState(bytes) } else { false } }
    }

    private var bytes: [UInt8] = []
    private var isDropping = false

    /// Nothing has begun that has not ended.
    var isEmpty: Bool { bytes.isEmpty && !isDropping }

    /// The lines that `input` completes, without their LF.
    mutating func append(_ input: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = input[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if bytes.isEmpty, !isDropping, end - rest.startIndex < APILimits.lineBytes {
                lines.append(.complete(Array(rest[..<end])))
            } else {
                take(rest[..<end], lines: &lines)
                if !isDropping { lines.append(.complete(bytes)) }
                bytes.removeAll(keepingCapacity: bytes.capacity <= 65_536)
            }
            isDropping = false
            rest = rest[(end + 1)...]
        }
        take(rest, lines: &lines)
        return lines
    }

    private mutating func take(_ part: ArraySlice<UInt8>, lines: inout [Line]) {
        guard !isDropping else { return }
        if bytes.count + part.count < APILimits.lineBytes {
            bytes += part
        } else {
            bytes = []
            isDropping = true
            lines.append(.tooLong)
        }
    }

    /// What came after the last LF; the peer will send no more.
    mutating func finish() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

/// Whether `safe_state.trigger` stands anywhere in the line. There may be megabytes of lines, so it looks for the only
/// point of the word first.
private func mentionsSafeState(_ line: [UInt8]) -> Bool {
    let word = Array("safe_state.trigger".utf8)
    let point = 10
    return line.withUnsafeBufferPointer { bytes in
        guard bytes.count >= word.count else { return false }
        for index in point...(bytes.count - word.count + point) where bytes[index] == word[point] {
            if (0..<word.count).allSatisfy({ bytes[index - point + $0] == word[$0] }) { return true }
        }
        return false
    }
}
