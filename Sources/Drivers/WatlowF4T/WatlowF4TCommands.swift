import DeviceModel
import Interlocks
import Quantities
import Wire

/// A set point on its way: read, written where it differs, read back; then the mode alike.
struct WatlowHold: Sendable {
    enum Step: Sendable {
        case readSetPoint, writeSetPoint, checkSetPoint
        case readMode, writeMode, checkMode
    }

    let id: CommandID
    let authority: WriteAuthority
    let target: Float
    var step = Step.readSetPoint
    var looks = 0
    var notBefore = WireInstant.zero

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
    case off(WatlowOff)

    var ids: [CommandID] {
        switch self {
        case .hold(let hold): [hold.id]
        case .off(let off): off.ids
        }
    }

    var authority: WriteAuthority {
        switch self {
        case .hold(let hold): hold.authority
        case .off(let off): off.authority
        }
    }

    var question: WatlowQuestion {
        switch self {
        case .hold(let hold): hold.question
        case .off(let off): off.question
        }
    }

    var notBefore: WireInstant {
        switch self {
        case .hold(let hold): hold.notBefore
        case .off(let off): off.notBefore
        }
    }
}

extension WatlowF4T {
    mutating func enqueue(
        _ id: CommandID, _ authority: WriteAuthority, _ target: Temperature, at now: Moment
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
        let grid = limits.resolutionKelvin
        let rounded = min(max((target.celsius / grid).rounded() * grid, range.lowerBound), range.upperBound)
        queue.append(WatlowHold(id: id, authority: authority, target: Float(rounded)))
        return advance(at: now)
    }

    /// Goes before all, in every phase of an open link.
    mutating func off(_ id: CommandID, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        var effects = queue.map { DriverEffect.finished($0.id, .refused("the heater was turned off before it began")) }
        queue = []
        var off = WatlowOff(ids: [id], authority: authority)
        switch job {
        case .hold(let hold): effects.append(.finished(hold.id, .failed("turned off before it was confirmed")))
        case .off(let earlier) where earlier.ids.count < Self.maximumJoined: off.ids = earlier.ids + [id]
        case .off(let earlier): effects += earlier.ids.map { .finished($0, .failed("turned off too often at once")) }
        case nil: break
        }
        job = .off(off)
        return effects + ask(off.question, authority, at: now)
    }

    mutating func finishJob(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { job = nil }
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
        case nil: break
        }
        return []
    }

    mutating func writeLost(_ what: String) -> [DriverEffect] {
        if case .off = job { return written(.writeMode(.off)) }
        return finishJob(.failed(what))
    }

    mutating func progress(_ question: WatlowQuestion, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        switch job {
        case .hold(let hold): progress(hold, registers, at: now)
        case .off(let off): progress(off, registers, at: now)
        case nil: []
        }
    }

    private mutating func progress(_ hold: WatlowHold, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        var hold = hold
        switch hold.step {
        case .readSetPoint:
            if isTarget(hold, number(registers)) {
                hold.step = .readMode
            } else {
                if let wait = budget.wait(at: now.wire) { return finishJob(.refused(spent(wait))) }
                budget.spend(at: now.wire)
                hold.step = .writeSetPoint
            }
        case .checkSetPoint:
            let kept = number(registers)
            guard isTarget(hold, kept) else {
                let shown = kept.map { "\($0) degC" } ?? "no temperature"
                let text =
                    "heater \(device) was asked for \(hold.target) degC and kept \(shown): see its set point limits"
                return finishJob(.refused(text))
            }
            hold.step = .readMode
        case .readMode:
            if registers.first == WatlowMode.automatic.rawValue { return finishJob(.done) }
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
        guard let shown else { return false }
        return (shown - Double(hold.target)).magnitude < configuration.limits.resolutionKelvin / 2
    }

    private func spent(_ wait: WireDuration) -> String {
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
