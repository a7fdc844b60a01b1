import Wire

/// Cuts requests out of one connection's bytes. Garbage before a start mark is skipped; a frame whose footer is not
/// where its length says is dropped and the search goes on behind its start mark.
struct OBPParser: Sendable {
    private var buffer: [UInt8] = []

    mutating func receive(_ bytes: [UInt8]) -> [OBPRequest] {
        buffer += bytes
        var requests: [OBPRequest] = []
        while let request = next() { requests.append(request) }
        return requests
    }

    private mutating func next() -> OBPRequest? {
        while true {
            skipToStart()
            guard buffer.count >= OBP.headerLength else { return nil }
            let remaining = Int(number(40, 4))
            guard remaining >= OBP.trailerLength, remaining <= OBP.longestPayload + OBP.trailerLength else {
                // The length is not to be believed: refuse, and look for the next start mark.
                let failure: OBP.Failure = remaining < OBP.trailerLength ? .lengthMismatch : .tooLarge
                let refused = request(data: [], failure: failure)
                buffer.removeFirst(OBP.start.count)
                return refused
            }
            let length = OBP.headerLength + remaining
            guard buffer.count >= length else { return nil }
            guard Array(buffer[length - 4..<length]) == OBP.footer else {
                buffer.removeFirst(OBP.start.count)
                continue
            }
            let parsed = parse(Array(buffer[0..<length]))
            buffer.removeFirst(length)
            return parsed
        }
    }

    private mutating func skipToStart() {
        var index = 0
        while index < buffer.count {
            let isStart =
                buffer[index] == OBP.start[0] && (index + 1 == buffer.count || buffer[index + 1] == OBP.start[1])
            if isStart { break }
            index += 1
        }
        buffer.removeFirst(index)
    }

    private func parse(_ frame: [UInt8]) -> OBPRequest {
        let immediateLength = Int(frame[23])
        let payload = Array(frame[OBP.headerLength..<frame.count - OBP.trailerLength])
        let immediate = immediateLength <= 16 ? Array(frame[24..<24 + immediateLength]) : []
        return request(
            data: payload.isEmpty ? immediate : payload,
            failure: failure(in: frame, immediateLength: immediateLength, payload: payload))
    }

    private func failure(in frame: [UInt8], immediateLength: Int, payload: [UInt8]) -> OBP.Failure? {
        let version = UInt16(number(2, 2))
        // Version 0 is what old clients send, and it is answered.
        guard version == OBP.version || version == 0 else { return .badProtocol }
        guard immediateLength <= 16, payload.isEmpty || immediateLength == 0 else { return .lengthMismatch }
        switch frame[22] {
        case 0: return nil
        case OBP.md5Checksum:
            let sum = Array(frame[frame.count - OBP.trailerLength..<frame.count - 4])
            return md5(frame[0..<frame.count - OBP.trailerLength]) == sum ? nil : .badChecksum
        default: return .unknownChecksumType
        }
    }

    private func request(data: [UInt8], failure: OBP.Failure?) -> OBPRequest {
        OBPRequest(
            flags: UInt16(number(4, 2)), message: UInt32(number(8, 4)), regarding: UInt32(number(12, 4)),
            checksumType: buffer[22], data: data, failure: failure)
    }

    private func number(_ index: Int, _ bytes: Int) -> UInt64 {
        (0..<bytes).reversed().reduce(0) { $0 << 8 | UInt64(buffer[index + $1]) }
    }
}
