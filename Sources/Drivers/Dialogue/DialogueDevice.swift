import DeviceModel
import Interlocks
import Quantities

/// What a device on a line of bytes is, beside the conversation that all of them have: its words, its identity, its looks
/// at itself, and the steps of its commands. A plain struct without a sense of time beyond what it is told;
/// `DialogueDriver` asks one question at a time on its behalf.
protocol DialogueDevice: Sendable {
    associatedtype Question: Hashable, Sendable
    associatedtype Answer: Sendable
    /// A command under way, with what is left of it.
    associatedtype Job: Sendable

    var name: DeviceName { get }
    var deviceClass: DeviceClass { get }
    var limits: DeviceLimits { get }
    var safeCommands: [DeviceCommand] { get }
    var times: DialogueTimes { get }

    // MARK: Words

    /// What ends a half-written line and is itself nothing, sent once after opening; its answer is thrown away. Empty where
    /// the framing needs none.
    var spoiler: [UInt8] { get }
    func bytes(of question: Question) -> [UInt8]
    /// For error messages: "`CP`".
    func words(of question: Question) -> String
    /// Many devices say nothing to what they are told to do. What they say nevertheless is `noise` to the next question.
    func isAnswered(_ question: Question) -> Bool
    /// Looks at what has come since the question went out.
    func read(_ bytes: [UInt8], answering question: Question) -> DialogueReply<Answer>
    /// In bytes; more without an end is nonsense.
    var longestAnswer: Int { get }
    /// Of a device on Modbus (`DialogueModbusDevice`) or on a board (`DialogueBoardDevice`); nil: its questions are bytes.
    func request(of question: Question) -> DialogueRequest?
    func read(_ reply: ModbusReply.Outcome, answering question: Question) -> Answer?
    func read(_ reply: RelayReply.Outcome, answering question: Question) -> Answer?

    // MARK: Identity and looks

    /// Asked in order after opening, and after a device was taken for a stranger.
    var identification: [Question] { get }
    /// Why this is not the device of the bench file; nil where the answer fits. Goes on after the device's name.
    mutating func identify(_ answer: Answer, to question: Question) -> String?
    /// Asked in turn while the device is ready.
    var looks: [Question] { get }
    /// Takes in any answer, of a look or of a job: readings, and the read-back of the safe state where it shows that.
    mutating func learn(_ answer: Answer, to question: Question, askedAt: WireInstant, at now: Moment) -> [DriverEffect]
    /// What is wrong with the device itself, by the last answers: it answers, but must not be used.
    var fault: String? { get }
    /// The link was lost or opened anew: nothing that was known holds.
    mutating func forget()

    // MARK: Commands

    /// A command of this device's class. A job that makes safe begins with a write.
    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job>
    /// The next step; asked again after each answer, and when a wait is over. What it told may have no answer, where it
    /// had to be told at once: only what is read back later counts.
    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<Question>
    /// What was asked or told for the job has its answer, which `learn` has taken in already.
    mutating func answered(_ job: inout Job, _ answer: Answer, to question: Question, at now: Moment)
    /// What a job that ended by itself has brought, told before its outcome is.
    mutating func harvest(of job: Job, as id: CommandID) -> [DriverEffect]
    /// What must be said again and again, by the right of the last command, so that what it began goes on: an output that
    /// ends by itself. nil: nothing runs that needs it.
    var upkeep: Question? { get }
    var upkeepInterval: WireDuration { get }
    /// Of a device that is a channel of a board, or several.
    var boardChannels: [BoardChannel] { get }
    /// The message that does it, for a time to come.
    mutating func timed(_ command: DeviceCommand) -> DialogueStart<Question>
    /// The board has done at its time what was asked so.
    mutating func happened(_ command: DeviceCommand, at now: Moment)
}

extension DialogueDevice {
    var spoiler: [UInt8] { [] }
    var longestAnswer: Int { 4096 }
    var fault: String? { nil }
    func request(of question: Question) -> DialogueRequest? { nil }
    func read(_ reply: ModbusReply.Outcome, answering question: Question) -> Answer? { nil }
    func read(_ reply: RelayReply.Outcome, answering question: Question) -> Answer? { nil }
    mutating func forget() {}
    mutating func answered(_ job: inout Job, _ answer: Answer, to question: Question, at now: Moment) {}
    mutating func harvest(of job: Job, as id: CommandID) -> [DriverEffect] { [] }
    var upkeep: Question? { nil }
    var upkeepInterval: WireDuration { .seconds(1) }
    var boardChannels: [BoardChannel] { [] }
    mutating func timed(_ command: DeviceCommand) -> DialogueStart<Question> {
        .refused("\(name) does nothing at a set time: that is for valves, pumps and steppers on a board")
    }
    mutating func happened(_ command: DeviceCommand, at now: Moment) {}
}

/// All on the link's clock.
struct DialogueTimes: Sendable {
    /// Longest wait for a whole answer.
    var reply = WireDuration.milliseconds(500)
    /// Between an answer and the next question, where the device needs a breath.
    var gap = WireDuration.zero
    /// From one look to the next.
    var poll: WireDuration
    /// After a question that got no good answer, what still arrives is thrown away until the line was silent for this long.
    var drain = WireDuration.milliseconds(150)

    init(poll: WireDuration) { self.poll = poll }
}

/// What the bytes since the question are.
enum DialogueReply<Answer: Sendable>: Sendable {
    /// Not whole yet.
    case partial
    /// The first so many bytes are no answer to this: an echo, a line of somebody else's. Looked at again without them.
    case noise(Int)
    /// The first so many bytes are the answer.
    case answer(Answer, Int)
    /// What came can be no answer, whatever follows; as the device said it.
    case wrong(String)
}

enum DialogueStart<Job: Sendable>: Sendable {
    case job(Job)
    /// It is so already, or there is nothing to do.
    case done
    case refused(String)

    func map<Other: Sendable>(_ change: (Job) -> Other) -> DialogueStart<Other> {
        switch self {
        case .job(let job): .job(change(job))
        case .done: .done
        case .refused(let why): .refused(why)
        }
    }
}

enum DialogueMove<Question: Sendable>: Sendable {
    case ask(Question)
    /// Written by the right of the command.
    case tell(Question)
    case wait(WireDuration)
    case end(CommandOutcome)
}
