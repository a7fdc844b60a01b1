import DeviceModel
import Interlocks
import Quantities

/// What a device on a board asks.
struct BoardQuestion: Hashable, Sendable {
    let message: RelayMessage

    init(_ message: RelayMessage) { self.message = message }
}

enum BoardAnswer: Hashable, Sendable {
    /// Without the status.
    case fields([UInt8])
    /// A status other than `ok`.
    case refused(UInt8)
}

/// A device that is a channel of a board. Its questions go by way of the board's driver, which answers each of them by its
/// number, in bounded time.
protocol DialogueBoardDevice: DialogueDevice where Question == BoardQuestion, Answer == BoardAnswer {}

extension DialogueBoardDevice {
    func bytes(of question: BoardQuestion) -> [UInt8] { [] }
    func isAnswered(_ question: BoardQuestion) -> Bool { true }
    func read(_ bytes: [UInt8], answering question: BoardQuestion) -> DialogueReply<BoardAnswer> { .noise(bytes.count) }

    func request(of question: BoardQuestion) -> DialogueRequest? { .board(question.message) }

    func read(_ reply: RelayReply.Outcome, answering question: BoardQuestion) -> BoardAnswer? {
        switch reply {
        case .answer(let fields): .fields(fields)
        case .refused(let status): .refused(status)
        case .executed, .failed, .refusedByTrip: nil
        }
    }
}

extension DialogueDriver {
    mutating func relayed(_ reply: RelayReply, at now: Moment) -> [DriverEffect] {
        if let due = timed.removeValue(forKey: reply.id) { return ended(due, reply.outcome, at: now) }
        guard let exchange, exchange.request == reply.id else { return [] }
        let words = device.words(of: exchange.question)
        switch reply.outcome {
        case .answer, .refused, .executed:
            hasHeard = true
            guard let answer = device.read(reply.outcome, answering: exchange.question) else {
                return noAnswer(to: exchange, "answered \(words) with a reply that does not fit it", at: now)
            }
            return took(answer, to: exchange, at: now)
        case .failed(let why): return noAnswer(to: exchange, "did not answer \(words): \(why)", at: now)
        case .refusedByTrip: return droppedByTrip(exchange, at: now)
        }
    }
}
