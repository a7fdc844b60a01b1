/// Cuts frames out of one line's bytes: `AA AA`, length, id, control, parameters, and a sum that makes all of them behind the
/// length add to zero. What is no frame is skipped. Source: pydobot, `message.py`.
struct DobotParser: Sendable {
    struct Request: Sendable {
        let id: UInt8
        /// Bit 0: a write; bit 1: into the queue.
        let control: UInt8
        let parameters: [UInt8]
    }

    private static let mark: [UInt8] = [0xaa, 0xaa]
    private var buffer: [UInt8] = []

    /// The length is one byte, so what waits here is bounded.
    mutating func receive(_ bytes: [UInt8]) -> [Request] {
        buffer += bytes
        var requests: [Request] = []
        var start = 0
        while buffer.count - start >= 3 {
            guard Array(buffer[start..<start + 2]) == Self.mark, buffer[start + 2] >= 2 else {
                start += 1
                continue
            }
            let end = start + 4 + Int(buffer[start + 2])
            guard buffer.count >= end else { break }
            let body = buffer[start + 3..<end - 1]
            guard body.reduce(buffer[end - 1], &+) == 0 else {
                start += 1
                continue
            }
            requests.append(
                Request(
                    id: body[body.startIndex], control: body[body.startIndex + 1], parameters: Array(body.dropFirst(2)))
            )
            start = end
        }
        buffer.removeFirst(start)
        return requests
    }

    static func frame(id: UInt8, control: UInt8, _ parameters: [UInt8]) -> [UInt8] {
        let body = [id, control] + parameters
        return mark + [UInt8(truncatingIfNeeded: body.count)] + body + [0 &- body.reduce(0, &+)]
    }
}
