import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// What the board says, and what is said next.
extension FlowlabBoard {
    mutating func heard(_ heard: BoardLine.Heard, at now: Moment) -> [DriverEffect] {
        if case .closed = phase { return [] }
        switch heard {
        case .event(let event, let number): return took(event, number: number, at: now)
        case .silence(let flight): return silence(of: flight, at: now)
        case .answer(let flight, let body):
            let isGone = body.status == .noSession || body.status == .wrongSession
            if isGone, isInSession {
                return reopen("board \(name) has another session: it has started anew, or serves another host")
            }
            return answered(flight, body, at: now)
        }
    }

    private mutating func answered(
        _ flight: BoardLine.Flight, _ body: BoardAnswerBody, at now: Moment
    ) -> [DriverEffect] {
        switch flight.task.asker {
        case .heartbeat: return heartbeat(flight, body, at: now)
        case .clock:
            if let answer = ClockRequest.Answer(payload: body.fields) {
                learnTime(flight.sentAt, answer.received, answer.sent, now.wire)
            }
            return []
        case .job: return stopped(flight, body)
        case .relayed(let id): return [.relayed(RelayReply(id: id, outcome: body.outcome))]
        case .scheduling(let id): return schedule.answered(id, body, sequence: flight.sequence, at: now)
        case .session:
            switch (phase, flight.task.message.type) {
            case (.greeting, HelloRequest.type): return greeted(body, at: now)
            case (.clearing, ClearRequest.type): return cleared(body, at: now)
            case (.configuring(let index), _): return configured(index, body, at: now)
            default: return []
            }
        }
    }

    private mutating func stopped(_ flight: BoardLine.Flight, _ body: BoardAnswerBody) -> [DriverEffect] {
        let ids = stops
        stops = []
        guard let answer = StopRequest.Answer(payload: body.fields), answer.active == 0 else {
            return ids.map { .finished($0, .failed("board \(name) was told to stop and says: \(body.status.words)")) }
        }
        return ids.map { .finished($0, .done) } + [.readBack(quiet(askedAt: flight.sentAt))]
    }

    private func quiet(askedAt: WireInstant) -> SafeStateReadBack {
        SafeStateReadBack(isSafe: true, detail: "nothing on it is on", askedAt: askedAt)
    }

    private mutating func learnTime(_ sent: WireInstant, _ received: UInt32, _ answered: UInt32, _ now: WireInstant) {
        let sample = ClockHull.Sample(
            hostSent: sent, boardReceived: received, boardSent: answered, hostReceived: now)
        _ = clock.add(sample)
    }

    // MARK: Heartbeats

    private mutating func heartbeat(
        _ flight: BoardLine.Flight, _ body: BoardAnswerBody, at now: Moment
    ) -> [DriverEffect] {
        guard body.status == .ok, let beat = HeartbeatRequest.Answer(payload: body.fields) else { return [] }
        missed = 0
        learnTime(flight.sentAt, beat.received, beat.sent, now.wire)
        // What was dropped from the board's ring is not waited for.
        if beat.events &- eventsSeen > UInt8(BoardDictionary.eventRing) {
            eventsSeen = beat.events &- UInt8(BoardDictionary.eventRing)
        }
        var effects = readings(flight, beat, at: now)
        if beat.active == 0 { effects.append(.readBack(quiet(askedAt: flight.sentAt))) }
        if beat.state == .fault { return effects + fault(beat.fault, nil, at: now) }
        if isReady, beat.state != .ready || beat.configuration != configurationSum.told {
            return effects + reopen("board \(name) has lost its configuration")
        }
        guard isReady, flight.sentAt >= readyAt + Self.provenClear else { return effects }
        defer { clears = [] }
        return effects + clears.map { .finished($0, .done) }
    }

    private func readings(
        _ flight: BoardLine.Flight, _ beat: HeartbeatRequest.Answer, at now: Moment
    ) -> [DriverEffect] {
        func reading(_ quantity: String, _ value: Double, _ unit: Unit, _ quality: Quality = .good) -> DriverEffect {
            .reading(Reading(SignalName(.board, name, quantity), value, unit, quality: quality, at: now))
        }
        let uncertainty = clock.boardTime(of: now.wire)?.uncertainty
        return [
            reading("state", Double(beat.state.code), .code), reading("fault", Double(beat.fault.code), .code),
            reading("round_trip", (now.wire - flight.sentAt).seconds, .seconds),
            reading("clock.uncertainty", uncertainty?.seconds ?? 0, .seconds, uncertainty == nil ? .bad : .good),
            reading("frames.dropped", Double(beat.dropped), .code),
        ]
    }

