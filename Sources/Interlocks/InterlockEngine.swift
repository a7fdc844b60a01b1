import DeviceModel
import Quantities

/// The interlocks of one bench: it alone says what may move. Pure; it is told readings and the time.
public struct InterlockEngine: Sendable {
    /// The latch that `safe_state.trigger` sets.
    public static let manualTrigger: InterlockName = "safe-state"
    /// The latch that holds a bench whose daemon ended while an experiment ran.
    public static let uncleanEnd: InterlockName = "unclean-end"
    /// Names that no rule may take, with what the operator shall do about them.
    public static let reserved: [InterlockName: String] = [
        manualTrigger: "Find out who asked for the safe state and why; reset it when the bench is in order.",
        uncleanEnd: "The daemon ended while an experiment ran. Look at the bench; reset it when all is in order.",
    ]

    /// What one rule knows of its input.
    struct Watch: Sendable {
        let rule: InterlockRule
        var last: Reading?
        /// A row is armed by its first good reading. Until then it permits nothing, and it does not trip either: the
        /// daemon is ready before its devices are.
        var isArmed = false
        var votingSince: BenchInstant?
    }

    private(set) var watches: [Watch]
    /// The rows that watch a signal.
    private let rowsOf: [SignalName: [Int]]
    private let devices: [DeviceName: DeviceClass]
    public private(set) var latches: [Latch]
    public private(set) var epoch = TripEpoch(count: 1)

    /// - Parameter restored: the latches that stood when the daemon last ended.
    public init(rules: [InterlockRule], devices: [DeviceName: DeviceClass], restored: [Latch] = []) {
        self.watches = rules.map { Watch(rule: $0) }
        self.rowsOf = Dictionary(grouping: rules.indices) { rules[$0].cause.signal }
        self.devices = devices
        self.latches = restored
    }

    // MARK: Inputs

    /// Judges a new reading at once, not at the next tick.
    public mutating func observe(_ reading: Reading, at now: Moment) -> [Latch] {
        guard let rows = rowsOf[reading.signal] else { return [] }
        for index in rows {
            watches[index].last = reading
            if reading.quality == .good { watches[index].isArmed = true }
        }
        return scan(at: now)
    }

    /// Judges what time alone changes: on-delays that have run out, inputs that have grown stale.
    public mutating func advance(to now: Moment) -> [Latch] {
        let (bench, wire) = deadlines
        let isDue = (bench.map { $0 <= now.bench } ?? false) || (wire.map { $0 <= now.wire } ?? false)
        return isDue ? scan(at: now) : []
    }

    /// Somebody asks for the safe state of the whole bench, under one of the reserved names. Always obeyed.
    public mutating func trigger(_ name: InterlockName, reason: String, at now: Moment) -> [Latch] {
        guard !isLatched(name) else { return [] }
        return latch([(name, reason, [.everything])], at: now)
    }

    /// The next moment at which `advance` could trip something, on each clock.
    public var deadlines: (bench: BenchInstant?, wire: WireInstant?) {
        var (bench, wire): (BenchInstant?, WireInstant?) = (nil, nil)
        for index in watches.indices where !isLatched(watches[index].rule.name) {
            if let since = watches[index].votingSince {
                let ends = since + watches[index].rule.cause.delay
                bench = min(bench ?? ends, ends)
            } else if watches[index].isArmed, let last = watches[index].last {
                let ends = last.at.wire + watches[index].rule.cause.staleAfter
                wire = min(wire ?? ends, ends)
            }
        }
        return (bench, wire)
    }

    private mutating func scan(at now: Moment) -> [Latch] {
        var tripping: [(InterlockName, String, [EffectGroup])] = []
        for index in watches.indices where watches[index].isArmed {
            let rule = watches[index].rule
            guard let why = vote(watches[index], at: now) else {
                watches[index].votingSince = nil
                continue
            }
            let since = watches[index].votingSince ?? now.bench
            watches[index].votingSince = since
            if now.bench - since >= rule.cause.delay, !isLatched(rule.name) {
                tripping.append((rule.name, "\(rule.cause.text): \(why)", rule.effects))
            }
        }
        return tripping.isEmpty ? [] : latch(tripping, at: now)
    }

    private mutating func latch(_ tripping: [(InterlockName, String, [EffectGroup])], at now: Moment) -> [Latch] {
        let first = latches.isEmpty
        let new = tripping.map { Latch(interlock: $0.0, cause: $0.1, effects: $0.2, at: now, isFirstOut: first) }
        latches += new
        epoch = epoch.next
        return new
    }

