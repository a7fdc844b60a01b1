/// What a board made of a request.
public enum BoardReply<Answer: BoardFields>: Hashable, Sendable {
    case answered(Answer)
    case refused(BoardStatus)
    /// The frame is whole, and still it is no answer to this: its length is wrong.
    case malformed(payload: [UInt8])
}

extension BoardRequest {
    public static var answerType: UInt8 { type | BoardFrame.answerBit }

    /// - Returns: nil where the frame is not an answer to this kind of request. The caller compares the sequence.
    public static func reply(in frame: BoardFrame) -> BoardReply<Answer>? {
        guard frame.type == answerType else { return nil }
        guard let code = frame.payload.first else { return .malformed(payload: frame.payload) }
        let status = BoardStatus(code: code)
        // A board of another version says so in its own; no more of its payload is known.
        guard frame.version == BoardDictionary.version else { return .refused(.badVersion) }
        guard status == .ok else {
            return frame.payload.count == 1 ? .refused(status) : .malformed(payload: frame.payload)
        }
        guard let answer = Answer(payload: frame.payload.dropFirst()) else {
            return .malformed(payload: frame.payload)
        }
        return .answered(answer)
    }

    /// The same for a request at hand.
    public func reply(in frame: BoardFrame) -> BoardReply<Answer>? { Self.reply(in: frame) }
}

extension BoardEvent {
    /// Nil where the frame is no event, or one that this dictionary does not have.
    public init?(_ frame: BoardFrame) {
        guard frame.version == BoardDictionary.version else { return nil }
        self.init(type: frame.type, payload: frame.payload[...])
    }
}

extension BoardFrame {
    /// Types of requests, answers and events do not overlap.
    public var isEvent: Bool { type >= 0xc0 }
    public var isAnswer: Bool { (0x81...0xbf).contains(type) }
    public var isRequest: Bool { (0x01...0x3f).contains(type) }
}

/// What may be done at a board time: section 8 of PROTOCOL.md.
public protocol SchedulableRequest: BoardRequest {}

extension SetOutputRequest: SchedulableRequest {}
extension MoveRequest: SchedulableRequest {}
extension HomeRequest: SchedulableRequest {}
extension PumpRequest: SchedulableRequest {}
extension ChannelStopRequest: SchedulableRequest {}

extension ScheduleRequest {
    /// - Parameter at: board time in us.
    public init<Request: SchedulableRequest>(at: UInt32, _ request: Request) {
        self.init(at: at, type: Request.type, body: request.payload)
    }
}

/// What stands between `configure_begin` and `configure_commit`.
public protocol ConfigureRequest: BoardRequest {
    var channel: UInt8 { get }
}

extension ConfigureOutputRequest: ConfigureRequest {}
extension ConfigureInputRequest: ConfigureRequest {}
extension ConfigureAnalogRequest: ConfigureRequest {}
extension ConfigureAxisRequest: ConfigureRequest {}
extension ConfigureHeaterRequest: ConfigureRequest {}

/// Counts what was configured as the board does: section 6 of PROTOCOL.md.
public struct ConfigurationSum: Hashable, Sendable {
    private var crc = CRC16()
    private var count: UInt8 = 0

    public init() {}

    public mutating func add<Request: ConfigureRequest>(_ request: Request) {
        add(type: Request.type, payload: request.payload)
    }

    public mutating func add(type: UInt8, payload: [UInt8]) {
        crc.add(type)
        crc.add(payload)
        count &+= 1
    }

    public var commit: ConfigureCommitRequest { ConfigureCommitRequest(count: count, crc: crc.value) }

    /// What the board then tells in `hello` and `heartbeat`; there 0 means that nothing is committed.
    public var told: UInt16 { max(crc.value, 1) }
}

extension HelloRequest.Answer {
    /// Of the board itself, as hexadecimal digits.
    public var serialText: String {
        serial.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension DescribeRequest.Answer {
    /// Of its pin; what is not printable ASCII is `?`.
    public var labelText: String {
        let letters = label.prefix { $0 != 0 }.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: letters, as: UTF8.self)
    }
}
