import DeviceModel
import Quantities

/// What one input's readings have shown so far.
struct InputWatch: Sendable {
    let test: InputTest
    private(set) var last: Reading?
    private var partners: [SignalName: Reading] = [:]
    /// A good reading has come of it and of its partners. Until then it permits nothing, and it does not vote either: the
    /// daemon is ready before its devices are.
    private(set) var isArmed = false
    /// When it counts as missing unless something is read before.
    private(set) var expiry: WireInstant?
    /// At the last scan it was missing: there is no deadline for what has passed.
    private(set) var isMissing = false

    /// The window of a rate, thinned so that it stays small.
    private var window: [(at: BenchInstant, value: Double)] = []
    private static let windowLimit = 64
    /// Since when the value has been the same to the last bit.
    private var sameSince: BenchInstant?
    private var sameReadings = 0
    /// Two that are alike may be chance.
    private static let fewestSame = 3
    /// Since when it should have risen, and from where.
    private var drivenSince: BenchInstant?
    private var drivenFrom = 0.0
    /// The output's mean of late: a controller's output is noisier than what it holds.
    private var meanOutput: (value: Double, at: BenchInstant)?
    private static let meanOver = 20.0

    /// Ends what is said of an input that is not known.
    static let missing = "(input missing)"

    /// What it is made to say in a proof test.
    private(set) var injectedText: String?

    init(_ test: InputTest) {
        self.test = test
        // A pump that is not there and was told nothing is no reason to hold the others.
        if case .following = test.condition { isArmed = true }
    }

    // MARK: Readings

    mutating func observe(_ reading: Reading) {
        // A device that has not come yet is not lost.
        if test.condition == .lost, !isArmed, reading.value == 0 { return }
        if reading.signal == test.signal {
            remember(reading)
            last = reading
        } else {
            partners[reading.signal] = reading
            average(reading)
        }
        if reading.quality == .good { arm() }
        followOutput(at: reading.at.bench)
        expiry = nextExpiry
    }

    private mutating func arm() {
        guard !isArmed, last?.quality == .good else { return }
        isArmed = test.partners.allSatisfy { partners[$0]?.quality == .good }
    }

    private mutating func remember(_ reading: Reading) {
        switch test.condition {
        case .changing(_, let over): extendWindow(reading, over)
        case .frozen:
            if last?.value.bitPattern != reading.value.bitPattern || sameSince == nil {
                sameSince = reading.at.bench
                sameReadings = 0
            }
            sameReadings += 1
        case .above, .below, .outside, .differing, .unresponsive, .overdriven, .on, .off, .lost, .stale, .ledgerEmpty,
            .wasteFull, .clientGone, .overrun, .following:
            break
        }
    }

    private mutating func extendWindow(_ reading: Reading, _ over: BenchDuration) {
        guard reading.quality == .good else {
            window = []
            return
        }
        // The last one before the window stays: where readings are rare, two of them are what there is to judge by.
        let old = window.prefix { reading.at.bench - $0.at > over }.count
        window.removeFirst(max(0, old - 1))
        if window.count >= Self.windowLimit {
            window = window.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        }
        window.append((reading.at.bench, reading.value))
    }

    /// The mean begins where the value comes near its set point: what the way there took is no part of it.
    private mutating func average(_ reading: Reading) {
        guard case .overdriven(let model) = test.condition, reading.signal == model.output else { return }
        guard reading.quality == .good, isHeld(model) else {
            meanOutput = nil
            return
        }
        guard let mean = meanOutput else {
            meanOutput = (reading.value, reading.at.bench)
            return
        }
        let step = max(0, (reading.at.bench - mean.at).seconds)
        meanOutput = (mean.value + (reading.value - mean.value) * step / (step + Self.meanOver), reading.at.bench)
    }

    /// A heater that is driven must warm: the wait begins when the output goes up, and anew at each step that it has risen.
    private mutating func followOutput(at now: BenchInstant) {
        guard case .unresponsive(let output, let percent, let rise, _) = test.condition, let value = last?.value else {
            return
        }
        guard let driven = partners[output], driven.value >= percent else {
            drivenSince = nil
            return
        }
        if drivenSince == nil || value >= drivenFrom + rise {
            drivenSince = now
            drivenFrom = value
        }
    }

    // MARK: Votes

