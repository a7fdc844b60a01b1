import DeviceModel
import Interlocks
import Quantities

/// One request to the module.
enum IOQuestion: Hashable, Sendable {
    case block(IOBlock)
    case watchdog(register: UInt16)
    case writeWatchdog(register: UInt16, count: UInt16)
    case writeCoil(IOPoint, on: Bool)

    var isWrite: Bool { operation.isWrite }

    var operation: ModbusRequest.Operation {
        switch self {
        case .block(let block): block.operation
        case .watchdog(let register): .readHoldingRegisters(address: register, count: 1)
        case .writeWatchdog(let register, let count): .writeRegister(address: register, value: count)
        case .writeCoil(let coil, let isOn): .writeCoil(address: coil.address, on: isOn)
        }
    }

    var words: String {
        switch self {
        case .block(let block): block.words
        case .watchdog(let register): "watchdog time in holding register \(register)"
        case .writeWatchdog(let register, let count): "watchdog time \(count) in holding register \(register)"
        case .writeCoil(let coil, let isOn): "coil \(coil.address) \(isOn ? "on" : "off")"
        }
    }
}

/// What is asked before the module counts as the one of the bench file: all that it needs, then its watchdog. Many
/// modules have no name on the wire.
enum IOIdentification: Hashable, Sendable {
    case block(Int)
    case watchdog
    case writeWatchdog
    case checkWatchdog
}

extension ModbusIO {
    mutating func advance(at now: Moment) -> [DriverEffect] {
        guard exchange == nil else { return [] }
        if case .closed = phase { return [] }
        begin()
        if let job {
            if now.wire >= job.notBefore { return ask(job.question, job.authority, at: now, isOfJob: true) }
            // A contact that is waited for keeps nothing else from being read: interlocks trip on what grows old.
            if case .ready = phase { return look(at: now) }
            return []
        }
        switch phase {
        case .closed: return []
        case .identifying(let step): return ask(question(of: step), .query, at: now)
        case .foreign(let retryAt): return now.wire >= retryAt ? identify(at: now) : []
        case .ready: return look(at: now)
        }
    }

    private mutating func look(at now: Moment) -> [DriverEffect] {
        if round.isEmpty {
            guard now.wire >= nextRound else { return [] }
            nextRound = now.wire + configuration.poll
            round = configuration.blocks.map { .block($0) }
            if let watchdog = configuration.watchdog { round.insert(.watchdog(register: watchdog.register), at: 0) }
        }
        guard !round.isEmpty else { return [] }
        return ask(round.removeFirst(), .query, at: now)
    }

    mutating func ask(
        _ question: IOQuestion?, _ authority: WriteAuthority, at now: Moment, isOfJob: Bool = false
    ) -> [DriverEffect] {
        guard let question else { return [] }
        lastRequest &+= 1
        exchange = Exchange(id: lastRequest, question: question, askedAt: now.wire, isOfJob: isOfJob)
        let request = ModbusRequest(id: lastRequest, unit: configuration.unit, operation: question.operation)
        guard case .writeCoil = question else { return [.modbus(request, .query, urgent: false)] }
        return [.modbus(request, authority, urgent: job?.makesSafe ?? false)]
    }

    // MARK: Replies

    /// A reply to anything but the question that is out is late, and says nothing.
    mutating func replied(_ reply: ModbusReply, at now: Moment) -> [DriverEffect] {
        guard let exchange, exchange.id == reply.id else { return [] }
        self.exchange = nil
        let question = exchange.question
        switch reply.outcome {
        case .bits(let bits) where fits(bits.count, question, areBits: true):
            failures = 0
            return answered(exchange, .bits(bits), at: now) + advance(at: now)
        case .registers(let registers) where fits(registers.count, question, areBits: false):
            failures = 0
            return answered(exchange, .registers(registers), at: now) + advance(at: now)
        case .written where question.isWrite:
            failures = 0
            return written(question, at: now) + advance(at: now)
        case .exception(let code): return excepted(question, code, at: now)
        case .failed(let why): return failed(question, why, at: now)
        case .refusedByTrip: return (question.isWrite ? finishJob(.droppedByTrip) : []) + advance(at: now)
        case .bits, .registers, .written: return failed(question, "a reply that does not fit the question", at: now)
        }
    }

    private func fits(_ count: Int, _ question: IOQuestion, areBits: Bool) -> Bool {
        switch question.operation {
        case .readCoils(_, let asked), .readDiscreteInputs(_, let asked): areBits && count == Int(asked)
        case .readHoldingRegisters(_, let asked), .readInputRegisters(_, let asked): !areBits && count == Int(asked)
        case .writeCoil, .writeRegister, .writeRegisters: false
        }
    }

    mutating func deadlinePassed(at now: Moment) -> [DriverEffect] {
        guard let exchange, now.wire >= exchange.expires else { return advance(at: now) }
        self.exchange = nil
        return failed(exchange.question, "no reply in \(Self.replyTimeout.seconds) s", at: now)
    }

    /// The module understood, and declined.
    private mutating func excepted(_ question: IOQuestion, _ code: UInt8, at now: Moment) -> [DriverEffect] {
        let why = ModbusException.text(code)
        if case .writeCoil = question {
            failures = 0
            return writeDeclined("I/O module \(device) answered \(question.words) with \(why)") + advance(at: now)
        }
        guard case .identifying = phase, job == nil else { return failed(question, why, at: now) }
        return foreign("answers \(question.words) with \(why)", at: now)
    }

    /// A question is asked again by and by; an output that was not confirmed is not written again, but for the safe
    /// state all are looked at first.
    private mutating func failed(_ question: IOQuestion, _ why: String, at now: Moment) -> [DriverEffect] {
        let what = "I/O module \(device), \(question.words): \(why)"
        if failures == 0 { firstFailure = what }
        failures += 1
        if failures >= Self.maximumFailures { return reopen("\(firstFailure); \(failures) failures in a row") }
        guard case .writeCoil = question else { return advance(at: now) }
        return writeLost(what) + advance(at: now)
    }

    mutating func foreign(_ what: String, at now: Moment) -> [DriverEffect] {
        phase = .foreign(retryAt: now.wire + Self.identityRetry)
        failures = 0
        let reason = "I/O module \(device) \(what)"
        return endCommands(.failed(reason)) + [.state(.faulted(reason))]
    }

    private mutating func reopen(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed(reason)) + [.state(.offline(reason)), .reopen(reason: reason)]
    }
}
