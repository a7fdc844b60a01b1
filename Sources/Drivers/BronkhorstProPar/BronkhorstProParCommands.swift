import DeviceModel
import Quantities
import Wire

/// What a flow controller is told, step by step; each write is read back before the next one.
struct BronkhorstJob: Sendable {
    fileprivate enum Step: Sendable { case setPoint, checkSetPoint, mode, checkMode, look }

    /// nil: close.
    fileprivate let flow: Double?
    fileprivate let counts: UInt16
    fileprivate let mode: UInt8
    fileprivate var step = Step.setPoint
    fileprivate var looks = 0
    fileprivate var waits = false
    fileprivate var since: WireInstant?
    fileprivate var refusal: String?
    /// It was not kept as asked, and 0 was written in its place.
    fileprivate var isTakenBack = false

    fileprivate init(flow: Double?, counts: UInt16, mode: UInt8) {
        (self.flow, self.counts, self.mode) = (flow, counts, mode)
    }
}

extension BronkhorstProPar {
    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<BronkhorstJob> {
        switch command {
        case .flowController(.close): return .job(BronkhorstJob(flow: nil, counts: 0, mode: Self.closedMode))
        case .flowController(.set(let flow)):
            let limits = configuration.limits
            guard flow == 0 || (limits.minimum...limits.maximum).contains(flow) else {
                let range = "0, or \(limits.minimum) to \(limits.maximum) mL/min"
                return .refused("set point of \(name) is \(flow) mL/min, expected \(range)")
            }
            if let fault { return .refused(fault) }
            guard let capacity, flow <= capacity else {
                return .refused("\(name) has not told its capacity yet: wait until it is identified")
            }
            let counts = UInt16((flow / capacity * Self.fullScale).rounded())
            return .job(BronkhorstJob(flow: flow, counts: counts, mode: configuration.mode))
        default: return .refused("\(name) is a flow controller and does not understand this command")
        }
    }

    mutating func proceed(_ job: inout BronkhorstJob, at now: Moment) -> DialogueMove<ProParQuestion> {
        if job.isTakenBack { return .end(.refused("\(name) \(job.refusal ?? ""); its set point was put to 0")) }
        if let refusal = job.refusal, job.flow != nil { return takeBack(&job, refusal) }
        switch job.step {
        case .setPoint:
            shown.setPoint = nil
            job.step = job.flow == nil ? .mode : .checkSetPoint
            return .tell(.writeSetPoint(job.counts))
        case .checkSetPoint:
            guard shown.setPoint != job.counts else {
                job.step = shown.mode == job.mode ? .look : .mode
                return proceed(&job, at: now)
            }
            return look(&job, .setPoint, "a set point of \(shortDecimal(job.flow ?? 0, 3)) mL/min")
        case .mode:
            shown.mode = nil
            (job.step, job.looks) = (job.flow == nil ? .look : .checkMode, 0)
            job.since = now.wire
            return .tell(.writeMode(job.mode))
        case .checkMode:
            guard shown.mode != job.mode else { return .end(.done) }
            return look(&job, .mode, "control mode \(job.mode)")
        case .look: return job.flow == nil ? lookClosed(&job, at: now) : .end(.done)
        }
    }

    mutating func answered(
        _ job: inout BronkhorstJob, _ answer: ProParAnswer, to question: ProParQuestion, at now: Moment
    ) {
        guard case .declined(let why) = answer else { return }
        job.refusal = "answers \(question.words) with \(why)"
    }

    private func look(
        _ job: inout BronkhorstJob, _ parameter: ProParParameter, _ told: String
    ) -> DialogueMove<ProParQuestion> {
        guard job.looks < Self.mostLooks else {
            return takeBack(&job, "was told \(told) and shows \(words): look whether somebody else has claimed it")
        }
        job.waits = job.looks > 0 && !job.waits
        guard !job.waits else { return .wait(Self.lookInterval) }
        job.looks += 1
        return .ask(.read(parameter))
    }

    /// A set point that is not what was asked for must not stay: gas would flow.
    private func takeBack(_ job: inout BronkhorstJob, _ why: String) -> DialogueMove<ProParQuestion> {
        (job.refusal, job.isTakenBack) = (why, true)
        return .tell(.writeSetPoint(0))
    }

    /// In turn until all three show it, the mode last, as in a look.
    private func lookClosed(_ job: inout BronkhorstJob, at now: Moment) -> DialogueMove<ProParQuestion> {
        let order: [ProParParameter] = [.setPoint, .measure, .mode]
        // Told while it was a stranger: its numbers mean nothing yet.
        guard capacity != nil else {
            guard now.wire - (job.since ?? now.wire) < Self.closeTimeout else { return giveUp(job) }
            return .ask(.read(.capacity))
        }
        if job.looks > 0, job.looks % order.count == 0 {
            if isClosed { return .end(.done) }
            guard now.wire - (job.since ?? now.wire) < Self.closeTimeout else { return giveUp(job) }
            job.waits.toggle()
            if job.waits { return .wait(Self.lookInterval) }
        }
        defer { job.looks += 1 }
        return .ask(.read(order[job.looks % order.count]))
    }

    private func giveUp(_ job: BronkhorstJob) -> DialogueMove<ProParQuestion> {
        let why = job.refusal.map { " (it \($0))" } ?? ""
        return .end(.failed("\(name) was told to close and shows \(words)\(why): shut the gas off by hand"))
    }
}
