import DeviceModel
import Interlocks
import Quantities

extension OceanHDX {
    /// One look at an idle device: is it there, is it the same, is there no light?
    private var looks: [OceanRequest] { [.serialNumber, .integration] + lamp.questions }

    mutating func advance(at now: Moment) -> [DriverEffect] {
        guard exchange == nil else { return [] }
        if case .closed = phase { return [] }
        if let first = safe.first { return ask(first.request, first.authority, at: now) }
        if job == nil, !queue.isEmpty, case .ready = phase {
            job = queue.removeFirst().started(integrationMicroseconds: integrationMicroseconds)
        }
        if let job { return ask(job.request, job.authority, at: now) }
        switch phase {
        case .closed: return []
        case .identifying(let request): return ask(request, .query, at: now)
        case .foreign(let retryAt): return now.wire >= retryAt ? identify(at: now) : []
        case .ready: return look(at: now)
        }
    }

    private mutating func look(at now: Moment) -> [DriverEffect] {
        if round.isEmpty {
            guard now.wire >= nextRound else { return [] }
            nextRound = now.wire + poll
            round = looks
        }
        return ask(round.removeFirst(), .query, at: now)
    }

    mutating func ask(_ request: OceanRequest, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        // 0 is what a device says that sends no numbers back.
        lastRegarding = lastRegarding == .max ? 1 : lastRegarding + 1
        exchange = Exchange(
            request: request, regarding: lastRegarding, askedAt: now.wire, expires: now.wire + timeout(of: request))
        return [.send(request.message(regarding: lastRegarding).encoded(), request.isSetting ? authority : .query)]
    }

    /// What waits behind a spectrum that was given up waits for its end, too.
    private func timeout(of request: OceanRequest) -> WireDuration {
        let integration = WireDuration(nanoseconds: Int64(integrationMicroseconds ?? 0) * 1000)
        return request == .spectrum ? integration + Self.spectrumMargin : integration + Self.replyTimeout
    }

    mutating func identify(at now: Moment) -> [DriverEffect] {
        phase = .identifying(.serialNumber)
        coefficients = []
        return [.state(.identifying)] + advance(at: now)
    }

    mutating func received(_ bytes: [UInt8], at now: Moment) -> [DriverEffect] {
        if case .closed = phase { return [] }
        var effects: [DriverEffect] = []
        for found in decoder.append(bytes) {
            switch found {
            case .message(let message): effects += replied(message, at: now)
            case .badChecksum: effects += broken("a reply with a wrong MD5", at: now)
            case .wrongVersion(let version):
                effects += broken(
                    "a reply of protocol version 0x\(String(version, radix: 16)), expected 0x1100", at: now)
            }
        }
        return effects
    }

    mutating func deadlinePassed(at now: Moment) -> [DriverEffect] {
        guard let exchange, now.wire >= exchange.expires else { return advance(at: now) }
        // A frame that never ended must not swallow the next one.
        decoder.reset()
        return lost(exchange, "no reply in \((exchange.expires - exchange.askedAt).seconds) s", at: now)
    }

    private mutating func broken(_ what: String, at now: Moment) -> [DriverEffect] {
        guard let exchange else { return [] }
        return lost(exchange, what, at: now)
    }

    /// A reply to anything but the question that is out is late, and says nothing.
    private mutating func replied(_ message: OceanMessage, at now: Moment) -> [DriverEffect] {
        guard let exchange, message.type == exchange.request.type, message.has(.response),
            message.regarding == exchange.regarding || (message.regarding == 0 && !echoesNumbers)
        else { return [] }
        if message.regarding == exchange.regarding { echoesNumbers = true }
        if message.has(.refused) || message.has(.hardwareException) || message.error != 0 {
            self.exchange = nil
            failures = 0
            return refused(exchange, OceanBinaryProtocol.text(error: message.error), at: now) + advance(at: now)
        }
        guard !exchange.request.isSetting || message.has(.acknowledged) else {
            return lost(exchange, "a reply without acknowledgement", at: now)
        }
        guard let effects = answered(exchange, message.data, at: now) else {
            return lost(exchange, "\(message.data.count) bytes that are no \(exchange.request.words)", at: now)
        }
        failures = 0
        return effects + advance(at: now)
    }

    /// A question is asked again; a setting is not, and its command fails.
    private mutating func lost(_ exchange: Exchange, _ why: String, at now: Moment) -> [DriverEffect] {
        self.exchange = nil
        failures += 1
        let what = "spectrometer \(device), \(exchange.request.words): \(why)"
        if failures >= Self.maximumFailures { return reopen("\(what); \(failures) failures in a row") }
        return (exchange.request.isSetting ? finishCurrent(.failed(what)) : []) + advance(at: now)
    }

    mutating func foreign(_ what: String, at now: Moment) -> [DriverEffect] {
        phase = .foreign(retryAt: now.wire + Self.identityRetry)
        failures = 0
        let reason = "spectrometer \(device) \(what)"
        return endCommands(.failed(reason)) + [.state(.faulted(reason))]
    }

    private mutating func reopen(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed(reason)) + [.state(.offline(reason)), .reopen(reason: reason)]
    }
}
