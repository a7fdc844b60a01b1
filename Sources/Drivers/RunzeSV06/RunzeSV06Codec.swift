/// What the valve is asked or told. Source of frames and functions: flowchem 1.1.6, `devices/runze` (a client of the SV-06,
/// with comments from Runze's manual).
enum RunzeQuestion: Hashable, Sendable {
    /// 3E: at which port it stands.
    case position
    /// 4A: what the motor does.
    case motor
    /// 44: go to this port.
    case go(Int)

    var function: UInt8 {
        switch self {
        case .position: 0x3e
        case .motor: 0x4a
        case .go: 0x44
        }
    }

    var value: UInt16 { if case .go(let port) = self { UInt16(clamping: port) } else { 0 } }

    var words: String {
        switch self {
        case .position: "the query of its position (3E)"
        case .motor: "the query of its motor (4A)"
        case .go(let port): "the command to go to port \(port) (44)"
        }
    }
}

/// The third byte of a reply. Source: flowchem 1.1.6, `devices/runze/_common.py`.
enum RunzeStatus: UInt8, Sendable, CaseIterable {
    case good = 0x00
    case frameError = 0x01
    case parameterError = 0x02
    case optocoupler = 0x03
    case busy = 0x04
    case stalled = 0x05
    case unknownLocation = 0x06
    /// The task is accepted and runs.
    case accepted = 0xfe
    case unknownError = 0xff

    /// Whether it turns, or is about to.
    var isMoving: Bool { self == .busy || self == .accepted }

    /// What is wrong with the valve itself; nil: nothing, or with what it was sent. Goes on after the valve's name.
    var trouble: String? {
        switch self {
        case .stalled: "stalled (status 05)"
        case .unknownLocation: "does not know where it stands (status 06)"
        case .optocoupler: "does not see its position (status 03, optocoupler)"
        case .unknownError: "has an error that it cannot name (status FF)"
        case .good, .frameError, .parameterError, .busy, .accepted: nil
        }
    }

    var words: String {
        switch self {
        case .good: "status 00"
        case .frameError: "status 01, frame error"
        case .parameterError: "status 02, parameter error"
        case .optocoupler: "status 03, optocoupler"
        case .busy: "status 04, motor busy"
        case .stalled: "status 05, stalled"
        case .unknownLocation: "status 06, unknown location"
        case .accepted: "status FE, running"
        case .unknownError: "status FF, unknown error"
        }
    }
}

struct RunzeReply: Hashable, Sendable {
    let status: RunzeStatus
    let value: Int
}

/// `CC address function value DD sum`, and a reply with its status in place of the function: eight bytes, numbers with the
/// low byte first, the sum that of the first six. A reply does not say what it answers.
enum RunzeCodec {
    static let length = 8

    static func frame(address: UInt8, _ question: RunzeQuestion) -> [UInt8] {
        let value = question.value
        let head: [UInt8] = [0xcc, address, question.function, UInt8(value & 0xff), UInt8(value >> 8), 0xdd]
        return head + sum(head[...])
    }

    /// An answer to `question` at the beginning of `bytes`. Adapters that repeat what is written to them are passed over;
    /// no valve stands at port 0, so that such a reply to a query of the position answers another question.
    static func read(
        _ bytes: [UInt8], address: UInt8, answering question: RunzeQuestion
    ) -> DialogueReply<RunzeReply> {
        guard let head = bytes.firstIndex(of: 0xcc) else { return .noise(bytes.count) }
        guard head == 0 else { return .noise(head) }
        guard bytes.count >= length else { return .partial }
        let frame = Array(bytes.prefix(length))
        guard frame[5] == 0xdd, Array(frame[6...]) == sum(frame[..<6]) else { return .noise(1) }
        guard frame[1] == address, frame != RunzeCodec.frame(address: address, question) else { return .noise(length) }
        guard let status = RunzeStatus(rawValue: frame[2]) else { return .wrong("status \(hex(frame[2]))") }
        let reply = RunzeReply(status: status, value: Int(frame[3]) | Int(frame[4]) << 8)
        if question == .position, status == .good, reply.value == 0 { return .noise(length) }
        return .answer(reply, length)
    }

    private static func sum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let total = bytes.reduce(0) { $0 + Int($1) }
        return [UInt8(total & 0xff), UInt8(total >> 8 & 0xff)]
    }

    private static func hex(_ byte: UInt8) -> String { String(byte, radix: 16, uppercase: true) }
}
