import DeviceModel
import Quantities
import Wire

/// A command on its way: looked at first, told once, and looked at until the state shows it. What makes safe is told first.
struct PanelJob: Sendable {
    enum Goal: Hashable, Sendable {
        case powerOn, powerOff, brakesReleased, playing, unlocked, standing
    }

    let goal: Goal
    /// What is still to be answered before the next judgement.
    var toAsk: [PanelQuestion]
    var told: PanelQuestion?
    var toldAt: Moment?
    var tellings = 0
    /// What the controller said to what it was told last; nil: nothing, or not yet.
    var said: String?

    var makesSafe: Bool { goal == .standing || goal == .powerOff }

    /// What tells it.
    var word: PanelQuestion {
        switch goal {
        case .powerOn: .powerOn
        case .powerOff: .powerOff
        case .brakesReleased: .releaseBrakes
        case .playing: .play
        case .unlocked: .unlock
        case .standing: .stop
        }
    }

    /// What shows whether it is so.
    var proof: [PanelQuestion] {
        switch goal {
        case .powerOn, .powerOff, .brakesReleased: [.mode]
        case .playing: [.program]
        case .unlocked: [.safety]
        case .standing: [.program, .mode]
        }
    }
}

extension URDashboard {
    static let lookInterval = WireDuration.milliseconds(200)
    /// What makes safe is told again after so long.
    static let againAfter = WireDuration.milliseconds(1000)
    static let mostTellings = 4
    /// Source: the Dashboard server's own refusal.
    static let unlockAfter = WireDuration.seconds(5)

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<PanelJob> {
        guard case .robot(let command) = command else {
            return .refused("\(name) is a robot's controller and does not understand this command")
        }
        switch command {
        case .power(on: true): return .job(PanelJob(goal: .powerOn, toAsk: looks))
        case .releaseBrakes: return .job(PanelJob(goal: .brakesReleased, toAsk: looks))
        case .play: return .job(PanelJob(goal: .playing, toAsk: looks))
        case .unlock: return .job(PanelJob(goal: .unlocked, toAsk: looks))
        case .power(on: false):
            mustStand = true
            return .job(PanelJob(goal: .powerOff, toAsk: []))
        case .halt:
            mustStand = true
            return .job(PanelJob(goal: .standing, toAsk: []))
        case .pick, .place, .park:
            return .refused("\(name) is the panel of a robot: pick, place and park are for the arm")
        }
    }

    mutating func proceed(_ job: inout PanelJob, at now: Moment) -> DialogueMove<PanelQuestion> {
        if let question = job.toAsk.first { return .ask(question) }
        guard let toldAt = job.toldAt else { return start(&job, at: now) }
        if let refusal = refusal(of: job) { return .end(.refused(refusal)) }
        if isReached(job.goal) { return .end(.done) }
        if job.goal == .playing, job.told == .stop, program == .stopped { return tell(.play, &job, at: now) }
        if job.makesSafe, now.wire - toldAt.wire >= Self.againAfter, job.tellings < Self.mostTellings {
            return tell(job.word, &job, at: now)
        }
        if isOverdue(job, toldAt, at: now) { return .end(.failed(overdue(job))) }
        job.toAsk = job.proof
        return .wait(Self.lookInterval)
    }

    mutating func answered(_ job: inout PanelJob, _ answer: PanelAnswer, to question: PanelQuestion, at now: Moment) {
        job.toAsk.removeAll { $0 == question }
        if case .said(let text) = answer, question == job.told { job.said = text }
    }

    // MARK: Steps

    private mutating func start(_ job: inout PanelJob, at now: Moment) -> DialogueMove<PanelQuestion> {
        guard !job.makesSafe else { return tell(job.word, &job, at: now) }
        if job.goal != .unlocked, isReached(job.goal) { return .end(.done) }
        if let why = objection(to: job.goal, at: now) { return .end(.refused("\(name) \(why)")) }
        if job.goal == .playing {
            mustStand = false
            // A program that is played from a pause goes on in the middle of its motion.
            if program == .paused { return tell(.stop, &job, at: now) }
        }
        return tell(job.word, &job, at: now)
    }

    private func tell(_ word: PanelQuestion, _ job: inout PanelJob, at now: Moment) -> DialogueMove<PanelQuestion> {
        (job.told, job.toldAt, job.said) = (word, now, nil)
        job.tellings += 1
        job.toAsk = job.proof
        return .tell(word)
    }

    private func isReached(_ goal: PanelJob.Goal) -> Bool {
        switch goal {
        case .powerOn: mode.map { PanelCodes.powered.contains($0) } ?? false
        case .powerOff: mode == Self.powerOff
        case .brakesReleased: mode == "RUNNING"
        case .playing: program == .playing
        case .unlocked: safety.map { PanelCodes.usable.contains($0) } ?? false
        case .standing: program.map { $0 != .playing } ?? false || mode == Self.powerOff
        }
    }

    // MARK: Why not

    /// By the looks that were just taken. Goes on after the panel's name.
    private func objection(to goal: PanelJob.Goal, at now: Moment) -> String? {
        guard isRemote ?? false else { return "is not in remote control: switch it over at the pendant" }
        let status = safety ?? "unknown"
        switch goal {
        case .unlocked: return unlockObjection(status, at: now)
        case .powerOn, .brakesReleased, .playing:
            guard PanelCodes.usable.contains(status) else {
                return "shows safety status \(status): look why, and release it first"
            }
        case .powerOff, .standing: return nil
        }
        if goal == .brakesReleased, mode != "IDLE" {
            return "shows robot mode \(mode ?? "unknown"), expected IDLE: power it on first"
        }
        if goal == .playing, mode != "RUNNING" {
            return "shows robot mode \(mode ?? "unknown"), expected RUNNING: power it on and release the brakes first"
        }
        return nil
    }

    private func unlockObjection(_ status: String, at now: Moment) -> String? {
        guard status == Self.protectiveStop else {
            return "shows safety status \(status), and only a PROTECTIVE_STOP can be unlocked"
        }
        guard let since = protectiveSince, now.wire - since < Self.unlockAfter else { return nil }
        return "stands in a protective stop for \(shortDecimal((now.wire - since).seconds, 1)) s, expected "
            + "\(Self.unlockAfter.seconds) s at least: look at its cause first"
    }

    /// The controller's own words, where it declined; what makes safe is proven by the state alone.
    private func refusal(of job: PanelJob) -> String? {
        guard !job.makesSafe, let told = job.told, let said = job.said, let consent = told.consent else { return nil }
        guard !said.hasPrefix(consent) else { return nil }
        return "\(name) answered `\(told.line)` with \"\(said.prefix(160))\""
    }

    private func isOverdue(_ job: PanelJob, _ toldAt: Moment, at now: Moment) -> Bool {
        guard job.makesSafe else { return now.bench - toldAt.bench >= configuration.changeTimeout }
        return now.wire - toldAt.wire >= Self.againAfter
    }

    private func overdue(_ job: PanelJob) -> String {
        let words = [
            "robot mode \(mode ?? "unknown")", "safety status \(safety ?? "unknown")",
            "program \(program?.rawValue ?? "unknown")",
        ]
        let said = job.said.map { " it answered \"\($0.prefix(160))\";" } ?? ""
        return "\(name) was told `\(job.word.line)` and shows \(words.joined(separator: ", "));\(said) "
            + (job.makesSafe ? "stop it at the pendant, or by its emergency stop" : "look at the pendant")
    }
}