    private func vote(_ watch: Watch, at now: Moment) -> String? {
        guard let reading = watch.last else { return nil }
        let age = now.wire - reading.at.wire
        if age >= watch.rule.cause.staleAfter { return "no reading for \((age.seconds * 10).rounded() / 10) s" }
        switch reading.quality {
        case .stale, .bad: return "reading is \(reading.quality.rawValue)"
        case .good, .uncertain:
            let value = "\((reading.value * 1000).rounded() / 1000) \(reading.unit.rawValue)"
            return watch.rule.cause.votes(reading.value) ? value : nil
        }
    }

    private func isLatched(_ name: InterlockName) -> Bool { latches.contains { $0.interlock == name } }

    // MARK: Permits

    /// Whether a write may go out now.
    public func admits(_ authority: WriteAuthority) -> Bool { authority.isValid(in: epoch) }

    /// Allows one command to one device, or says why not. What makes safe is always allowed.
    public func permit(
        _ command: DeviceCommand, for device: DeviceName, at now: Moment
    ) throws(PermitRefusal) -> PermittedCommand {
        guard let kind = devices[device] else { throw PermitRefusal.unknownDevice(device) }
        guard kind == command.deviceClass else { throw PermitRefusal.wrongClass(device, kind) }
        switch command.consequence {
        case .makesSafe:
            return PermittedCommand(device: device, command: command, stamp: .init(epoch: epoch, makesSafe: true))
        case .observes: break
        case .actuates: try checkRows(covering: kind, at: now)
        }
        return PermittedCommand(device: device, command: command, stamp: .init(epoch: epoch, makesSafe: false))
    }

    private func checkRows(covering kind: DeviceClass, at now: Moment) throws(PermitRefusal) {
        if let latch = latches.first(where: { $0.covers(kind) }) {
            throw .latched(latch, response: response(of: latch.interlock))
        }
        for watch in watches where watch.rule.covers(kind) {
            guard watch.isArmed else { throw .inputUnknown(watch.rule.name, watch.rule.cause.signal) }
            if let why = vote(watch, at: now) { throw .voting(watch.rule.name, why) }
        }
    }

    private func response(of name: InterlockName) -> String {
        watches.first { $0.rule.name == name }?.rule.response ?? Self.reserved[name]
            ?? "This rule is no longer in the bench file; reset it when the bench is in order."
    }

    // MARK: Reset

    /// Takes a latch away once its cause is gone.
    public mutating func reset(_ name: InterlockName, at now: Moment) throws(ResetRefusal) -> Latch {
        guard let index = latches.firstIndex(where: { $0.interlock == name }) else {
            let known = watches.contains { $0.rule.name == name } || Self.reserved[name] != nil
            throw known ? .notLatched(name) : .unknown(name, known: watches.map(\.rule.name))
        }
        if let watch = watches.first(where: { $0.rule.name == name }) {
            guard let reading = watch.last, watch.isArmed else {
                throw .causePresent(name, "\(watch.rule.cause.signal) was not read since the start")
            }
            if let why = vote(watch, at: now) { throw .causePresent(name, "\(why); \(watch.rule.cause.resetText)") }
            guard watch.rule.cause.isGone(at: reading.value) else {
                let value = (reading.value * 1000).rounded() / 1000
                throw .causePresent(name, "\(value) \(reading.unit.rawValue); \(watch.rule.cause.resetText)")
            }
        }
        return latches.remove(at: index)
    }

    // MARK: Looking

    public var statuses: [InterlockStatus] {
        let rows = watches.map { watch in
            InterlockStatus(
                name: watch.rule.name, cause: watch.rule.cause.text, effects: watch.rule.effects,
                response: watch.rule.response, state: state(of: watch), last: watch.last,
                latch: latches.first { $0.interlock == watch.rule.name })
        }
        let orphans = latches.filter { latch in !watches.contains { $0.rule.name == latch.interlock } }
        return rows
            + orphans.map {
                InterlockStatus(
                    name: $0.interlock, cause: $0.cause, effects: $0.effects, response: response(of: $0.interlock),
                    state: .latched, last: nil, latch: $0)
            }
    }

    private func state(of watch: Watch) -> InterlockState {
        if isLatched(watch.rule.name) { return .latched }
        guard watch.isArmed else { return .waitingForInput }
        return watch.votingSince == nil ? .armed : .pending
    }
}
