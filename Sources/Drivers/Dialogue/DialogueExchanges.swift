import DeviceModel
import Interlocks
import Quantities

/// Questions, answers, and silence.
extension DialogueDriver {
    /// - Parameter authority: of a command, for what it tells the device; nil for a question.
    mutating func ask(
        _ question: Device.Question, by authority: WriteAuthority?, isOfJob: Bool, at now: Moment
    ) -> [DriverEffect] {
        let makesSafe = authority != nil && running?.makesSafe ?? false
        let sent = sending(question, by: authority ?? .query, urgent: makesSafe)
        buffer = []
        guard device.isAnswered(question) else {
            notBefore = now.wire + device.times.gap
            return [sent]
        }
        exchange = Exchange(
            question: question, askedAt: now.wire, expires: now.wire + device.times.reply,
            request: device.request(of: question) == nil ? nil : lastRequest, isOfJob: isOfJob,
            isTold: authority != nil)
        return [sent]
    }

    mutating func received(_ bytes: [UInt8], at now: Moment) -> [DriverEffect] {
        hasHeard = true
        if drain != nil {
            drain?.quietAt = now.wire + device.times.drain
            return []
        }
        guard let asked = exchange, asked.request == nil else { return [] }
        buffer += bytes
        while let exchange, !buffer.isEmpty {
            switch device.read(buffer, answering: exchange.question) {
            case .partial:
                guard buffer.count > device.longestAnswer else { return [] }
                return noAnswer(to: exchange, "answered \(words(exchange)) without an end", at: now)
            case .noise(let count): buffer.removeFirst(min(max(1, count), buffer.count))
            case .wrong(let said):
                return noAnswer(to: exchange, "answered \(words(exchange)) with \"\(said.prefix(80))\"", at: now)
            case .answer(let answer, _):
                // What stands behind it belongs to nothing that was asked.
                buffer = []
                return took(answer, to: exchange, at: now)
            }
        }
        return []
    }

    private func words(_ exchange: Exchange) -> String { device.words(of: exchange.question) }

    mutating func took(_ answer: Device.Answer, to asked: Exchange, at now: Moment) -> [DriverEffect] {
        exchange = nil
        (silences, hasHeard) = (0, false)
        notBefore = now.wire + device.times.gap
        var effects = device.learn(answer, to: asked.question, askedAt: asked.askedAt, at: now)
        if asked.isOfJob, var job = running?.job {
            device.answered(&job, answer, to: asked.question, at: now)
            running?.job = job
        } else if case .identifying(let index) = phase {
            effects += identified(index, answer, to: asked.question, at: now)
        }
        return effects + faultChange() + advance(at: now)
    }

    private mutating func identified(
        _ index: Int, _ answer: Device.Answer, to question: Device.Question, at now: Moment
    ) -> [DriverEffect] {
        guard index < device.identification.count, device.identification[index] == question else { return [] }
        if let why = device.identify(answer, to: question) { return foreign(why, at: now) }
        guard index + 1 == device.identification.count else {
            phase = .identifying(index + 1)
            return []
        }
        phase = .ready
        nextLook = now.wire
        shownFault = device.fault
        return [.state(shownFault.map { .faulted($0) } ?? .ready)]
    }

    private mutating func faultChange() -> [DriverEffect] {
        guard case .ready = phase, device.fault != shownFault else { return [] }
        shownFault = device.fault
        return [.state(shownFault.map { .faulted($0) } ?? .ready)]
    }

    // MARK: Silence

    mutating func deadlinePassed(at now: Moment) -> [DriverEffect] {
        if let drain, now.wire >= min(drain.quietAt, drain.latest) { self.drain = nil }
        if let exchange, now.wire >= exchange.expires {
            return noAnswer(to: exchange, "did not answer \(words(exchange))", at: now)
        }
        if case .foreign(let retryAt) = phase, now.wire >= retryAt, running == nil {
            phase = .identifying(0)
            return [.state(.identifying)] + advance(at: now)
        }
        return advance(at: now)
    }

    /// Silence or nonsense. A question is asked again; what a command told is not told again, and the command fails.
    mutating func noAnswer(to asked: Exchange, _ what: String, at now: Moment) -> [DriverEffect] {
        abandonExchange(at: now)
        if silences == 0 { firstFailure = what }
        silences += 1
        if silences >= Self.maximumSilences {
            if case .identifying = phase, hasHeard { return foreign(firstFailure, at: now) }
            return reopen("\(device.name) \(firstFailure); \(silences) failures in a row")
        }
        guard asked.isTold, let running, !running.makesSafe else { return advance(at: now) }
        self.running = nil
        return running.ids.map { .finished($0, .failed("\(device.name) \(what)")) } + advance(at: now)
    }

    mutating func abandonExchange(at now: Moment) {
        let hasNumber = exchange?.request != nil
        (exchange, buffer) = (nil, [])
        if !hasNumber { startDrain(at: now) }
    }

    /// Until nothing comes any more; what never falls silent is not waited for.
    mutating func startDrain(at now: Moment) {
        let quiet = now.wire + device.times.drain
        drain = Drain(quietAt: quiet, latest: now.wire + device.times.reply + device.times.drain)
    }
}
