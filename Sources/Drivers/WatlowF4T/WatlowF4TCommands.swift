import DeviceModel
import Interlocks
import Quantities
import Wire

/// A set point that somebody asked for.
struct WatlowOrder: Sendable {
    let id: CommandID
    let authority: WriteAuthority
    let target: Float
    /// nil: at once.
    let kelvinPerMinute: Double?
}

/// A set point on its way: read, written where it differs, read back; then the mode alike.
struct WatlowHold: Sendable {
    enum Step: Sendable {
        case readSetPoint, writeSetPoint, checkSetPoint
        case readMode, writeMode, checkMode
    }

    let id: CommandID
    let authority: WriteAuthority
    let target: Float
    /// Which step of the ramp under way it is, 0 its start; nil for a hold of its own.
    let rampStep: Int?
    /// Why the confirmation of its write did not come; what the controller keeps then tells.
    var lostWrite: String?
    var step = Step.readSetPoint
    var looks = 0
    var notBefore = WireInstant.zero

    init(_ order: WatlowOrder) { (id, authority, target, rampStep) = (order.id, order.authority, order.target, nil) }

    init(_ order: WatlowOrder, rampStep: Int, setPoint: Double) {
        (id, authority, target, self.rampStep) = (order.id, order.authority, Float(setPoint), rampStep)
    }

    /// A step of a ramp that has begun: whoever changed something since did so on purpose.
    var continuesRamp: Bool { (rampStep ?? 0) > 0 }

    var question: WatlowQuestion {
        switch step {
        case .readSetPoint, .checkSetPoint: .setPoint
        case .writeSetPoint: .writeSetPoint(target)
        case .readMode, .checkMode: .mode
        case .writeMode: .writeMode(.automatic)
        }
    }
}

/// Off, until mode and power show it; what comes meanwhile joins it.
struct WatlowOff: Sendable {
    enum Step: Sendable { case write, power, mode }

    var ids: [CommandID]
    let authority: WriteAuthority
    var step = Step.write
    var percent: Double?
    var looks = 0
    var notBefore = WireInstant.zero

    var question: WatlowQuestion {
        switch step {
        case .write: .writeMode(.off)
        case .power: .power
        case .mode: .mode
        }
    }
}

enum WatlowJob: Sendable {
    case hold(WatlowHold)
    case survey(WatlowSurvey)
    case off(WatlowOff)

    var ids: [CommandID] {
        switch self {
        case .hold(let hold): [hold.id]
        case .survey(let survey): [survey.order.id]
        case .off(let off): off.ids
        }
    }

    var authority: WriteAuthority {
        switch self {
        case .hold(let hold): hold.authority
        case .survey(let survey): survey.order.authority
        case .off(let off): off.authority
        }
    }

    var question: WatlowQuestion {
        switch self {
        case .hold(let hold): hold.question
        case .survey(let survey): survey.question
        case .off(let off): off.question
        }
    }

    var notBefore: WireInstant {
        switch self {
        case .hold(let hold): hold.notBefore
        case .survey: .zero
        case .off(let off): off.notBefore
        }
    }
}

extension WatlowF4T {
    mutating func enqueue(
        _ id: CommandID, _ authority: WriteAuthority, _ target: Temperature, kelvinPerMinute: Double? = nil,
        at now: Moment
    ) -> [DriverEffect] {
        let limits = configuration.limits
        guard case .ready = phase else {
            return [.finished(id, .refused("heater \(device) is not ready: wait until it is identified"))]
        }
        guard queue.count < Self.maximumQueued else {
            return [.finished(id, .refused("heater \(device) has \(queue.count) commands waiting"))]
        }
        let range = limits.minimum.celsius...limits.maximum.celsius
        guard target.celsius.isFinite, range.contains(target.celsius) else {
            let text = "set point of heater \(device) is \(target.celsius) degC, expected \(range) degC"
            return [.finished(id, .refused(text))]
        }
        if let kelvinPerMinute {
            guard let ramp = limits.ramp else {
                let text = "heater \(device) cannot ramp: see ramp_max_k_min and set_point_writes_per_hour"
                return [.finished(id, .refused(text))]
            }
            if let refusal = ramp.refusal(ofRate: kelvinPerMinute) {
                return [.finished(id, .refused("heater \(device): \(refusal)"))]
            }
        }
        let goal = configuration.onGrid(target.celsius)
        queue.append(WatlowOrder(id: id, authority: authority, target: goal, kelvinPerMinute: kelvinPerMinute))
        return advance(at: now)
    }

    /// What comes next when nothing is under way; a newer order ends a ramp.
    mutating func begin(at now: Moment) -> [DriverEffect] {
        guard job == nil, case .ready = phase else { return [] }
        guard !queue.isEmpty else {
            job = rampJob(at: now)
            return []
        }
        let ended = endRamp(.failed("a newer set point came before heater \(device) was through with its ramp"))
        let order = queue.removeFirst()
        job =
            order.kelvinPerMinute.map { .survey(WatlowSurvey(order: order, kelvinPerMinute: $0)) }
            ?? .hold(WatlowHold(order))
        return ended
    }

