import DeviceModel
import Interlocks
import Quantities

/// An output that somebody wants to have a level.
struct IOOrder: Sendable {
    let id: CommandID
    let authority: WriteAuthority
    let output: IOOutput
    let isOn: Bool
}

/// Outputs on their way to their levels: looked at, written where they differ, and looked at until they show it. The
/// safe state is written before any look.
struct IOJob: Sendable {
    struct Goal: Sendable {
        let output: IOOutput
        let isOn: Bool
    }

    var ids: [CommandID]
    let authority: WriteAuthority
    let makesSafe: Bool
    let goals: [Goal]
    /// What shows whether the goals are reached.
    let blocks: [IOBlock]
    var toWrite: [Goal] = []
    var toRead: [IOBlock] = []
    var isWritten = false
    var looks = 0
    var notBefore = WireInstant.zero

    /// nil: nothing is left to ask.
    var question: IOQuestion? {
        if let goal = toWrite.first { return .writeCoil(goal.output.coil, on: goal.isOn) }
        return toRead.first.map { .block($0) }
    }
}

extension ModbusIO {
    mutating func enqueue(
        _ id: CommandID, _ authority: WriteAuthority, _ name: String, _ isOn: Bool, at now: Moment
    ) -> [DriverEffect] {
        guard case .ready = phase else {
            return [.finished(id, .refused("I/O module \(device) is not ready: wait until it is identified"))]
        }
        guard let output = configuration.outputs.first(where: { $0.name == name }) else {
            let known = configuration.outputs.map(\.name).joined(separator: ", ")
            let text = "I/O module \(device) has no output \(name); it has \(known.isEmpty ? "none" : known)"
            return [.finished(id, .refused(text))]
        }
        guard queue.count < Self.maximumQueued else {
            return [.finished(id, .refused("I/O module \(device) has \(queue.count) commands waiting"))]
        }
        queue.append(IOOrder(id: id, authority: authority, output: output, isOn: isOn))
        return advance(at: now)
    }

    /// What comes next when nothing is under way.
    mutating func begin() {
        guard job == nil, case .ready = phase, !queue.isEmpty else { return }
        let order = queue.removeFirst()
        let blocks = configuration.blocks(showing: [order.output])
        job = IOJob(
            ids: [order.id], authority: order.authority, makesSafe: false,
            goals: [IOJob.Goal(output: order.output, isOn: order.isOn)], blocks: blocks, toRead: blocks)
    }

    /// Goes before all, in every phase of an open link.
    mutating func makeSafe(_ id: CommandID, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        var effects = queue.map {
            DriverEffect.finished($0.id, .refused("the outputs were made safe before it began"))
        }
        queue = []
        var ids = [id]
        if let job, job.makesSafe, job.ids.count < Self.maximumJoined {
            ids = job.ids + ids
        } else if job?.makesSafe ?? false {
            effects += finishJob(.failed("made safe too often at once"))
        } else {
            effects += finishJob(.failed("the outputs were made safe before it was confirmed"))
        }
        let goals = configuration.outputs.map { IOJob.Goal(output: $0, isOn: $0.isOnWhenSafe) }
        job = IOJob(
            ids: ids, authority: authority, makesSafe: true, goals: goals, blocks: configuration.outputBlocks,
            toWrite: goals)
        guard !goals.isEmpty else { return effects + finishJob(.done) }
        return effects + ask(job?.question, authority, at: now, isOfJob: true)
    }

    mutating func finishJob(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { job = nil }
        return (job?.ids ?? []).map { .finished($0, outcome) }
    }

    /// The bus says that it was written; what it did is read back next.
    mutating func written(_ question: IOQuestion, at now: Moment) -> [DriverEffect] {
        switch question {
        case .writeCoil: wroteOne()
        case .writeWatchdog: if case .identifying = phase { phase = .identifying(.checkWatchdog) }
        case .block, .watchdog: break
        }
        return []
    }

    private mutating func wroteOne() {
        guard var job, !job.toWrite.isEmpty else { return }
        job.toWrite.removeFirst()
        job.isWritten = true
        if job.toWrite.isEmpty { job.toRead = job.blocks }
        self.job = job
    }

    /// One output of the safe state that cannot be written must not keep the others from it.
    mutating func writeDeclined(_ what: String) -> [DriverEffect] {
        guard job?.makesSafe ?? false else { return finishJob(.refused(what)) }
        wroteOne()
        return []
    }

    mutating func writeLost(_ what: String) -> [DriverEffect] {
        guard job?.makesSafe ?? false else { return finishJob(.failed(what)) }
        wroteOne()
        return []
    }

    /// A block that the job asked for was read.
    mutating func progress(at now: Moment) -> [DriverEffect] {
        guard var job, !job.toRead.isEmpty else { return [] }
        job.toRead.removeFirst()
        self.job = job
        guard job.toRead.isEmpty else { return [] }
        let missed = job.goals.filter { !isAt($0.output, $0.isOn) }
        guard !missed.isEmpty else { return finishJob(.done) }
        guard job.isWritten else {
            self.job?.toWrite = missed
            return []
        }
        job.looks += 1
        guard job.looks < Self.maximumLooks else {
            let shown = missed.map { describe($0.output) }.joined(separator: ", ")
            return finishJob(.failed("I/O module \(device) was told and shows \(shown)"))
        }
        job.toRead = job.blocks
        job.notBefore = now.wire + Self.lookInterval
        self.job = job
        return []
    }
}
