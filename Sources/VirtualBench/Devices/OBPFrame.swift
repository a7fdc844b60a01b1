import Wire

/// Ocean Binary Protocol, version 1: the frame. Little-endian; 44 bytes of header, payload, 16 of checksum, 4 of footer.
enum OBP {
    static let start: [UInt8] = [0xc1, 0xc0]
    static let footer: [UInt8] = [0xc5, 0xc4, 0xc3, 0xc2]
    static let headerLength = 44
    static let trailerLength = 20
    static let shortestFrame = 64
    static let longestPayload = 4096
    static let version: UInt16 = 0x1100
    static let md5Checksum: UInt8 = 1

    enum Flag {
        static let response: UInt16 = 0x01
        static let acknowledge: UInt16 = 0x02
        static let acknowledgeRequested: UInt16 = 0x04
        static let refuse: UInt16 = 0x08
    }

    enum Failure: UInt16, Sendable, Error {
        case badProtocol = 1
        case unknownMessage = 2
        case badChecksum = 3
        case tooLarge = 4
        case lengthMismatch = 5
        case invalidPayload = 6
        case notReady = 7
        case unknownChecksumType = 8
        case noSuchValue = 12
    }
}

/// What came in one frame, and what the answer must carry back.
struct OBPRequest: Sendable, Equatable {
    var flags: UInt16
    var message: UInt32
    /// Echoed in the answer.
    var regarding: UInt32
    var checksumType: UInt8
    var data: [UInt8]
    /// Set when the frame arrived but is not acceptable.
    var failure: OBP.Failure?

    var wantsAcknowledgement: Bool { flags & OBP.Flag.acknowledgeRequested != 0 }

    /// The argument as one little-endian number of that many bytes.
    func number(_ bytes: Int) -> UInt64? {
        guard data.count == bytes else { return nil }
        return data.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The bytes of an answer. Up to 16 bytes of data stand in the header, more in a payload.
func obpFrame(flags: UInt16, failure: OBP.Failure?, answering request: OBPRequest, data: [UInt8], md5Checked: Bool)
    -> [UInt8]
{
    let isImmediate = data.count <= 16
    let payload = isImmediate ? [] : data
    var frame = OBP.start
    frame.reserveCapacity(OBP.shortestFrame + payload.count)
    frame += littleEndian(UInt64(OBP.version), 2) + littleEndian(UInt64(flags), 2)
    frame += littleEndian(UInt64(failure?.rawValue ?? 0), 2) + littleEndian(UInt64(request.message), 4)
    frame += littleEndian(UInt64(request.regarding), 4) + [0, 0, 0, 0, 0, 0]
    frame += [md5Checked ? OBP.md5Checksum : 0, isImmediate ? UInt8(data.count) : 0]
    frame += isImmediate ? data + [UInt8](repeating: 0, count: 16 - data.count) : [UInt8](repeating: 0, count: 16)
    frame += littleEndian(UInt64(payload.count + OBP.trailerLength), 4)
    frame += payload
    frame += md5Checked ? md5(frame) : [UInt8](repeating: 0, count: 16)
    return frame + OBP.footer
}

func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}