    /// Goes before all, in every phase of an open link.
    mutating func off(_ id: CommandID, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        var effects = queue.map { DriverEffect.finished($0.id, .refused("the heater was turned off before it began")) }
        queue = []
        effects += endRamp(.failed("turned off before heater \(device) was through with its ramp"))
        var off = WatlowOff(ids: [id], authority: authority)
        switch job {
        case .hold(let hold) where hold.rampStep != nil: break
        case .hold, .survey: effects += finishJob(.failed("turned off before it was confirmed"))
        case .off(let earlier) where earlier.ids.count < Self.maximumJoined: off.ids = earlier.ids + [id]
        case .off(let earlier): effects += earlier.ids.map { .finished($0, .failed("turned off too often at once")) }
        case nil: break
        }
        job = .off(off)
        return effects + ask(off.question, authority, at: now)
    }

    mutating func finishJob(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { job = nil }
        if case .hold(let hold) = job, let step = hold.rampStep { return rampStepEnded(step, outcome) }
        return (job?.ids ?? []).map { .finished($0, outcome) }
    }

    /// The bus says that it was written; what it did is read back next.
    mutating func written(_ question: WatlowQuestion) -> [DriverEffect] {
        switch job {
        case .hold(var hold):
            hold.step = question == .writeMode(.automatic) ? .checkMode : .checkSetPoint
            job = .hold(hold)
        case .off(var off):
            off.step = .power
            job = .off(off)
        case .survey, nil: break
        }
        return []
    }

    /// Nothing is written twice. Off and the steps of a ramp are looked at; a hold has failed.
    mutating func writeLost(_ what: String) -> [DriverEffect] {
        switch job {
        case .off: written(.writeMode(.off))
        case .hold(var hold) where hold.continuesRamp: lookAfter(&hold, what)
        case .hold, .survey, nil: finishJob(.failed(what))
        }
    }

    private mutating func lookAfter(_ hold: inout WatlowHold, _ what: String) -> [DriverEffect] {
        hold.lostWrite = what
        hold.step = .checkSetPoint
        job = .hold(hold)
        return []
    }

    mutating func progress(_ question: WatlowQuestion, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        switch job {
        case .hold(let hold): progress(hold, registers, at: now)
        case .survey(let survey): progress(survey, registers, at: now)
        case .off(let off): progress(off, registers, at: now)
        case nil: []
        }
    }

    private mutating func progress(_ hold: WatlowHold, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        var hold = hold
        switch hold.step {
        case .readSetPoint:
            let shown = number(registers)
            if isTarget(hold, shown) {
                hold.step = .readMode
            } else {
                if hold.continuesRamp, let problem = unexpected(shown) { return finishJob(.failed(problem)) }
                if let wait = budget.wait(at: now.bench) { return finishJob(.refused(spent(wait))) }
                budget.spend(at: now.bench)
                hold.step = .writeSetPoint
            }
        case .checkSetPoint:
            let kept = number(registers)
            guard isTarget(hold, kept) else {
                let shown = kept.map { "\($0) degC" } ?? "no temperature"
                if let lost = hold.lostWrite { return finishJob(.failed("\(lost); it kept \(shown)")) }
                let text =
                    "heater \(device) was asked for \(hold.target) degC and kept \(shown): see its set point limits"
                return finishJob(.refused(text))
            }
            hold.step = .readMode
        case .readMode:
            let mode = registers.first ?? 0
            if mode == WatlowMode.automatic.rawValue { return finishJob(.done) }
            if hold.continuesRamp { return finishJob(.failed(leftAutomatic(mode))) }
            hold.step = .writeMode
        case .checkMode:
            if registers.first == WatlowMode.automatic.rawValue { return finishJob(.done) }
            hold.looks += 1
            guard hold.looks < Self.maximumLooks else {
                return finishJob(
                    .failed("heater \(device) was put to auto and shows \(WatlowMode.text(registers.first ?? 0))"))
            }
            hold.notBefore = now.wire + Self.lookInterval
        case .writeSetPoint, .writeMode: break
        }
        job = .hold(hold)
        return []
    }

    private func isTarget(_ hold: WatlowHold, _ shown: Double?) -> Bool {
        shown.map { isSame($0, Double(hold.target)) } ?? false
    }

    func isSame(_ shown: Double, _ expected: Double) -> Bool {
        (shown - expected).magnitude < configuration.limits.resolutionKelvin / 2
    }

    /// What is wrong with a set point that a ramp finds: it should be the one of its last step.
    private func unexpected(_ shown: Double?) -> String? {
        guard let ramp, let confirmed = ramp.confirmed else { return nil }
        guard let shown else { return "heater \(device) shows no set point" }
        let expected = ramp.setPoint(atStep: confirmed)
        return isSame(shown, expected) ? nil : changed(shown, expected)
    }

    private func spent(_ wait: BenchDuration) -> String {
        "heater \(device) has had its \(budget.perHour) set point writes of this hour; "
            + "the next is possible in \(Int(wait.seconds.rounded(.up))) s"
    }

    private mutating func progress(_ off: WatlowOff, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        var off = off
        switch off.step {
        case .write: break
        case .power:
            off.percent = number(registers)
            off.step = .mode
        case .mode:
            let mode = registers.first ?? 0
            if mode == WatlowMode.off.rawValue, off.percent == 0 { return finishJob(.done) }
            off.looks += 1
            guard off.looks < Self.maximumLooks else {
                let power = off.percent.map { "\(shortDecimal($0, 1)) %" } ?? "unknown"
                let text = "heater \(device) was turned off and shows \(WatlowMode.text(mode)), power \(power)"
                return finishJob(.failed(text))
            }
            off.step = .power
            off.notBefore = now.wire + Self.lookInterval
        }
        job = .off(off)
        return []
    }
}
