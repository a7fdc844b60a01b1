import DeviceModel
import Quantities

/// The interlocks of one bench: it alone says what may move. Pure; it is told readings and the time.
public struct InterlockEngine: Sendable {
    /// The latch that `safe_state.trigger` sets.
    public static let manualTrigger: InterlockName = "safe-state"
    /// The latch that holds a bench whose daemon ended while an experiment ran.
    public static let uncleanEnd: InterlockName = "unclean-end"
    /// The latch of a bench whose client has gone, where an experiment asks for that.
    public static let clientGone: InterlockName = "client-gone"
    /// Names that no rule may take, with what the operator shall do about them.
    public static let reserved: [InterlockName: String] = [
        manualTrigger: "The cause says who or what asked for the safe state; reset it when the bench is in order.",
        clientGone:
            "The client of the experiment has gone, and it asked for the safe state then. Look why; reset it when all is in order.",
        uncleanEnd:
            "The daemon ended while an experiment ran, or while devices were moved by hand. Look at the bench; reset it when all is in order.",
    ]

    /// One rule, and what its inputs have shown.
    struct Row: Sendable {
        let rule: InterlockRule
        var inputs: [InputWatch]
        var votingSince: BenchInstant?
        /// Until when it is out of service.
        var bypass: (Bypass, ends: WireInstant)?

        /// Every input was read. A row that was not permits nothing.
        var isArmed: Bool { inputs.allSatisfy(\.isArmed) }

        /// Why it votes to trip: enough of its inputs do.
        func vote(at now: Moment) -> String? {
            guard bypass == nil else { return nil }
            return said { $0.vote(at: now) }
        }

        /// What enough of the inputs say; with their names where there are several.
        private func said(_ reason: (InputWatch) -> String?) -> String? {
            var reasons: [String] = []
            for index in inputs.indices {
                guard let why = reason(inputs[index]) else { continue }
                reasons.append(inputs.count > 1 ? "\(inputs[index].test.signal): \(why)" : why)
            }
            guard !reasons.isEmpty else { return nil }
            return reasons.count >= rule.cause.votes ? reasons.joined(separator: "; ") : nil
        }

        /// What keeps it from being reset.
        func obstacle(at now: Moment) -> String? { bypass == nil ? said { $0.obstacle(at: now) } : nil }

        /// Why nothing may be started now. A short on-delay keeps noise from tripping, and a start can wait for it; a long
        /// one is a diagnosis whose cause comes and goes in normal work, and only what is not known refuses.
        func refusal(at now: Moment) -> String? {
            if rule.isPermissive || rule.cause.delay <= InterlockEngine.longestRefusingDelay { return vote(at: now) }
            return said { $0.absence(at: now) }
        }
    }

    /// Rows with a longer on-delay refuse nothing while it runs.
    public static let longestRefusingDelay = BenchDuration.seconds(5)

    /// Where a signal is an input, or the partner of one; and the rows of these, each once.
    private struct Places: Sendable {
        var inputs: [(row: Int, input: Int)] = []
        var rows: [Int] = []
    }

    var rows: [Row]
    private let placesOf: [SignalName: Places]
    /// When time alone could change what a row says; kept beside the rows, because every step asks for the earliest.
    var dues: [Due]
    /// The next moment at which `advance` could trip something, on each clock.
    public internal(set) var deadlines: (bench: BenchInstant?, wire: WireInstant?) = (nil, nil)
    private let devices: [DeviceName: DeviceClass]
    public private(set) var latches: [Latch]
    public private(set) var epoch = TripEpoch(count: 1)

    /// - Parameter restored: the latches that stood when the daemon last ended.
    public init(rules: [InterlockRule], devices: [DeviceName: DeviceClass], restored: [Latch] = []) {
        rows = rules.map { Row(rule: $0, inputs: $0.cause.inputs.map { InputWatch($0) }) }
        placesOf = Self.places(rules)
        dues = rules.map { _ in Due() }
        self.devices = devices
        latches = restored
    }

    private static func places(_ rules: [InterlockRule]) -> [SignalName: Places] {
        var places: [SignalName: Places] = [:]
        for (row, rule) in rules.enumerated() {
            for (input, test) in rule.cause.inputs.enumerated() {
                for signal in Set([test.signal] + test.partners) {
                    places[signal, default: Places()].inputs.append((row, input))
                    if places[signal]?.rows.last != row { places[signal]?.rows.append(row) }
                }
            }
        }
        return places
    }

    // MARK: Inputs

    /// Judges a new reading at once, not at the next tick.
    public mutating func observe(_ reading: Reading, at now: Moment) -> [Latch] {
        guard let places = placesOf[reading.signal] else { return [] }
        for (row, input) in places.inputs { rows[row].inputs[input].observe(reading) }
        // What trips at one moment trips in one scan: all of it came first.
        return isDue(at: now) ? scan(at: now) : scan(places.rows, at: now)
    }

    /// Judges what time alone changes: on-delays that have run out, inputs that have grown stale.
    public mutating func advance(to now: Moment) -> [Latch] { isDue(at: now) ? scan(at: now) : [] }

    private func isDue(at now: Moment) -> Bool {
        let (bench, wire) = deadlines
        return (bench.map { $0 <= now.bench } ?? false) || (wire.map { $0 <= now.wire } ?? false)
    }

    /// A device came, or went.
    public mutating func observe(_ device: DeviceName, isReady: Bool, at now: Moment) -> [Latch] {
        observe(Reading(InputTest.lost(device), isReady ? 1 : 0, .code, at: now), at: now)
    }

    /// Somebody asks for the safe state of the whole bench, under one of the reserved names. Always obeyed.
    public mutating func trigger(_ name: InterlockName, reason: String, at now: Moment) -> [Latch] {
        guard !isLatched(name) else { return [] }
        return latch([(name, reason, [.everything])], at: now)
    }

