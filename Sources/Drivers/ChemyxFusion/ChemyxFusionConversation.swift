import DeviceModel
import Interlocks
import Quantities

/// One question out at a time: writing it, gathering its reply, giving it up.
extension ChemyxFusion {
    /// Writes the next question when none is out: a command's first, then identity, then polls.
    mutating func advance(at now: Moment) -> [DriverEffect] {
        guard exchange == nil else { return [] }
        if case .closed = phase { return [] }
        if lineMayBeTorn { return ask(.spoil, .query, at: now) }
        startQueuedRun(at: now)
        if let job {
            return now.wire >= job.notBefore ? ask(job.question(of: self), job.authority, at: now) : []
        }
        switch phase {
        case .closed: return []
        case .identifying(let step): return ask(question(of: step), .query, at: now)
        case .foreign(let retryAt): return now.wire >= retryAt ? identify(at: now) : []
        case .ready: return now.wire >= nextPoll ? poll(at: now) : []
        }
    }

    mutating func ask(_ question: ChemyxQuestion, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        let line = question.line(channel: configuration.channel)
        reader.reset()
        remember(line)
        exchange = Exchange(
            question: question, line: line, drains: question == .spoil, askedAt: now.wire,
            expires: now.wire + Self.replyTimeout)
        let right = question.isQuestionOnly ? WriteAuthority.query : authority
        return [.send(Array(line.utf8) + [0x0d], right)]
    }

    mutating func identify(at now: Moment) -> [DriverEffect] {
        phase = .identifying(.parameters)
        return [.state(.identifying)] + advance(at: now)
    }

    private func question(of step: IdentityStep) -> ChemyxQuestion {
        switch step {
        case .parameters: .parameters
        case .help: .help
        case .limits: .limits
        case .status: .status(short: usesShortStatus)
        }
    }

    /// Status and volume in turn; now and then the settings, which its panel or a power cycle may have changed.
    private mutating func poll(at now: Moment) -> [DriverEffect] {
        nextPoll = now.wire + configuration.poll
        if now.wire >= nextSettingsLook {
            nextSettingsLook = now.wire + Self.settingsInterval
            return ask(.parameters, .query, at: now)
        }
        defer { pollsStatusNext.toggle() }
        return ask(pollsStatusNext ? .status(short: usesShortStatus) : .dispensedVolume, .query, at: now)
    }

    /// Forgets the question that is out; its reply, and what of it stands half-written, must not be taken for another's.
    mutating func abandonExchange() {
        exchange = nil
        lineMayBeTorn = true
    }

    func replyDeadline(of exchange: Exchange) -> WireInstant {
        guard let lastByteAt = exchange.lastByteAt else {
            return exchange.drains ? exchange.askedAt + Self.drainSilence : exchange.expires
        }
        return min(exchange.expires, lastByteAt + (exchange.drains ? Self.drainGap : Self.replyGap))
    }

    mutating func received(_ bytes: [UInt8], at now: Moment) -> [DriverEffect] {
        for byte in bytes {
            guard exchange != nil else { break }
            exchange?.lastByteAt = now.wire
            guard reader.append(byte) else { continue }
            if let effects = replyEnded(at: now) { return effects }
        }
        return []
    }

    /// A prompt came. One that ends nothing of ours belongs to an earlier reply.
    private mutating func replyEnded(at now: Moment) -> [DriverEffect]? {
        guard let exchange, !exchange.drains else { return nil }
        let lines = content(of: exchange)
        if echoes == nil, let first = lines.first, first != exchange.line, asked.contains(first) {
            // An echo of what was asked before: this pump repeats its requests, and is late.
            echoes = true
            reader.reset()
            return nil
        }
        guard !lines.isEmpty else {
            if echoes == true { reader.reset() }
            return nil
        }
        return replied(exchange, lines, at: now)
    }

    mutating func remember(_ line: String) {
        asked.append(line)
        if asked.count > Self.rememberedLines { asked.removeFirst() }
    }

    /// The reply's lines so far; none before the echo, from a pump that echoes.
    private func content(of exchange: Exchange) -> [String] {
        let content = reader.content(after: exchange.line)
        return content.echoed || echoes != true ? content.lines : []
    }

    mutating func deadlinePassed(at now: Moment) -> [DriverEffect] {
        guard let exchange, now.wire >= replyDeadline(of: exchange) else { return advance(at: now) }
        if exchange.drains { return drained(exchange, at: now) }
        let lines = content(of: exchange)
        if ChemyxCodec.answer(to: exchange.question, lines, channel: configuration.channel) != nil {
            return replied(exchange, lines, at: now)
        }
        self.exchange?.lastByteAt = nil
        return now.wire >= exchange.expires ? noAnswer(to: exchange, lines, at: now) : []
    }

    /// The line is silent again, and begins anew.
    private mutating func drained(_ exchange: Exchange, at now: Moment) -> [DriverEffect] {
        self.exchange = nil
        lineMayBeTorn = false
        if exchange.question == .stop, case .stop(var stop) = job {
            stop.isSent = true
            job = .stop(stop)
        }
        return advance(at: now)
    }

    private mutating func replied(_ exchange: Exchange, _ lines: [String], at now: Moment) -> [DriverEffect] {
        guard let answer = ChemyxCodec.answer(to: exchange.question, lines, channel: configuration.channel) else {
            return noAnswer(to: exchange, lines, at: now)
        }
        if echoes == nil { echoes = reader.content(after: exchange.line).echoed }
        self.exchange = nil
        if answer != .invalidCommand { silences = 0 }
        return answered(exchange, answer, at: now) + advance(at: now)
    }

    /// Silence or nonsense. A question is asked again; a command is not, and fails.
    private mutating func noAnswer(to exchange: Exchange, _ lines: [String], at now: Moment) -> [DriverEffect] {
        abandonExchange()
        silences += 1
        let shown = lines.prefix(2).joined(separator: " | ").prefix(80)
        let what = lines.isEmpty ? "did not answer `\(exchange.line)`" : "answered `\(exchange.line)` with \"\(shown)\""
        if silences >= Self.maximumSilences {
            if case .identifying = phase, !lines.isEmpty { return foreign("\(device) \(what)", at: now) }
            return reopen("pump \(device) \(what); \(silences) failures in a row")
        }
        let effects = exchange.question.isQuestionOnly ? [] : commandLost(exchange.question, what)
        return effects + advance(at: now)
    }

    /// What answers is not a Chemyx pump, or not in a state to be one: it is asked again later.
    mutating func foreign(_ reason: String, at now: Moment) -> [DriverEffect] {
        phase = .foreign(retryAt: now.wire + Self.identityRetry)
        silences = 0
        return endCommands(.failed(reason)) + [
            .state(.faulted("\(reason); expected a Chemyx Fusion: check which device is on this link"))
        ]
    }

    mutating func reopen(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed(reason)) + [.state(.offline(reason)), .reopen(reason: reason)]
    }
}
