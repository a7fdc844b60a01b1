import Wire

/// `version | sequence | type | payload | crc`, and its way onto the line: COBS and a 0. PROTOCOL.md, section 2.
public struct BoardFrame: Hashable, Sendable {
    public static let delimiter: UInt8 = 0
    /// Version, sequence, type and CRC.
    public static let overhead = 5
    /// What makes a request's type that of its answer.
    public static let answerBit: UInt8 = 0x80

    public let version: UInt8
    public let sequence: UInt8
    public let type: UInt8
    public let payload: [UInt8]

    /// - Precondition: the payload has at most 64 bytes.
    public init(version: UInt8 = BoardDictionary.version, sequence: UInt8, type: UInt8, payload: [UInt8]) {
        precondition(payload.count <= BoardDictionary.payloadMax, "a payload of \(payload.count) bytes")
        self.version = version
        self.sequence = sequence
        self.type = type
        self.payload = payload
    }

    public init<Message: BoardMessage>(sequence: UInt8, _ message: Message) {
        self.init(sequence: sequence, type: Message.type, payload: message.payload)
    }

    /// A board's answer; its fields follow only where the status is ok.
    public init<Request: BoardRequest>(
        sequence: UInt8, answerTo request: Request.Type, status: BoardStatus, fields: Request.Answer?
    ) {
        self.init(
            sequence: sequence, type: Request.type | Self.answerBit,
            payload: [status.code] + (status == .ok ? fields?.payload ?? [] : []))
    }

    public var body: [UInt8] {
        var bytes = [version, sequence, type] + payload
        bytes.append(bigEndian: CRC16(bytes).value)
        return bytes
    }

    /// For the line, with its delimiter.
    public var bytes: [UInt8] { COBS.encode(body) + [Self.delimiter] }

    /// - Parameter encoded: without the delimiter.
    public init(encoded: some Collection<UInt8>) throws(BoardFrameError) {
        guard encoded.count < BoardDictionary.encodedMax else { throw .tooLong }
        guard let body = COBS.decode(encoded) else { throw .notCOBS }
        guard body.count >= Self.overhead else { throw .tooShort(body.count) }
        guard body.count <= BoardDictionary.bodyMax else { throw .tooLong }
        let told = UInt16(body[body.count - 2]) << 8 | UInt16(body[body.count - 1])
        let counted = CRC16(body.dropLast(2)).value
        guard told == counted else { throw .wrongCRC(told: told, counted: counted) }
        self.init(version: body[0], sequence: body[1], type: body[2], payload: Array(body[3..<body.count - 2]))
    }
}

/// Why bytes between two zeros were no frame.
public enum BoardFrameError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong
    case notCOBS
    /// Bytes of the body.
    case tooShort(Int)
    case wrongCRC(told: UInt16, counted: UInt16)

    public var description: String {
        switch self {
        case .tooLong: "longer than a frame can be"
        case .notCOBS: "not COBS"
        case .tooShort(let count): "a body of \(count) bytes, at least \(BoardFrame.overhead)"
        case .wrongCRC(let told, let counted):
            "the CRC is \(String(told, radix: 16)), counted \(String(counted, radix: 16))"
        }
    }
}

/// Bytes in, frames out. Holds at most one frame; what is none is counted, and the next 0 begins anew.
public struct BoardFrameReader: Sendable {
    public enum Item: Hashable, Sendable {
        /// Of any version.
        case frame(BoardFrame)
        case dropped(BoardFrameError)
    }

    /// What stood between zeros and was no frame.
    public private(set) var dropped = 0
    private var encoded: [UInt8] = []
    private var isTooLong = false

    public init() {}

    /// Whether the last byte ended a frame, or nothing has come yet.
    public var isBetweenFrames: Bool { encoded.isEmpty && !isTooLong }

    /// Nil while a frame goes on, and for a lone 0.
    public mutating func append(_ byte: UInt8) -> Item? {
        guard byte == BoardFrame.delimiter else {
            if encoded.count < BoardDictionary.encodedMax - 1 { encoded.append(byte) } else { isTooLong = true }
            return nil
        }
        defer {
            encoded.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        guard !encoded.isEmpty else { return nil }
        do throws(BoardFrameError) {
            if isTooLong { throw .tooLong }
            return .frame(try BoardFrame(encoded: encoded))
        } catch {
            dropped += 1
            return .dropped(error)
        }
    }

    /// Only the frames; the rest is counted.
    public mutating func frames(in bytes: some Sequence<UInt8>) -> [BoardFrame] {
        bytes.compactMap { byte in
            if case .frame(let frame) = append(byte) { frame } else { nil }
        }
    }

    /// Forgets what has come of a frame: another line begins.
    public mutating func reset() {
        encoded.removeAll(keepingCapacity: true)
        isTooLong = false
    }
}
