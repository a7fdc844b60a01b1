import DeviceModel
import Interlocks
import Quantities

/// Commands, one after the other, and looks between them.
extension DialogueDriver {
    mutating func enqueue(_ order: Order, at now: Moment) -> [DriverEffect] {
        guard case .ready = phase else {
            let text = "\(device.name) is not ready: wait until it is identified"
            return [.finished(order.id, .refused(text))]
        }
        guard timed.isEmpty || order.command.consequence != .actuates else {
            let text = "\(device.name) has something to do at a set time: stop it first"
            return [.finished(order.id, .refused(text))]
        }
        guard queue.count < Self.maximumQueued else {
            return [.finished(order.id, .refused("\(device.name) has \(queue.count) commands waiting"))]
        }
        queue.append(order)
        return advance(at: now)
    }

    /// Goes before all, in every phase of an open link, and does not wait for anybody's answer.
    mutating func makeSafe(_ order: Order, at now: Moment) -> [DriverEffect] {
        var effects = queue.map {
            DriverEffect.finished($0.id, .refused("\(device.name) was made safe before it began"))
        }
        (queue, upkeep) = ([], nil)
        effects += endTimed(.failed("\(device.name) was made safe before its time came"))
        var ids = [order.id]
        if let running, running.makesSafe, running.ids.count < Self.maximumJoined {
            ids = running.ids + ids
        } else {
            effects += finish(.failed("\(device.name) was made safe before it was done"))
        }
        running = nil
        switch device.begin(order.command, at: now) {
        case .done: return effects + ids.map { .finished($0, .done) } + advance(at: now)
        case .refused(let why): return effects + ids.map { .finished($0, .refused(why)) } + advance(at: now)
        case .job(let job):
            // Whatever answers a request that is out has its number.
            if exchange?.request != nil { exchange = nil }
            let isClean = exchange == nil && drain == nil
            running = Running(ids: ids, authority: order.authority, consequence: .makesSafe, job: job)
            if isClean { return effects + advance(at: now) }
            return effects + tellAtOnce(at: now)
        }
    }

    /// The first write of a job that makes safe, while an answer is due or the line is not silent yet: what comes now is
    /// nobody's.
    private mutating func tellAtOnce(at now: Moment) -> [DriverEffect] {
        guard var begun = running else { return [] }
        let move = device.proceed(&begun.job, at: now)
        running = begun
        guard case .tell(let question) = move else { return advance(at: now) }
        abandonExchange(at: now)
        return [sending(question, by: begun.authority, urgent: true)]
    }

    mutating func finish(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { running = nil }
        return (running?.ids ?? []).map { .finished($0, outcome) }
    }

    /// What comes next when no answer is due.
    mutating func advance(at now: Moment) -> [DriverEffect] {
        var effects: [DriverEffect] = []
        var moves = 0
        while exchange == nil, drain == nil, now.wire >= notBefore {
            if let kept = dueUpkeep(at: now) { return effects + kept }
            if let index = dueLook(at: now), isBetween(at: now) {
                lookIndex = index
                nextLook = now.wire + device.times.poll
                return effects + ask(device.looks[index], by: nil, isOfJob: false, at: now)
            }
            if running != nil {
                guard isDue(at: now) else { return effects }
                moves += 1
                guard moves <= Self.mostMoves else {
                    effects += finish(.failed("\(device.name) makes no progress"))
                    continue
                }
                effects += step(at: now)
            } else if case .ready = phase, !queue.isEmpty {
                effects += begin(queue.removeFirst(), at: now)
            } else if case .identifying(let index) = phase, index < device.identification.count {
                return effects + ask(device.identification[index], by: nil, isOfJob: false, at: now)
            } else {
                return effects
            }
        }
        return effects
    }

    /// When what goes on is said again; nil where nothing does.
    var upkeepDueAt: WireInstant? {
        guard let upkeep, running == nil, device.upkeep != nil else { return nil }
        let due = max(upkeep.dueAt, notBefore)
        return timed.values.contains { $0.at - Self.upkeepPause <= due } ? nil : due
    }

    /// Goes on with what the last command began, by its right: a trip has ended that.
    private mutating func dueUpkeep(at now: Moment) -> [DriverEffect]? {
        guard case .ready = phase, let due = upkeepDueAt, due <= now.wire, let upkeep, let question = device.upkeep
        else { return nil }
        self.upkeep?.dueAt = now.wire + device.upkeepInterval
        return ask(question, by: upkeep.authority, isOfJob: false, at: now)
    }

    private func isDue(at now: Moment) -> Bool { running.map { now.wire >= $0.notBefore } ?? false }

    /// Nothing of a job is due just now.
    private func isBetween(at now: Moment) -> Bool {
        running == nil && queue.isEmpty || running != nil && !isDue(at: now)
    }

    private func dueLook(at now: Moment) -> Int? {
        guard case .ready = phase, now.wire >= nextLook, !device.looks.isEmpty else { return nil }
        return (lookIndex + 1) % device.looks.count
    }

    private mutating func begin(_ order: Order, at now: Moment) -> [DriverEffect] {
        switch device.begin(order.command, at: now) {
        case .done: return [.finished(order.id, .done)]
        case .refused(let why): return [.finished(order.id, .refused(why))]
        case .job(let job):
            running = Running(
                ids: [order.id], authority: order.authority, consequence: order.command.consequence, job: job)
            return []
        }
    }

    private mutating func step(at now: Moment) -> [DriverEffect] {
        guard var current = running else { return [] }
        let move = device.proceed(&current.job, at: now)
        running = current
        switch move {
        case .ask(let question): return ask(question, by: nil, isOfJob: true, at: now)
        case .tell(let question): return ask(question, by: current.authority, isOfJob: true, at: now)
        case .wait(let span):
            running?.notBefore = now.wire + span
            return []
        case .end(let outcome):
            if current.consequence == .actuates {
                upkeep = Upkeep(authority: current.authority, dueAt: now.wire + device.upkeepInterval)
            }
            return current.ids.flatMap { device.harvest(of: current.job, as: $0) } + finish(outcome)
        }
    }
}
