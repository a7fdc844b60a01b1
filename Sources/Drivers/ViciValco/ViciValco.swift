import DeviceModel
import Interlocks
import Quantities

/// A VICI Valco actuator with a two-position (injection) or a selector valve, on a serial line.
///
/// It mostly says nothing to what it is told, and ignores a position that it does not have. So a position counts when the
/// valve shows it; a valve that does not show it in time has not moved.
struct ViciValco: DialogueDevice {
    /// A command under way: looked at first, told where it stands elsewhere, and looked at until it is there.
    struct Job: Sendable {
        let port: Int
        let makesSafe: Bool
        var seen: Int?
        var toldAt: WireInstant?
        var lastToldAt = WireInstant.zero
        var looksNext = true
    }

    /// From one look at a moving valve to the next.
    static let lookInterval = WireDuration.milliseconds(100)
    /// No source says that it heeds a `GO` while it turns. The safe position is told again until it is shown, which moves
    /// nothing where it is heeded already.
    static let safeInterval = WireDuration.milliseconds(1000)

    let name: DeviceName
    let configuration: ViciConfiguration
    /// As last shown.
    private(set) var position: Int?
    private(set) var fault: String?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = ViciConfiguration(settings)
    }

    var deviceClass: DeviceClass { .valve }
    var limits: DeviceLimits { .valve(configuration.limits) }
    var safeCommands: [DeviceCommand] { configuration.limits.safe == nil ? [] : [.valve(.safe)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.gap = .milliseconds(20)
        return times
    }

    // MARK: Words

    /// Makes a half-written `GO` one that the actuator does not know: alone it would turn the valve.
    var spoiler: [UInt8] { Array("?\r".utf8) }

    func bytes(of question: ViciQuestion) -> [UInt8] { Array(line(question).utf8) }
    func words(of question: ViciQuestion) -> String { "`\(line(question).dropLast())`" }
    private func line(_ question: ViciQuestion) -> String { question.line(configuration.kind, id: configuration.id) }

    func isAnswered(_ question: ViciQuestion) -> Bool { if case .go = question { false } else { true } }

    func read(_ bytes: [UInt8], answering question: ViciQuestion) -> DialogueReply<ViciAnswer> {
        guard let (line, length) = ViciCodec.line(bytes) else { return .partial }
        let value =
            switch question {
            case .position: ViciCodec.position(line, configuration.kind, id: configuration.id)
            case .count: ViciCodec.count(line, id: configuration.id)
            case .go: ViciAnswer?.none
            }
        return value.map { .answer($0, length) } ?? .noise(length)
    }

    // MARK: Identity and looks

    var identification: [ViciQuestion] { configuration.kind == .selector ? [.count, .position] : [.position] }
    var looks: [ViciQuestion] { [.position] }

    mutating func identify(_ answer: ViciAnswer, to question: ViciQuestion) -> String? {
        switch answer {
        case .position: return nil
        case .count(let count):
            guard let most = configuration.limits.positions.map(\.number).max(), count < most else { return nil }
            return
                "has \(count) positions, and the bench file names port \(most): correct the file, or set NP on the "
                + "actuator"
        case .strange(let line):
            return
                "answers \(words(of: question)) with \"\(line.prefix(40))\", which is no \(configuration.kind.rawValue) "
                + "valve: correct `kind` in the bench file, or set AM on the actuator"
        }
    }

    mutating func learn(_ answer: ViciAnswer, to question: ViciQuestion, askedAt: WireInstant, at now: Moment)
        -> [DriverEffect]
    {
        guard question == .position else { return [] }
        let last = position
        var detail = ""
        switch answer {
        case .position(let port):
            (position, fault) = (port, nil)
            detail = configuration.words(port)
        case .strange(let line):
            position = nil
            detail = "\"\(line.prefix(40))\""
            fault =
                "valve \(name) shows \(detail) as its position, expected \(configuration.expected): look at its actuator"
        case .count: return []
        }
        let safe = configuration.limits.safe.flatMap { configuration.limits.number(of: $0) }
        let look = SafeStateReadBack(isSafe: safe == nil || safe == position, detail: detail, askedAt: askedAt)
        let reading = Reading(
            SignalName(.valve, name, "position"), Double(position ?? last ?? 0), .code,
            quality: position == nil ? .bad : .good, at: now)
        return [.reading(reading), .readBack(look)]
    }

    mutating func forget() { (position, fault) = (nil, nil) }

    // MARK: Commands

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job> {
        switch command {
        case .valve(.select(let wanted)):
            guard let port = configuration.limits.number(of: wanted) else {
                let known = configuration.limits.positions.map(\.name).joined(separator: ", ")
                return .refused("valve \(name) has no position \(wanted); it has \(known)")
            }
            return .job(Job(port: port, makesSafe: false))
        case .valve(.safe):
            guard let safe = configuration.limits.safe, let port = configuration.limits.number(of: safe) else {
                return .done
            }
            return .job(Job(port: port, makesSafe: true, looksNext: false))
        default: return .refused("\(name) is a valve and does not understand this command")
        }
    }

    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<ViciQuestion> {
        if job.looksNext {
            job.looksNext = false
            return .ask(.position)
        }
        guard let toldAt = job.toldAt else {
            if job.seen == job.port { return .end(.done) }
            job.toldAt = now.wire
            return tell(&job, at: now)
        }
        if job.seen == job.port { return .end(.done) }
        guard now.wire - toldAt < configuration.moveTimeout else { return .end(.failed(overdue(job))) }
        if job.makesSafe, now.wire - job.lastToldAt >= Self.safeInterval { return tell(&job, at: now) }
        job.looksNext = true
        return .wait(Self.lookInterval)
    }

    private func tell(_ job: inout Job, at now: Moment) -> DialogueMove<ViciQuestion> {
        (job.lastToldAt, job.seen) = (now.wire, nil)
        return .tell(.go(job.port))
    }

    mutating func answered(_ job: inout Job, _ answer: ViciAnswer, to question: ViciQuestion, at now: Moment) {
        if question == .position { job.seen = position }
    }

    private func overdue(_ job: Job) -> String {
        let shown = job.seen.map { configuration.words($0) } ?? "no position"
        return "valve \(name) was told \(configuration.words(job.port)) and shows \(shown) after "
            + "\(configuration.moveTimeout.seconds) s: look whether it is blocked, or driven from its panel"
    }
}
