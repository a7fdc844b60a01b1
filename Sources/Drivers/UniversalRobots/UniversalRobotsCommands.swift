import DeviceModel
import Quantities

/// A command on its way: looked at first, told once, and watched until the program says what came of it.
struct RobotJob: Sendable {
    enum Goal: Hashable, Sendable {
        case pick(String)
        case place(String)
        case park
        case halt
    }

    let goal: Goal
    let code: UInt16
    var argument: UInt16 = 0
    /// What is still to be answered before the next judgement.
    var toAsk: [RobotQuestion]
    var told: RobotOrder?
    /// A halt may be told again.
    var toldAt: Moment?
    var tellings = 0

    var station: String {
        switch goal {
        case .pick(let station), .place(let station): "station \(station)"
        case .park, .halt: "its park position"
        }
    }
}

extension UniversalRobots {
    /// A halt that is not obeyed is told again after so long.
    static let haltAgainAfter = WireDuration.milliseconds(1000)
    static let mostHalts = 4
    private static let everything: [RobotQuestion] = [.contract, .safety, .controller]
    private static let progress: [RobotQuestion] = [.contract, .safety]

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<RobotJob> {
        switch command {
        case .robot(.pick(let station)): start(.pick(station), code: 1, station)
        case .robot(.place(let station)): start(.place(station), code: 2, station)
        case .robot(.park): .job(RobotJob(goal: .park, code: 3, toAsk: Self.everything))
        case .robot(.halt): .job(RobotJob(goal: .halt, code: 4, toAsk: []))
        default: .refused("robot \(name) is an arm: power, brakes, play and unlock are for its panel")
        }
    }

    private func start(_ goal: RobotJob.Goal, code: UInt16, _ station: String) -> DialogueStart<RobotJob> {
        guard let number = configuration.number(of: station) else {
            let known = configuration.stations.map(\.name).joined(separator: ", ")
            return .refused("robot \(name) has no station \(station); it has \(known)")
        }
        return .job(RobotJob(goal: goal, code: code, argument: number, toAsk: Self.everything))
    }

    mutating func proceed(_ job: inout RobotJob, at now: Moment) -> DialogueMove<RobotQuestion> {
        if job.goal != .halt, job.told != nil, let stop { return .end(.failed("robot \(name), \(stop)")) }
        if let question = job.toAsk.first { return .ask(question) }
        guard let toldAt = job.toldAt else { return beginMoving(&job, at: now) }
        if job.goal == .halt { return watchHalt(&job, toldAt, at: now) }
        if let outcome = outcome(of: job, at: now) { return .end(outcome) }
        job.toAsk = Self.progress
        return .wait(Self.lookInterval)
    }

    /// What got no answer stays to be asked.
    mutating func answered(_ job: inout RobotJob, _ answer: [UInt16], to question: RobotQuestion, at now: Moment) {
        job.toAsk.removeAll { $0 == question }
    }

    // MARK: Before it moves

    private mutating func beginMoving(_ job: inout RobotJob, at now: Moment) -> DialogueMove<RobotQuestion> {
        guard job.goal != .halt else { return tell(&job, at: now) }
        if let why = objection(to: job) { return .end(.refused("robot \(name) \(why)")) }
        return tell(&job, at: now)
    }

    private mutating func tell(_ job: inout RobotJob, at now: Moment) -> DialogueMove<RobotQuestion> {
        // Without a look at the registers any sequence may be the last one; a halt that is not obeyed is told again.
        let next = sequence.map(RobotOrder.sequence(after:)) ?? UInt16.max / 2
        let order = RobotOrder(code: job.code, argument: job.argument, sequence: next)
        sequence = next
        (job.told, job.toldAt) = (order, now)
        job.tellings += 1
        job.toAsk = job.goal == .halt ? Self.everything : Self.progress
        return .tell(.order(order))
    }

    /// By the looks that were just taken. Goes on after the robot's name.
    private func objection(to job: RobotJob) -> String? {
        if let stop { return "cannot move, \(stop)" }
        guard let contract else { return strangeness ?? "has not shown its registers" }
        if contract.isBusy {
            return "is busy with another command (sequence \(contract.sequence), done \(contract.done)): "
                + "wait for it, or halt the arm"
        }
        switch job.goal {
        case .pick(let station) where contract.isHolding:
            return "holds something already: place it before something is picked at \(station)"
        case .place(let station) where !contract.isHolding:
            return "holds nothing: pick something before it is placed at \(station)"
        case .pick, .place, .park, .halt: return nil
        }
    }

    // MARK: What came of it

    /// nil: it is under way.
    private func outcome(of job: RobotJob, at now: Moment) -> CommandOutcome? {
        guard let told = job.told, let toldAt = job.toldAt else { return nil }
        guard let contract else { return .failed("robot \(name) \(strangeness ?? "has not shown its registers")") }
        guard contract.sequence == told.sequence else {
            return .failed(
                "robot \(name) was given sequence \(contract.sequence) by somebody else while it did "
                    + "\(told.sequence): look which other program writes to registers 128 to 130")
        }
        guard contract.done == told.sequence else {
            guard now.bench - toldAt.bench >= configuration.moveTimeout else { return nil }
            return .failed(
                "robot \(name) has not \(contract.accepted == told.sequence ? "finished" : "begun") its command within "
                    + "\(configuration.moveTimeout.seconds) s: look where it stands")
        }
        guard contract.result == RobotResult.ok.rawValue else {
            let known = RobotResult(rawValue: contract.result)?.words(job.station)
            return .failed("robot \(name) \(known ?? "ended with result \(contract.result), which is unknown")")
        }
        return proof(of: job, contract)
    }

    /// What the program says is believed where the gripper and the place say so as well.
    private func proof(of job: RobotJob, _ contract: RobotContract) -> CommandOutcome {
        switch job.goal {
        case .pick where !contract.isHolding:
            .failed("robot \(name) says that it picked at \(job.station), and its gripper holds nothing")
        case .place where contract.isHolding:
            .failed("robot \(name) says that it placed at \(job.station), and its gripper still holds something")
        case .park where !contract.isClear:
            .failed("robot \(name) says that it parked, and register 136 does not show it clear")
        case .pick, .place, .park, .halt: .done
        }
    }

    private mutating func watchHalt(
        _ job: inout RobotJob, _ toldAt: Moment, at now: Moment
    ) -> DialogueMove<RobotQuestion> {
        if isStanding { return .end(.done) }
        if now.wire - toldAt.wire >= Self.haltAgainAfter {
            if job.tellings < Self.mostHalts { return tell(&job, at: now) }
            return .end(
                .failed(
                    "robot \(name) was told to halt \(job.tellings) times and still moves: "
                        + "stop it at its panel, or by its emergency stop"))
        }
        job.toAsk = Self.everything
        return .wait(Self.lookInterval)
    }
}