    /// Why it votes to trip; nil when all is well, or nothing is known yet.
    func vote(at now: Moment) -> String? {
        if let injectedText { return "\(injectedText) \(Latch.proofMark)" }
        if case .following(let commanded, let limit, let percent) = test.condition {
            return misguided(commanded, limit, percent, at: now)
        }
        guard isArmed, let last else { return nil }
        return absence(at: now) ?? judge(last, at: now)
    }

    /// Why nothing is known of it any more; nil when there is a reading to believe, or none has come yet.
    func absence(at now: Moment) -> String? {
        if case .following = test.condition { return nil }
        guard isArmed, let last else { return nil }
        if let why = missing(last, "reading", at: now) { return why }
        for name in test.partners {
            guard let partner = partners[name] else { continue }
            if let why = missing(partner, "\(name)", at: now) { return why }
        }
        return nil
    }

    mutating func noteMissing(at now: Moment) { isMissing = hasExpired(at: now) }

    private func hasExpired(at now: Moment) -> Bool { expiry.map { now.wire >= $0 } ?? false }

    private var nextExpiry: WireInstant? {
        guard isArmed, let after = test.staleAfter, let last else { return nil }
        if case .following(let commanded, _, _) = test.condition {
            return isTold(partners[commanded]) ? last.at.wire + after : nil
        }
        let oldest = test.partners.compactMap { partners[$0]?.at.wire }.reduce(last.at.wire, min)
        return oldest + after
    }

    private func missing(_ reading: Reading, _ name: String, at now: Moment) -> String? {
        let age = now.wire - reading.at.wire
        if let after = test.staleAfter, age >= after {
            return "no \(name) for \((age.seconds * 10).rounded() / 10) s \(Self.missing)"
        }
        switch reading.quality {
        case .stale, .bad: return "\(name) is \(reading.quality.rawValue) \(Self.missing)"
        case .good, .uncertain: return nil
        }
    }

    private func judge(_ reading: Reading, at now: Moment) -> String? {
        let value = reading.value
        var shown: String { "\(Self.rounded(value)) \(reading.unit.rawValue)" }
        switch test.condition {
        case .above(let limit): return value > limit ? shown : nil
        case .below(let limit): return value < limit ? shown : nil
        case .outside(let range): return range.contains(value) ? nil : shown
        case .changing(let limit, let over): return rate(beyond: limit, over: over)
        case .differing(let other, let limit, let percent): return difference(value, from: other, limit, percent)
        case .frozen(let span):
            // By what was read, not by the time since: a reading that does not come is another matter.
            let same = sameSince.map { reading.at.bench - $0 } ?? .zero
            return same >= span && sameReadings >= Self.fewestSame
                ? "\(shown) for \(Self.rounded(same.seconds)) s" : nil
        case .unresponsive(let output, _, _, let within):
            guard let since = drivenSince, reading.at.bench - since >= within else { return nil }
            let driven = Self.rounded(partners[output]?.value ?? 0)
            return "\(shown) after \(Self.rounded((reading.at.bench - since).seconds)) s with \(output) at \(driven) %"
        case .overdriven(let model): return overdriven(value, model, at: now)
        case .on: return value != 0 ? "on" : nil
        case .off: return value == 0 ? "off" : nil
        case .lost: return value == 0 ? "not ready" : nil
        case .ledgerEmpty, .wasteFull: return value <= 0 ? shown : nil
        case .overrun(let limit): return value > limit ? shown : nil
        case .clientGone: return value > 0 ? "\(Self.rounded(value)) experiments have none" : nil
        case .stale, .following: return nil
        }
    }

    /// Over half of the window at least: the noise of two readings in a hurry is no rate.
    private func rate(beyond limit: Double, over: BenchDuration) -> String? {
        guard let first = window.first, let last = window.last, last.at - first.at >= over * 0.5 else { return nil }
        let rate = (last.value - first.value) / (last.at - first.at).seconds * 60
        return abs(rate) > limit ? "\(Self.rounded(rate)) \(test.unit.rawValue) a minute" : nil
    }

    private func difference(_ value: Double, from other: SignalName, _ limit: Double, _ percent: Double) -> String? {
        guard let wanted = partners[other]?.value else { return nil }
        let isApart = abs(value - wanted) > limit && abs(value - wanted) > abs(wanted) * percent / 100
        return isApart ? "\(Self.rounded(value)) for \(Self.rounded(wanted)) \(test.unit.rawValue)" : nil
    }

