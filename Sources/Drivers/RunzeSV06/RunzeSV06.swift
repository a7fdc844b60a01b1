import DeviceModel
import Interlocks
import Quantities

/// A Runze SV-06 selector valve on a serial line (57600 8N1 as flowchem uses it; the factory's setting is not known).
///
/// It answers a move at once and turns then, so a position counts when the valve shows it at rest. How many ports it has
/// it does not say: the bench file does, and nothing is ever moved to find out.
struct RunzeSV06: DialogueDevice {
    /// From one look at a turning valve to the next. Source: flowchem.
    static let lookInterval = WireDuration.milliseconds(200)

    let name: DeviceName
    let configuration: RunzeConfiguration
    /// As last shown; nil while it turns, or does not know.
    private(set) var position: Int?
    private var lastPosition: Int?
    private var motor: RunzeStatus?
    /// Stays until it shows a port at rest.
    private(set) var fault: String?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = RunzeConfiguration(settings)
    }

    var deviceClass: DeviceClass { .valve }
    var limits: DeviceLimits { .valve(configuration.limits) }
    var safeCommands: [DeviceCommand] { configuration.limits.safe == nil ? [] : [.valve(.safe)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        // Runze's manual has it answer within a second.
        times.reply = .milliseconds(1000)
        times.gap = .milliseconds(20)
        return times
    }

    // MARK: Words

    func bytes(of question: RunzeQuestion) -> [UInt8] { RunzeCodec.frame(address: configuration.address, question) }
    func words(of question: RunzeQuestion) -> String { question.words }
    func isAnswered(_ question: RunzeQuestion) -> Bool { true }

    func read(_ bytes: [UInt8], answering question: RunzeQuestion) -> DialogueReply<RunzeReply> {
        RunzeCodec.read(bytes, address: configuration.address, answering: question)
    }

    // MARK: Identity and looks

    var identification: [RunzeQuestion] { [.motor, .position] }
    var looks: [RunzeQuestion] { [.position, .motor] }

    mutating func identify(_ answer: RunzeReply, to question: RunzeQuestion) -> String? {
        switch answer.status {
        case .frameError, .parameterError:
            "does not understand \(question.words) (\(answer.status.words)): check that it is an SV-06"
        case .good where question == .position && answer.value > configuration.ports:
            "stands at port \(answer.value), and the bench file gives it \(configuration.ports) ports: correct `ports`"
        case .good, .optocoupler, .busy, .stalled, .unknownLocation, .accepted, .unknownError: nil
        }
    }

    mutating func learn(
        _ answer: RunzeReply, to question: RunzeQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        if let trouble = answer.status.trouble {
            fault = "valve \(name) \(trouble): look whether its rotor is free, then bring it to a position"
        }
        switch question {
        case .go, .motor:
            // What turns is nowhere.
            if answer.status.isMoving { position = nil }
            if question == .motor || answer.status.trouble != nil { motor = answer.status }
            return []
        case .position: return learnPosition(answer, askedAt: askedAt, at: now)
        }
    }

    private mutating func learnPosition(
        _ answer: RunzeReply, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        let isKnown = answer.status == .good && (1...configuration.ports).contains(answer.value)
        position = isKnown ? answer.value : nil
        if isKnown { lastPosition = answer.value }
        // A motor that stalled still knows its port.
        if isKnown, motor == .good { fault = nil }
        if answer.status == .good, !isKnown {
            fault = "valve \(name) shows port \(answer.value), expected 1 to \(configuration.ports): correct `ports`"
        }
        let safe = configuration.limits.safe.flatMap { configuration.limits.number(of: $0) }
        let look = SafeStateReadBack(
            isSafe: safe == nil || safe == position,
            detail: position.map { configuration.words($0) } ?? "no position (\(answer.status.words))",
            askedAt: askedAt)
        let reading = Reading(
            SignalName(.valve, name, "position"), Double(lastPosition ?? 0), .code, quality: isKnown ? .good : .bad,
            at: now)
        return [.reading(reading), .readBack(look)]
    }

    mutating func forget() { (position, lastPosition, motor, fault) = (nil, nil, nil, nil) }

    // MARK: Commands

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<RunzeJob> {
        switch command {
        case .valve(.select(let wanted)):
            guard let port = configuration.limits.number(of: wanted) else {
                let known = configuration.limits.positions.map(\.name).joined(separator: ", ")
                return .refused("valve \(name) has no position \(wanted); it has \(known)")
            }
            return .job(RunzeJob(port: port, next: .look, began: now.wire))
        case .valve(.safe):
            guard let safe = configuration.limits.safe, let port = configuration.limits.number(of: safe) else {
                return .done
            }
            return .job(RunzeJob(port: port, next: .tell, began: now.wire))
        default: return .refused("\(name) is a valve and does not understand this command")
        }
    }

    mutating func proceed(_ job: inout RunzeJob, at now: Moment) -> DialogueMove<RunzeQuestion> {
        if let end = job.end { return .end(outcome(of: end, job)) }
        guard now.wire - job.began < configuration.moveTimeout else { return .end(outcome(of: .overdue, job)) }
        switch job.next {
        case .look, .verify: return .ask(.position)
        case .rest: return .ask(.motor)
        case .pause:
            job.next = .rest
            return .wait(Self.lookInterval)
        case .tell:
            job.next = .pause
            return .tell(.go(job.port))
        }
    }

    mutating func answered(_ job: inout RunzeJob, _ answer: RunzeReply, to question: RunzeQuestion, at now: Moment) {
        switch question {
        case .go: job.answeredMove(answer.status)
        case .motor: job.rested(answer.status)
        case .position: job.looked(answer.status, at: position, isWell: fault == nil)
        }
    }

    private func outcome(of end: RunzeJob.End, _ job: RunzeJob) -> CommandOutcome {
        let asked = configuration.words(job.port)
        let shown = position.map { configuration.words($0) } ?? "no position" + (motor.map { " (\($0.words))" } ?? "")
        switch end {
        case .arrived: return .done
        case .declined(let status):
            let advice =
                status == .parameterError
                ? "check `ports` in the bench file" : "check its cable and the link's `baud`, then select again"
            return .refused(
                "valve \(name) does not take \(asked) (\(status.words)) and shows \(shown): \(advice)")
        case .troubled(let status):
            let trouble = status.trouble ?? "declined (\(status.words))"
            return .failed(
                "valve \(name) \(trouble) on its way to \(asked) and shows \(shown): look whether its rotor is free, then "
                    + "select again")
        case .elsewhere, .overdue:
            let span = end == .overdue ? " after \(configuration.moveTimeout.seconds) s" : " at rest"
            return .failed(
                "valve \(name) was told \(asked) and shows \(shown)\(span): look whether it is blocked, or driven by "
                    + "somebody else")
        }
    }
}

