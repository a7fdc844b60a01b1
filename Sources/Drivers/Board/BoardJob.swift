import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// A command to one channel of a board: told once, and looked at until the board shows that it is so.
struct BoardJob: Sendable {
    /// What a look must show.
    enum End: Sendable, Equatable {
        /// It is on.
        case on
        case off
        /// It moves, or has come to its end already.
        case begun
        /// It stands at its end.
        case arrived
    }

    static let lookInterval = WireDuration.milliseconds(50)
    /// Looks at what should be so at once.
    static let mostLooks = 6

    let channel: UInt8
    let message: RelayMessage
    let end: End
    fileprivate var isTold = false
    fileprivate var looksNext = false
    fileprivate var looks = 0
    fileprivate var refused: BoardStatus?
    /// Where it will end, as the board said when it was told.
    fileprivate var target: Int32?
    fileprivate var seen: ReadRequest.Answer?

    init<Message: BoardProtocol.BoardMessage>(_ channel: UInt8, _ message: Message, until end: End) {
        (self.channel, self.message, self.end) = (channel, RelayMessage(message), end)
    }

    static func stop(_ channel: UInt8) -> BoardJob {
        BoardJob(channel, ChannelStopRequest(channel: channel), until: .off)
    }

    mutating func proceed(_ name: String) -> DialogueMove<BoardQuestion> {
        guard isTold else {
            isTold = true
            return .tell(BoardQuestion(message))
        }
        if let refused { return .end(.refused("\(name): \(refused.words)")) }
        guard let seen else { return .ask(.read(channel)) }
        if isThere(seen) { return .end(.done) }
        if end == .arrived, seen.active == 0 { return .end(.failed("\(name) stopped on its way: \(Self.words(seen))")) }
        looks += 1
        guard end == .arrived || looks < Self.mostLooks else {
            return .end(.failed("\(name) was told, and shows \(Self.words(seen)) \(looks) looks later"))
        }
        self.seen = nil
        return .wait(Self.lookInterval)
    }

    mutating func answered(_ answer: BoardAnswer, to question: BoardQuestion) {
        switch answer {
        case .refused(let code): refused = BoardStatus(code: code)
        case .fields(let fields):
            if question.message == message {
                // A pump's and a stepper's first field is where it will end.
                target = MoveRequest.Answer(payload: fields)?.target
            } else {
                seen = ReadRequest.Answer(payload: fields)
            }
        }
    }

    private func isThere(_ seen: ReadRequest.Answer) -> Bool {
        switch end {
        case .on: seen.active != 0
        case .off: seen.active == 0
        case .begun: seen.active != 0 || seen.value == target
        case .arrived: seen.active == 0 && (target == nil || seen.value == target)
        }
    }

    private static func words(_ seen: ReadRequest.Answer) -> String {
        let flags = seen.flags.contains(.limit) ? ", at its limit switch" : ""
        return (seen.active == 0 ? "standing" : "moving") + " at \(seen.value) of \(seen.target)" + flags
    }
}

extension BoardQuestion {
    static func read(_ channel: UInt8) -> BoardQuestion { BoardQuestion(RelayMessage(ReadRequest(channel: channel))) }

    static func describe(_ channel: UInt8) -> BoardQuestion {
        BoardQuestion(RelayMessage(DescribeRequest(channel: channel)))
    }

    /// As people may look it up: `read` of channel 3.
    var words: String {
        let name = BoardDictionary.requests.first { $0.type == message.type }?.name ?? "\(message.type)"
        return "`\(name)`" + (message.payload.first.map { " of channel \($0)" } ?? "")
    }
}

/// What all drivers of one channel share.
protocol BoardChannelDevice: DialogueBoardDevice where Job == BoardJob {
    var channel: UInt8 { get }
    var kind: BoardKind { get }
    var poll: WireDuration { get }
    mutating func learn(_ seen: ReadRequest.Answer, askedAt: WireInstant, at now: Moment) -> [DriverEffect]
}

extension BoardChannelDevice {
    var times: DialogueTimes {
        var times = DialogueTimes(poll: poll)
        // The board's driver has its own time-outs, and other devices ask before this one.
        times.reply = .seconds(3)
        return times
    }

    func words(of question: BoardQuestion) -> String { question.words }
    var identification: [BoardQuestion] { [.describe(channel)] }
    var looks: [BoardQuestion] { [.read(channel)] }

    mutating func identify(_ answer: BoardAnswer, to question: BoardQuestion) -> String? {
        switch answer {
        case .fields(let fields):
            guard let shown = DescribeRequest.Answer(payload: fields) else {
                return "says nothing that can be read of it"
            }
            guard shown.kind != kind else { return nil }
            return "is channel \(channel), which is a \(shown.kind) on this board, expected a \(kind)"
        case .refused(let code): return "is channel \(channel): \(BoardStatus(code: code).words)"
        }
    }

    mutating func learn(
        _ answer: BoardAnswer, to question: BoardQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        guard case .fields(let fields) = answer, question == .read(channel),
            let seen = ReadRequest.Answer(payload: fields)
        else { return [] }
        return learn(seen, askedAt: askedAt, at: now)
    }

    mutating func proceed(_ job: inout BoardJob, at now: Moment) -> DialogueMove<BoardQuestion> {
        job.proceed("\(name)")
    }

    mutating func answered(_ job: inout BoardJob, _ answer: BoardAnswer, to question: BoardQuestion, at now: Moment) {
        job.answered(answer, to: question)
    }
}

/// Keys that every device on a board has.
enum BoardChannelSettings {
    static let channel = SettingSpec("channel", .integer(0...254), "its number on the board")
    static let poll = SettingSpec(
        "poll_ms", .integer(50...10_000), default: .integer(200), "time from one look to the next")
    static let hold = SettingSpec(
        "hold_s", .number(1...3600), default: .number(10),
        "what is on goes off so long after the daemon last said that it shall be on; it says so three times as often")
}

/// What a board's axis can be told. Source: `firmware-protocol/PROTOCOL.md`, the table of limits in section 6.
enum BoardRates {
    static let stepsPerSecond = 0.004...65_535.0
    static let expected = "0.004 to 65535 steps a second"
}