    mutating func scan(at now: Moment) -> [Latch] { scan(Array(rows.indices), at: now) }

    private mutating func scan(_ indices: [Int], at now: Moment) -> [Latch] {
        var tripping: [(InterlockName, String, [EffectGroup])] = []
        for index in indices {
            for input in rows[index].inputs.indices { rows[index].inputs[input].noteMissing(at: now) }
            if let why = rows[index].vote(at: now) {
                voted(index, why, at: now, &tripping)
            } else {
                rows[index].votingSince = nil
            }
        }
        let new = tripping.isEmpty ? [] : latch(tripping, at: now)
        noteDue(indices)
        return new
    }

    private mutating func voted(
        _ index: Int, _ why: String, at now: Moment, _ tripping: inout [(InterlockName, String, [EffectGroup])]
    ) {
        let rule = rows[index].rule
        let since = rows[index].votingSince ?? now.bench
        rows[index].votingSince = since
        guard now.bench - since >= rule.cause.delay, !rule.isPermissive, !isLatched(rule.name) else { return }
        tripping.append((rule.name, "\(rule.cause.text): \(why)", rule.effects))
        for input in rows[index].inputs.indices { rows[index].inputs[input].endInjection() }
    }

    private mutating func latch(_ tripping: [(InterlockName, String, [EffectGroup])], at now: Moment) -> [Latch] {
        let first = latches.isEmpty
        let new = tripping.map { Latch(interlock: $0.0, cause: $0.1, effects: $0.2, at: now, isFirstOut: first) }
        latches += new
        epoch = epoch.next
        return new
    }

    func isLatched(_ name: InterlockName) -> Bool { latches.contains { $0.interlock == name } }

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

    /// What must be read before devices of these classes may start; nil when all is known.
    public func unread(for kinds: Set<DeviceClass>) -> (interlock: InterlockName, signal: SignalName)? {
        for row in rows where row.bypass == nil && kinds.contains(where: row.rule.covers) {
            if let unknown = row.inputs.first(where: { !$0.isArmed }) { return (row.rule.name, unknown.test.signal) }
        }
        return nil
    }

    /// The permissive that keeps devices of these classes from starting; nil when all permit it.
    public func forbidding(_ kinds: Set<DeviceClass>, at now: Moment) -> PermitRefusal? {
        for row in rows where row.rule.isPermissive && row.bypass == nil && kinds.contains(where: row.rule.covers) {
            if let why = row.refusal(at: now) { return .blocked(row.rule.name, why, response: row.rule.response) }
        }
        return nil
    }

    private func checkRows(covering kind: DeviceClass, at now: Moment) throws(PermitRefusal) {
        if let latch = latches.first(where: { $0.covers(kind) }) {
            throw .latched(latch, response: response(of: latch.interlock))
        }
        for row in rows where row.rule.covers(kind) && row.bypass == nil {
            if let unknown = row.inputs.first(where: { !$0.isArmed }) {
                throw .inputUnknown(row.rule.name, unknown.test.signal)
            }
            guard let why = row.refusal(at: now) else { continue }
            throw row.rule.isPermissive
                ? .blocked(row.rule.name, why, response: row.rule.response) : .voting(row.rule.name, why)
        }
    }

    /// What the operator shall do when it trips.
    public func response(of name: InterlockName) -> String {
        let stated =
            rows.first { $0.rule.name == name }?.rule.response ?? Self.reserved[name]
            ?? "This rule is no longer in the bench file; reset it when the bench is in order."
        guard latches.first(where: { $0.interlock == name })?.cause.hasSuffix(InputWatch.missing) == true else {
            return stated
        }
        return "Nothing is known of its input: bring back the device that measures it. If it is really so: \(stated)"
    }

    // MARK: Reset

    /// Takes a latch away once its cause is gone.
    public mutating func reset(_ name: InterlockName, at now: Moment) throws(ResetRefusal) -> Latch {
        guard let index = latches.firstIndex(where: { $0.interlock == name }) else {
            let known = rows.contains { $0.rule.name == name } || Self.reserved[name] != nil
            throw known ? .notLatched(name) : .unknown(name, known: rows.map(\.rule.name))
        }
        if let why = rows.first(where: { $0.rule.name == name })?.obstacle(at: now) {
            throw .causePresent(name, why)
        }
        let latch = latches.remove(at: index)
        if let row = rows.firstIndex(where: { $0.rule.name == name }) { judgeSoon(row) }
        return latch
    }

    // MARK: Looking

    public var statuses: [InterlockStatus] {
        let known = rows.map { row in
            InterlockStatus(
                name: row.rule.name, cause: row.rule.cause.text, effects: row.rule.effects, blocks: row.rule.blocks,
                mayBypass: row.rule.mayBypass,
                response: response(of: row.rule.name), state: state(of: row), last: row.inputs.first?.last,
                latch: latches.first { $0.interlock == row.rule.name }, bypass: row.bypass?.0)
        }
        let orphans = latches.filter { latch in !rows.contains { $0.rule.name == latch.interlock } }
        return known
            + orphans.map {
                InterlockStatus(
                    name: $0.interlock, cause: $0.cause, effects: $0.effects, blocks: [], mayBypass: false,
                    response: response(of: $0.interlock), state: .latched, last: nil, latch: $0, bypass: nil)
            }
    }

    private func state(of row: Row) -> InterlockState {
        if isLatched(row.rule.name) { return .latched }
        if row.bypass != nil { return .bypassed }
        guard row.isArmed else { return .waitingForInput }
        return row.votingSince == nil ? .armed : .pending
    }
}