    // MARK: Motion

    /// It was told to move, and has confirmed it.
    private func isTold(_ commanded: Reading?) -> Bool {
        commanded.map { $0.quality == .good && $0.value != 0 } ?? false
    }

    /// What is on its way is not judged. A pump that was told to move must say that it does; of one that was told nothing
    /// only what it says counts.
    private func misguided(_ name: SignalName, _ limit: Double, _ percent: Double, at now: Moment) -> String? {
        let commanded = partners[name]
        guard commanded?.quality ?? .good == .good else { return nil }
        let wanted = commanded?.value ?? 0
        guard let last, missing(last, "reading", at: now) == nil else {
            guard wanted != 0 else { return nil }
            let why = last.flatMap { missing($0, "reading", at: now) } ?? "no reading \(Self.missing)"
            return "\(Self.rounded(wanted)) \(test.unit.rawValue) commanded, \(why)"
        }
        let apart = abs(last.value - wanted)
        guard apart > limit, apart > abs(wanted) * percent / 100 else { return nil }
        return "\(Self.rounded(last.value)) \(test.unit.rawValue) reported, \(Self.rounded(wanted)) commanded"
    }

    private func isHeld(_ model: InputTest.HoldModel) -> Bool {
        guard let value = last?.value, let setPoint = partners[model.setPoint]?.value else { return false }
        return abs(value - setPoint) <= model.band
    }

    /// By what was read of late: an output that is not read any more is judged as missing, not as what it was.
    private func overdriven(_ value: Double, _ model: InputTest.HoldModel, at now: Moment) -> String? {
        guard let mean = meanOutput, (now.bench - mean.at).seconds <= Self.meanOver, isHeld(model) else { return nil }
        let holding = model.holding(value)
        guard mean.value > holding + model.excess else { return nil }
        return "\(Self.rounded(mean.value)) % where \(Self.rounded(holding)) % hold \(Self.rounded(value)) degC"
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    // MARK: Proof test

    /// Shows it what its condition forbids; where that would need a history of readings, that nothing is read.
    mutating func inject() {
        if case .following(let commanded, let limit, _) = test.condition {
            let moves = (partners[commanded]?.value ?? 0) + 2 * max(1, limit)
            injectedText = "\(test.signal) = \(Self.rounded(moves)), not commanded"
            return
        }
        guard let value = forbiddenValue else {
            injectedText = "no \(test.signal)"
            return
        }
        guard let at = last?.at else { return }
        injectedText = judge(Reading(test.signal, value, test.unit, at: at), at: at).map { "\(test.signal) = \($0)" }
    }

    mutating func endInjection() { injectedText = nil }

    private var forbiddenValue: Double? {
        let beyond = max(1, test.hysteresis)
        switch test.condition {
        case .above(let limit): return limit + beyond
        case .below(let limit): return limit - beyond
        case .outside(let range): return range.upperBound + beyond
        case .on: return 1
        case .off, .lost, .ledgerEmpty, .wasteFull: return 0
        case .overrun(let limit): return limit + 1
        case .clientGone: return 1
        case .changing, .differing, .frozen, .unresponsive, .overdriven, .stale, .following: return nil
        }
    }

    // MARK: Reset

    /// Why the row cannot be reset yet; nil when this input is well on the good side.
    func obstacle(at now: Moment) -> String? {
        if case .following = test.condition { return vote(at: now).map { "\($0); \(test.resetText)" } }
        guard isArmed, let last else { return "\(test.signal) was not read since the start" }
        if let why = absence(at: now) { return "\(why); it must be read again, or be bypassed, first" }
        if let why = vote(at: now) { return "\(why); \(test.resetText)" }
        guard !isGone(last.value) else { return nil }
        return "\(Self.rounded(last.value)) \(last.unit.rawValue); \(test.resetText)"
    }

    /// Back on the good side, by the hysteresis.
    private func isGone(_ value: Double) -> Bool {
        switch test.condition {
        case .above(let limit): value <= limit - test.hysteresis
        case .below(let limit): value >= limit + test.hysteresis
        case .outside(let range):
            value >= range.lowerBound + test.hysteresis && value <= range.upperBound - test.hysteresis
        case .changing, .differing, .frozen, .unresponsive, .overdriven, .on, .off, .lost, .stale, .ledgerEmpty,
            .wasteFull, .clientGone, .overrun, .following:
            true
        }
    }
}
