import DeviceModel
import Interlocks
import Quantities

/// A device whose questions are Modbus requests. Each answer names its request, so that nothing that is late is ever taken
/// for something else, and there is no line that must fall silent.
protocol DialogueModbusDevice: DialogueDevice {
    var unit: UInt8 { get }
    func operation(of question: Question) -> ModbusRequest.Operation
    /// Of what was read or written; nil: it does not fit the question.
    func read(_ reply: ModbusReply.Outcome, answering question: Question) -> Answer?
}

extension DialogueModbusDevice {
    func bytes(of question: Question) -> [UInt8] { [] }
    func isAnswered(_ question: Question) -> Bool { true }
    func read(_ bytes: [UInt8], answering question: Question) -> DialogueReply<Answer> { .noise(bytes.count) }

    func request(of question: Question) -> DialogueRequest? {
        .modbus(unit: unit, operation(of: question))
    }
}

/// A question as a request, before it has its number.
enum DialogueRequest: Sendable {
    case modbus(unit: UInt8, ModbusRequest.Operation)
    case board(RelayMessage)
}

extension DialogueDriver {
    /// What puts a question on its way; a request gets the next number.
    mutating func sending(
        _ question: Device.Question, by authority: WriteAuthority, urgent: Bool = false
    ) -> DriverEffect {
        guard let request = device.request(of: question) else { return .send(device.bytes(of: question), authority) }
        lastRequest &+= 1
        switch request {
        case .modbus(let unit, let operation):
            return .modbus(ModbusRequest(id: lastRequest, unit: unit, operation: operation), authority, urgent: urgent)
        case .board(let message):
            return .relay(RelayRequest(id: lastRequest, message: message, isUrgent: urgent), authority)
        }
    }

    /// A reply to anything but the question that is out is late, and says nothing.
    mutating func replied(_ reply: ModbusReply, at now: Moment) -> [DriverEffect] {
        guard let exchange, exchange.request == reply.id else { return [] }
        let words = device.words(of: exchange.question)
        switch reply.outcome {
        case .registers, .bits, .written:
            hasHeard = true
            guard let answer = device.read(reply.outcome, answering: exchange.question) else {
                return noAnswer(to: exchange, "answered \(words) with a reply that does not fit it", at: now)
            }
            return took(answer, to: exchange, at: now)
        case .exception(let code):
            hasHeard = true
            return noAnswer(to: exchange, "answered \(words) with \(ModbusException.text(code))", at: now)
        case .failed(let why): return noAnswer(to: exchange, "did not answer \(words): \(why)", at: now)
        case .refusedByTrip: return droppedByTrip(exchange, at: now)
        }
    }

    /// What was told by an older right was not sent.
    mutating func droppedByTrip(_ exchange: Exchange, at now: Moment) -> [DriverEffect] {
        self.exchange = nil
        return (exchange.isOfJob && exchange.isTold ? finish(.droppedByTrip) : []) + advance(at: now)
    }
}
