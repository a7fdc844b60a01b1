import Wire

/// The Ocean Binary Protocol, version 1: constants of its frame.
/// Source: libseabreeze `OBPMessage.cpp` and pyseabreeze `protocol.py`.
enum OceanBinaryProtocol {
    static let start: [UInt8] = [0xc1, 0xc0]
    static let footer: [UInt8] = [0xc5, 0xc4, 0xc3, 0xc2]
    static let version: UInt16 = 0x1100
    static let headerBytes = 44
    /// MD5 or zeros, then the footer: what "bytes remaining" counts besides the payload.
    static let trailerBytes = 20
    static let checksumBytes = 16
    static let maximumImmediateBytes = 16
    /// Nothing that an HDX sends is longer: a spectrum has 4136 bytes.
    static let maximumPayloadBytes = 16_384
    static let md5Checksum: UInt8 = 1

    /// What an error number in a reply means. Source: libseabreeze.
    static func text(error: UInt16) -> String {
        switch error {
        case 0: "no error"
        case 1: "error 1 (bad protocol)"
        case 2: "error 2 (unknown message)"
        case 3: "error 3 (bad checksum)"
        case 4: "error 4 (too large)"
        case 5: "error 5 (length mismatch)"
        case 6: "error 6 (payload invalid)"
        case 7: "error 7 (not ready)"
        case 8: "error 8 (unknown checksum type)"
        case 9: "error 9 (unexpected reset)"
        case 10: "error 10 (too many buses)"
        case 11: "error 11 (out of memory)"
        case 12: "error 12 (value does not exist)"
        case 13: "error 13 (device error)"
        case 100: "error 100 (decryption)"
        case 101: "error 101 (firmware layout)"
        case 102: "error 102 (packet size)"
        case 103: "error 103 (hardware and firmware do not fit)"
        case 104: "error 104 (flash map)"
        case 255: "error 255 (deferred)"
        default: "error \(error)"
        }
    }
}

/// Header flags. Source: libseabreeze `OBPMessage.cpp`.
struct OceanFlags: OptionSet, Sendable {
    let rawValue: UInt16
    static let response = OceanFlags(rawValue: 0x01)
    static let acknowledged = OceanFlags(rawValue: 0x02)
    static let acknowledgementAsked = OceanFlags(rawValue: 0x04)
    static let refused = OceanFlags(rawValue: 0x08)
    static let hardwareException = OceanFlags(rawValue: 0x10)
}

/// One frame, either way.
struct OceanMessage: Hashable, Sendable {
    let type: UInt32
    let flags: UInt16
    let error: UInt16
    /// The host's own number, which comes back in the reply.
    let regarding: UInt32
    let data: [UInt8]

    init(type: UInt32, flags: OceanFlags, error: UInt16 = 0, regarding: UInt32, data: [UInt8]) {
        self.type = type
        self.flags = flags.rawValue
        self.error = error
        self.regarding = regarding
        self.data = data
    }

    func has(_ flag: OceanFlags) -> Bool { OceanFlags(rawValue: flags).contains(flag) }

    /// A request as both seabreeze back ends send it: without a checksum, data of up to 16 bytes in the header.
    func encoded() -> [UInt8] {
        let isImmediate = data.count <= OceanBinaryProtocol.maximumImmediateBytes
        var bytes = OceanBinaryProtocol.start
        bytes.append(littleEndian: OceanBinaryProtocol.version)
        bytes.append(littleEndian: flags)
        bytes.append(littleEndian: error)
        bytes.append(littleEndian: type)
        bytes.append(littleEndian: regarding)
        bytes += [UInt8](repeating: 0, count: 6)
        bytes += [0, isImmediate ? UInt8(data.count) : 0]
        let immediate = isImmediate ? data : []
        bytes += immediate + [UInt8](repeating: 0, count: OceanBinaryProtocol.maximumImmediateBytes - immediate.count)
        let payload = isImmediate ? [] : data
        bytes.append(littleEndian: UInt32(payload.count + OceanBinaryProtocol.trailerBytes))
        bytes += payload + [UInt8](repeating: 0, count: OceanBinaryProtocol.checksumBytes)
        return bytes + OceanBinaryProtocol.footer
    }
}

/// Finds frames in a byte stream. After anything that is no frame it looks for the next start.
struct OceanFrameDecoder: Sendable {
    enum Found: Hashable, Sendable {
        case message(OceanMessage)
        /// A whole frame whose MD5 is wrong: what it says is worth nothing.
        case badChecksum
        /// A frame of another protocol version.
        case wrongVersion(UInt16)
    }

    private var buffer: [UInt8] = []

    mutating func reset() { buffer.removeAll(keepingCapacity: true) }

    /// Never keeps more than one unfinished frame.
    mutating func append(_ bytes: [UInt8]) -> [Found] {
        buffer += bytes
        var found: [Found] = []
        var position = 0
        scan: while let start = nextStart(from: position) {
            position = start
            switch frame(at: start) {
            case .incomplete: break scan
            case .none: position += 1
            case .some(let what, let length):
                found.append(what)
                position += length
            }
        }
        let end = nextStart(from: position) ?? max(position, buffer.count)
        buffer.removeFirst(min(end, buffer.count))
        return found
    }

    private enum Candidate {
        case incomplete
        case none
        case some(Found, Int)
    }

    /// Where the next frame may begin; a lone first byte at the end may be one.
    private func nextStart(from position: Int) -> Int? {
        var index = position
        while index < buffer.count {
            let isStart = buffer[index] == OceanBinaryProtocol.start[0]
            if isStart, index + 1 == buffer.count || buffer[index + 1] == OceanBinaryProtocol.start[1] { return index }
            index += 1
        }
        return nil
    }

    private func frame(at start: Int) -> Candidate {
        typealias Frame = OceanBinaryProtocol
        guard buffer.count - start >= Frame.headerBytes else { return .incomplete }
        var reader = ByteReader(buffer[(start + 2)..<(start + Frame.headerBytes)])
        guard let version = reader.littleEndian(UInt16.self), let flags = reader.littleEndian(UInt16.self),
            let error = reader.littleEndian(UInt16.self), let type = reader.littleEndian(UInt32.self),
            let regarding = reader.littleEndian(UInt32.self), reader.skip(6), let checksum = reader.take(1)?.first,
            let immediateCount = reader.take(1)?.first, let immediate = reader.take(Frame.maximumImmediateBytes),
            let remaining = reader.littleEndian(UInt32.self),
            immediateCount <= Frame.maximumImmediateBytes, remaining >= Frame.trailerBytes,
            remaining <= Frame.maximumPayloadBytes + Frame.trailerBytes
        else { return .none }
        let length = Frame.headerBytes + Int(remaining)
        guard buffer.count - start >= length else { return .incomplete }
        guard buffer[(start + length - Frame.footer.count)..<(start + length)].elementsEqual(Frame.footer) else {
            return .none
        }
        guard version == Frame.version else { return .some(.wrongVersion(version), length) }
        let checked = buffer[start..<(start + length - Frame.trailerBytes)]
        let sum = buffer[(start + length - Frame.trailerBytes)..<(start + length - Frame.footer.count)]
        if checksum == Frame.md5Checksum, !sum.elementsEqual(md5(checked)) { return .some(.badChecksum, length) }
        let payload = checked.dropFirst(Frame.headerBytes)
        let data = payload.isEmpty ? Array(immediate.prefix(Int(immediateCount))) : Array(payload)
        let message = OceanMessage(
            type: type, flags: OceanFlags(rawValue: flags), error: error, regarding: regarding, data: data)
        return .some(.message(message), length)
    }
}