    // MARK: Events

    private mutating func took(_ event: BoardEvent, number: UInt8, at now: Moment) -> [DriverEffect] {
        if case .booted(let start) = event {
            guard isInSession else { return [] }
            return reopen("board \(name) has started anew, \(start.resetCause.words)")
        }
        guard isInSession, number == eventsSeen &+ 1 else { return [] }
        eventsSeen = number
        switch event {
        case .executed(let executed): return schedule.executed(executed)
        case .faulted(let faulted):
            let place = faulted.channel == BoardDictionary.noChannel ? "" : "channel \(faulted.channel), "
            return fault(faulted.fault, place + "value \(faulted.value)", at: now)
        case .ended, .input, .booted: return []
        }
    }

    // MARK: Silence, and what comes next

    mutating func deadlinePassed(at now: Moment) -> [DriverEffect] {
        let (said, silent) = line.expire(at: now)
        var effects = said + silent.flatMap { heard($0, at: now) }
        switch phase {
        case .greeting(let until) where until <= now.wire && !line.awaits(.session):
            effects += reopen("board \(name) does not answer: is it flashed with flowlab's firmware?")
        case .foreign(let retryAt) where retryAt <= now.wire:
            effects += [.state(.identifying)] + greet(at: now)
        case .faulted(let retryAt?) where retryAt <= now.wire: effects += [.state(.identifying)] + greet(at: now)
        default: break
        }
        return effects + advance(at: now)
    }

    private mutating func silence(of flight: BoardLine.Flight, at now: Moment) -> [DriverEffect] {
        switch flight.task.asker {
        case .heartbeat:
            missed += 1
            guard missed >= Self.mostMissed else { return [] }
            return reopen("board \(name) has not answered \(missed) heartbeats")
        case .clock: return []
        case .relayed(let id):
            let failed = DriverEffect.relayed(RelayReply(id: id, outcome: .failed("it did not answer")))
            if flight.isStale { return [.relayed(RelayReply(id: id, outcome: .refusedByTrip))] }
            return flight.tries < BoardLine.mostTries
                ? [failed] : [failed] + reopen("board \(name) did not answer \(flight.tries) times")
        case .scheduling(let id):
            // A trip has taken back what waits.
            if flight.isStale { return [] }
            return schedule.lost(id) + reopen("board \(name) did not answer \(flight.tries) times")
        case .job:
            defer { stops = [] }
            return stops.map { .finished($0, .failed("board \(name) was told to stop and did not answer")) }
        case .session:
            guard case .greeting(let until) = phase else {
                return flight.task.isUrgent ? [] : reopen("board \(name) did not answer \(flight.tries) times")
            }
            // It may have begun the session and have latched its dead-man fault since: only another one ends that.
            return now.wire < until ? greet(until: until, at: now) : []
        }
    }

    /// What is due now goes out.
    mutating func advance(at now: Moment) -> [DriverEffect] {
        guard isInSession else { return line.pump(at: now) }
        if nextHeartbeat <= now.wire { addBeat(at: now) }
        var effects: [DriverEffect] = []
        if isReady {
            let (tasks, failed) = schedule.due(at: now, clock)
            for task in tasks { line.add(task) }
            effects += failed
        }
        return effects + line.pump(at: now)
    }

    private mutating func addBeat(at now: Moment) {
        if isReady, quickLooksLeft > 0 {
            quickLooksLeft -= 1
            nextHeartbeat = now.wire + Self.quickInterval
            // Every fifth feeds the board.
            guard quickLooksLeft % 5 == 0 else {
                if !line.awaits(.clock) { line.add(BoardErrand(.clock, ClockRequest())) }
                return
            }
        } else {
            nextHeartbeat = now.wire + Self.heartbeat
        }
        guard !line.awaits(.heartbeat) else { return }
        line.add(BoardErrand(.heartbeat, HeartbeatRequest(session: session, eventsSeen: eventsSeen)))
    }
}

extension BoardAnswerBody {
    fileprivate var outcome: RelayReply.Outcome { status == .ok ? .answer(fields) : .refused(status.code) }
}
