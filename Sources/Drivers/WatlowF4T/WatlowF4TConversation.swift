import DeviceModel
import Interlocks
import Quantities

/// One request to the controller.
enum WatlowQuestion: Hashable, Sendable {
    case partNumber
    case temperatureUnit(overSerial: Bool)
    case setPointLimits, processValue, setPoint, power, mode
    case writeSetPoint(Float)
    case writeMode(WatlowMode)

    /// One look; the power before the mode, which then tells whether the heater is safe. Registers in between are not
    /// documented, so that blocks are not read over them.
    static let round: [WatlowQuestion] = [.processValue, .setPoint, .power, .mode]

    var isWrite: Bool {
        switch self {
        case .writeSetPoint, .writeMode: true
        case .partNumber, .temperatureUnit, .setPointLimits, .processValue, .setPoint, .power, .mode: false
        }
    }

    var isUrgent: Bool { self == .writeMode(.off) }

    func operation(_ configuration: WatlowConfiguration) -> ModbusRequest.Operation {
        let registers = configuration.registers
        switch self {
        case .partNumber:
            return .readHoldingRegisters(address: WatlowRegisters.partNumber, count: WatlowRegisters.partNumberCount)
        case .temperatureUnit(let overSerial):
            let address = overSerial ? WatlowRegisters.temperatureUnitOverSerial : WatlowRegisters.temperatureUnit
            return .readHoldingRegisters(address: address, count: 1)
        case .setPointLimits: return .readHoldingRegisters(address: registers.setPointLimits, count: 4)
        case .processValue: return .readHoldingRegisters(address: registers.processValue, count: 2)
        case .setPoint: return .readHoldingRegisters(address: registers.setPoint, count: 2)
        case .power: return .readHoldingRegisters(address: registers.power, count: 2)
        case .mode: return .readHoldingRegisters(address: registers.mode, count: 1)
        case .writeSetPoint(let value):
            return .writeRegisters(address: registers.setPoint, values: configuration.wordOrder.registers(value))
        case .writeMode(let mode): return .writeRegister(address: registers.modeRequest, value: mode.rawValue)
        }
    }

    /// How many registers a reply must have; nil for a write.
    var replyCount: Int? {
        switch self {
        case .partNumber: Int(WatlowRegisters.partNumberCount)
        case .setPointLimits: 4
        case .processValue, .setPoint, .power: 2
        case .temperatureUnit, .mode: 1
        case .writeSetPoint, .writeMode: nil
        }
    }

    var words: String {
        switch self {
        case .partNumber: "part number"
        case .temperatureUnit: "temperature unit"
        case .setPointLimits: "set point limits"
        case .processValue: "process value"
        case .setPoint: "set point"
        case .power: "power in use"
        case .mode: "control mode in use"
        case .writeSetPoint(let value): "set point \(value) degC"
        case .writeMode(let mode): "control mode \(mode.rawValue)"
        }
    }
}

extension WatlowF4T {
    mutating func advance(at now: Moment) -> [DriverEffect] {
        guard exchange == nil else { return [] }
        if case .closed = phase { return [] }
        let begun = begin(at: now)
        if let job { return begun + (now.wire >= job.notBefore ? ask(job.question, job.authority, at: now) : []) }
        switch phase {
        case .closed: return begun
        case .identifying(let question): return begun + ask(question, .query, at: now)
        case .foreign(let retryAt): return begun + (now.wire >= retryAt ? identify(at: now) : [])
        case .ready: return begun + look(at: now)
        }
    }

    /// One is under way, or it is time for the next.
    func isLookDue(at now: Moment) -> Bool { !round.isEmpty || now.wire >= nextRound }

    private mutating func look(at now: Moment) -> [DriverEffect] {
        if round.isEmpty {
            guard now.wire >= nextRound else { return [] }
            nextRound = now.wire + configuration.poll
            round = WatlowQuestion.round
        }
        return ask(round.removeFirst(), .query, at: now)
    }

    mutating func ask(_ question: WatlowQuestion, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        lastRequest &+= 1
        exchange = Exchange(id: lastRequest, question: question, askedAt: now.wire)
        let request = ModbusRequest(
            id: lastRequest, unit: configuration.unit, operation: question.operation(configuration))
        return [.modbus(request, question.isWrite ? authority : .query, urgent: question.isUrgent)]
    }

    mutating func identify(at now: Moment) -> [DriverEffect] {
        phase = .identifying(configuration.model.firstQuestion)
        knowsUnit = false
        return [.state(.identifying)] + advance(at: now)
    }

    /// A reply to anything but the question that is out is late, and says nothing.
    mutating func replied(_ reply: ModbusReply, at now: Moment) -> [DriverEffect] {
        guard let exchange, exchange.id == reply.id else { return [] }
        self.exchange = nil
        let question = exchange.question
        switch reply.outcome {
        case .registers(let registers) where registers.count == question.replyCount:
            failures = 0
            return answered(exchange, registers, at: now) + advance(at: now)
        case .written where question.isWrite:
            failures = 0
            return written(question) + advance(at: now)
        case .exception(let code): return excepted(question, code, at: now)
        case .failed(let why): return failed(question, why, at: now)
        case .refusedByTrip: return (question.isWrite ? finishJob(.droppedByTrip) : []) + advance(at: now)
        case .registers, .bits, .written: return failed(question, "a reply that does not fit the question", at: now)
        }
    }

    mutating func deadlinePassed(at now: Moment) -> [DriverEffect] {
        guard let exchange, now.wire >= exchange.expires else { return advance(at: now) }
        self.exchange = nil
        return failed(exchange.question, "no reply in \(Self.replyTimeout.seconds) s", at: now)
    }

    /// The controller understood, and declined. What was written is refused; one of the two registers of the unit may be
    /// unknown to it.
    private mutating func excepted(_ question: WatlowQuestion, _ code: UInt8, at now: Moment) -> [DriverEffect] {
        let why = ModbusException.text(code)
        if question.isWrite {
            failures = 0
            return finishJob(.refused("heater \(device) answered \(question.words) with \(why)")) + advance(at: now)
        }
        guard case .identifying = phase, job == nil else { return failed(question, why, at: now) }
        switch question {
        case .temperatureUnit(overSerial: false): phase = .identifying(.temperatureUnit(overSerial: true))
        case .temperatureUnit(overSerial: true) where knowsUnit: phase = .identifying(.setPointLimits)
        default: return foreign("answers the question for its \(question.words) with \(why)", at: now)
        }
        return advance(at: now)
    }

    /// A question is asked again by and by; a set point or mode that was not confirmed is not written again, but for `off`
    /// the state is looked at first.
    private mutating func failed(_ question: WatlowQuestion, _ why: String, at now: Moment) -> [DriverEffect] {
        let what = "heater \(device), \(question.words): \(why)"
        if failures == 0 { firstFailure = what }
        failures += 1
        if failures >= Self.maximumFailures { return reopen("\(firstFailure); \(failures) failures in a row") }
        return (question.isWrite ? writeLost(what) : []) + advance(at: now)
    }

    mutating func foreign(_ what: String, at now: Moment) -> [DriverEffect] {
        phase = .foreign(retryAt: now.wire + Self.identityRetry)
        failures = 0
        let reason = "heater \(device) \(what)"
        return endCommands(.failed(reason)) + [.state(.faulted(reason))]
    }

    private mutating func reopen(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed(reason)) + [.state(.offline(reason)), .reopen(reason: reason)]
    }
}