/// A valve on its way: looked at first, told where it stands elsewhere, waited for until its motor rests, and looked at
/// again. The safe state is told before any look.
struct RunzeJob: Sendable {
    enum Next: Sendable { case look, tell, pause, rest, verify }

    enum End: Hashable, Sendable {
        case arrived, elsewhere, overdue
        case declined(RunzeStatus)
        case troubled(RunzeStatus)
    }

    let port: Int
    var next: Next
    let began: WireInstant
    /// The valve said that it goes. One that was busy with an earlier move is told again when it rests.
    var isAccepted = false
    /// What stopped the motor; where it stands is asked before the job ends.
    var trouble: RunzeStatus?
    var end: End?

    mutating func answeredMove(_ status: RunzeStatus) {
        switch status {
        case .good, .accepted: isAccepted = true
        case .busy: break
        case .frameError, .parameterError: end = .declined(status)
        case .optocoupler, .stalled, .unknownLocation, .unknownError: troubled(status)
        }
    }

    mutating func rested(_ status: RunzeStatus) {
        switch status {
        case .busy, .accepted: next = .pause
        case .good: next = .verify
        case .frameError, .parameterError: end = .declined(status)
        case .optocoupler, .stalled, .unknownLocation, .unknownError:
            // An earlier move may have ended so; ours has not begun.
            if isAccepted { troubled(status) } else { next = .tell }
        }
    }

    private mutating func troubled(_ status: RunzeStatus) {
        trouble = status
        next = .verify
    }

    /// - Parameter isWell: what has stalled is well again only after a move, also to where it stands.
    mutating func looked(_ status: RunzeStatus, at position: Int?, isWell: Bool) {
        if let trouble {
            end = .troubled(trouble)
        } else if position == port, isWell || next != .look {
            end = .arrived
        } else if next == .look || !isAccepted {
            next = .tell
        } else if status.isMoving {
            next = .pause
        } else if status.trouble != nil {
            end = .troubled(status)
        } else {
            end = .elsewhere
        }
    }
}
