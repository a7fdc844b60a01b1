import DeviceModel
import Quantities

/// A command on its way: looked at, put into the queue that stands, let go, and watched until the arm has come to its end.
struct DobotJob: Sendable {
    enum Goal: Hashable, Sendable {
        case pick(DobotPose)
        case place(DobotPose)
        case park(DobotPose)
        case halt
    }

    let goal: Goal
    /// What is still to be answered before the next judgement.
    var toAsk: [DobotQuestion]
    /// What is still to be told.
    var toTell: [DobotQuestion] = []
    /// Where it must be in the end.
    var target: DobotPose?
    var lastIndex: UInt64?
    /// When all was told.
    var toldAt: Moment?

    var isHalt: Bool { goal == .halt }
}

extension DobotMagician {
    /// How long a motion that is under way may take to come to its end after a stop.
    static let standTimeout = WireDuration.seconds(5)
    private static let everything: [DobotQuestion] = [.alarms, .pose]

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<DobotJob> {
        switch command {
        case .robot(.pick(let station)): return start(station) { .pick($0) }
        case .robot(.place(let station)): return start(station) { .place($0) }
        case .robot(.park):
            guard let park = configuration.park else {
                return .refused("robot \(name) has no park in the bench file: name the station above which it parks")
            }
            return start(park) { .park($0) }
        case .robot(.halt): return .job(DobotJob(goal: .halt, toAsk: [], toTell: [.stopQueue, .clearQueue]))
        default: return .refused("robot \(name) is an arm without power, brakes or a program of its own")
        }
    }

    private func start(_ station: String, _ goal: (DobotPose) -> DobotJob.Goal) -> DialogueStart<DobotJob> {
        guard let pose = configuration.pose(of: station) else {
            let known = configuration.stations.map(\.name).joined(separator: ", ")
            return .refused("robot \(name) has no station \(station); it has \(known)")
        }
        return .job(DobotJob(goal: goal(pose), toAsk: Self.everything))
    }

    mutating func proceed(_ job: inout DobotJob, at now: Moment) -> DialogueMove<DobotQuestion> {
        if let question = job.toAsk.first { return .ask(question) }
        if !job.isHalt, let fault { return .end(job.toldAt == nil ? .refused(fault) : .failed(fault)) }
        if job.target == nil, !job.isHalt {
            guard isStanding else { return .end(.refused("robot \(name) moves: wait, or halt it")) }
            plan(&job)
        }
        if let word = job.toTell.first { return tell(word, &job, at: now) }
        guard let toldAt = job.toldAt else { return .end(.failed("robot \(name) was told nothing")) }
        return job.isHalt ? watchHalt(&job, toldAt, at: now) : watch(&job, toldAt, at: now)
    }

    mutating func answered(_ job: inout DobotJob, _ answer: DobotAnswer, to question: DobotQuestion, at now: Moment) {
        job.toAsk.removeAll { $0 == question }
        guard case .taken(let index) = answer else { return }
        if job.toTell.first == question, !job.isHalt { job.toTell.removeFirst() }
        if let index { job.lastIndex = index }
        if question == .startQueue { awaited = job.lastIndex }
    }

    // MARK: What is told

    /// The queue stands while it is filled. Up first, so that nothing is dragged along.
    private func plan(_ job: inout DobotJob) {
        let (station, grip): (DobotPose, Bool?) =
            switch job.goal {
            case .pick(let pose): (pose, true)
            case .place(let pose): (pose, false)
            case .park(let pose): (pose, nil)
            case .halt: (DobotPose(x: 0, y: 0, z: 0, r: 0), nil)
            }
        var above = station
        above.z += configuration.approach
        var steps: [DobotQuestion] = [.stopQueue, .clearQueue]
        if var lift = pose, lift.z < above.z {
            lift.z = above.z
            steps.append(.move(lift))
        }
        steps.append(.move(above))
        if let grip { steps += [.move(station), .grip(configuration.tool, grip), .move(above)] }
        job.toTell = steps + [.startQueue]
        job.target = above
    }

    private mutating func tell(_ word: DobotQuestion, _ job: inout DobotJob, at now: Moment) -> DialogueMove<
        DobotQuestion
    > {
        // What makes safe is told whatever is answered.
        if job.isHalt { job.toTell.removeFirst() }
        job.toldAt = now
        if job.isHalt, job.toTell.isEmpty {
            awaited = nil
            forgetPose()
            job.toAsk = [.pose]
        }
        return .tell(word)
    }

    // MARK: What came of it

    /// Its index says that the queue is through; the pose, that the arm is there.
    private func watch(_ job: inout DobotJob, _ toldAt: Moment, at now: Moment) -> DialogueMove<DobotQuestion> {
        if isStanding, let index, index == job.lastIndex, let pose,
            let target = job.target,
            pose.isNear(target, within: Self.precision)
        {
            return .end(.done)
        }
        guard now.bench - toldAt.bench < configuration.moveTimeout else {
            let shown = pose.map(\.words) ?? "no pose"
            return .end(
                .failed(
                    "robot \(name) was told \(job.target.map(\.words) ?? "nothing") and shows \(shown) after "
                        + "\(configuration.moveTimeout.seconds) s: look what holds it"))
        }
        job.toAsk = [.index, .pose, .alarms]
        return .wait(Self.lookInterval)
    }

    private func watchHalt(_ job: inout DobotJob, _ toldAt: Moment, at now: Moment) -> DialogueMove<DobotQuestion> {
        if isStanding { return .end(.done) }
        guard now.wire - toldAt.wire < Self.standTimeout else {
            return .end(.failed("robot \(name) was told to stop and still moves: switch off its power"))
        }
        job.toAsk = [.pose]
        return .wait(Self.lookInterval)
    }
}
