import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// How a session begins, goes on and ends.
extension FlowlabBoard {
    // MARK: The link

    mutating func opened(at now: Moment) -> [DriverEffect] {
        let ended = endCommands(.failed("the link was opened anew"))
        line.reset()
        clock = ClockHull()
        return ended + [.state(.identifying)] + greet(at: now)
    }

    mutating func closed(_ reason: String) -> [DriverEffect] {
        phase = .closed
        line.reset()
        schedule = BoardSchedule()
        return endCommands(.failed("the link closed: \(reason)")) + [.state(.offline(reason))]
    }

    private mutating func endCommands(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { (stops, clears) = ([], []) }
        return (stops + clears).map { .finished($0, outcome) }
    }

    mutating func reopen(_ reason: String) -> [DriverEffect] {
        phase = .closed
        line.reset()
        schedule = BoardSchedule()
        return endCommands(.failed(reason)) + [.state(.offline(reason)), .reopen(reason: reason)]
    }

    // MARK: The beginning

    /// A number that the board has not seen: the host's time, which goes on.
    mutating func greet(until end: WireInstant? = nil, at now: Moment) -> [DriverEffect] {
        let time = UInt64(bitPattern: now.wall.nanoseconds ^ now.wire.nanoseconds)
        let drawn = UInt32(truncatingIfNeeded: time ^ (time >> 29))
        session = drawn == 0 || drawn == session ? session &+ 0x9e37_79b1 | 1 : drawn
        (eventsSeen, missed, quickLooksLeft) = (0, 0, 0)
        phase = .greeting(until: end ?? now.wire + Self.greetingTime)
        line.forgetQueue()
        return line.write(BoardErrand(.session, HelloRequest(session: session)), at: now)
    }

    mutating func greeted(_ body: BoardAnswerBody, at now: Moment) -> [DriverEffect] {
        guard body.status == .ok, let hello = HelloRequest.Answer(payload: body.fields) else {
            return foreign("answers hello with: \(body.status.words)", at: now)
        }
        if let why = configuration.difference(hello) { return foreign(why, at: now) }
        guard hello.session == session else {
            return foreign("did not begin the session that it was asked for", at: now)
        }
        nextHeartbeat = now.wire + Self.heartbeat
        identity =
            "\(hello.board) \(FlowlabBoardConfiguration.serial(hello)), firmware \(hello.firmwareMajor)."
            + "\(hello.firmwareMinor).\(hello.firmwarePatch), start \(hello.bootCount)"
        guard hello.state == .fault else { return configure(0, at: now) }
        guard hello.fault.endsWithSession || !clears.isEmpty else { return stayFaulted(hello.fault, nil) }
        phase = .clearing
        line.add(BoardErrand(.session, ClearRequest(session: session)))
        return []
    }

    mutating func cleared(_ body: BoardAnswerBody, at now: Moment) -> [DriverEffect] {
        if body.status == .sameSession { return greet(at: now) }
        guard body.status == .ok else { return stayFaulted(.other(body.status.code), body.status.words) }
        return configure(0, at: now)
    }

    /// All messages of the configuration, in their order.
    private var configurationMessages: [RelayMessage] {
        [RelayMessage(ConfigureBeginRequest())] + channels.map(\.configuration)
            + [RelayMessage(configurationSum.commit)]
    }

    var configurationSum: ConfigurationSum {
        channels.reduce(into: ConfigurationSum()) {
            $0.add(type: $1.configuration.type, payload: $1.configuration.payload)
        }
    }

    mutating func configure(_ index: Int, at now: Moment) -> [DriverEffect] {
        let messages = configurationMessages
        guard index < messages.count else { return becomeReady(at: now) }
        phase = .configuring(index)
        line.add(BoardErrand(.session, messages[index]))
        return []
    }

    mutating func configured(_ index: Int, _ body: BoardAnswerBody, at now: Moment) -> [DriverEffect] {
        guard body.status == .ok else {
            let what =
                index > 0 && index <= channels.count ? "channel \(channels[index - 1].number)" : "its configuration"
            // The next heartbeat says which fault it is.
            if body.status == .faulted { return [] }
            return foreign("does not take \(what): \(body.status.words)", at: now)
        }
        return configure(index + 1, at: now)
    }

    private mutating func becomeReady(at now: Moment) -> [DriverEffect] {
        phase = .ready
        quickLooksLeft = Self.quickLooks
        (readyAt, nextHeartbeat) = (now.wire, now.wire)
        return [.state(.ready), .channels(.usable(identity: identity))]
    }

    mutating func foreign(_ why: String, at now: Moment) -> [DriverEffect] {
        phase = .foreign(retryAt: now.wire + Self.foreignRetry)
        line.forgetQueue()
        let text = "\(name) \(why)"
        return endCommands(.failed(text)) + [.state(.faulted(text))]
    }

    var isReady: Bool { if case .ready = phase { true } else { false } }

    // MARK: Faults

    /// The board has made everything safe, and stays so until a new session clears it.
    mutating func fault(_ kind: BoardFault, _ detail: String?, at now: Moment) -> [DriverEffect] {
        if case .faulted = phase { return [] }
        let wasReady = isReady
        let retry = kind.endsWithSession ? now.wire + Self.faultPause : nil
        let dropped = schedule.dropAll("board \(name) has latched a fault")
        let told = stayFaulted(kind, detail, retryAt: retry)
        return dropped + (wasReady ? [.channels(.gone(reason: faultText))] : []) + told
    }

    @discardableResult
    mutating func stayFaulted(_ kind: BoardFault, _ detail: String?, retryAt: WireInstant? = nil) -> [DriverEffect] {
        phase = .faulted(retryAt: retryAt)
        line.forgetQueue()
        let next =
            kind.endsWithSession ? "" : "; everything on it is off: mend the cause, then flowlabctl board \(name) clear"
        faultText = "board \(name): \(kind.words)" + (detail.map { " (\($0))" } ?? "") + next
        defer { clears = [] }
        return clears.map { .finished($0, .failed(faultText)) } + [.state(.faulted(faultText))]
    }

    mutating func clear(_ id: CommandID, at now: Moment) -> [DriverEffect] {
        switch phase {
        case .faulted: break
        case .ready: return [.finished(id, .done)]
        case .closed, .greeting, .clearing, .configuring, .foreign:
            return [.finished(id, .refused("board \(name) has latched no fault that could be cleared; see its state"))]
        }
        clears.append(id)
        return [.state(.identifying)] + greet(at: now)
    }
}

extension BoardFault {
    /// The cause is gone with the session in which it came: the host was away, or late. All others somebody must look at.
    var endsWithSession: Bool { self == .deadMan || self == .lateCommand }
}

extension RelayMessage {
    init<Message: BoardProtocol.BoardMessage>(_ message: Message) {
        self.init(type: Message.type, payload: message.payload)
    }
}

extension BoardErrand {
    init<Message: BoardProtocol.BoardMessage>(
        _ asker: BoardAsker, _ message: Message, _ authority: WriteAuthority = .query, isUrgent: Bool = false
    ) {
        self.init(asker, RelayMessage(message), authority, isUrgent: isUrgent)
    }
}
