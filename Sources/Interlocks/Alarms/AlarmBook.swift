import Quantities

/// All alarms of a bench, after ISA-18.2: each is raised once, however often its cause is told; high and critical ones
/// stay until somebody has acknowledged them, even when their condition is gone.
public struct AlarmBook: Sendable {
    /// The time over which the rate of alarms is counted, as ISA-18.2 does.
    public static let floodSpan = WireDuration.seconds(600)
    static let flood = "alarm-flood"

    public let rules: AlarmRules
    private var entries: [String: Alarm] = [:]
    /// Conditions that have not lasted for the on-delay yet.
    private var arriving: [String: (alarm: Alarm, due: WireInstant)] = [:]
    /// Conditions that are gone, but not for the off-delay yet.
    private var leaving: [String: WireInstant] = [:]
    private var shelves: [String: (shelf: Alarm.Shelf, ends: WireInstant)] = [:]
    /// When the new alarms of the last while came.
    private var raisedAt: [WireInstant] = []
    public private(set) var isFlood = false
    /// Alarms that called nobody since the flood began.
    public private(set) var suppressed = 0

    public init(_ rules: AlarmRules) { self.rules = rules }

    /// Critical ones first, older ones first.
    public var alarms: [Alarm] {
        entries.values.sorted {
            ($1.priority, $0.since.wall, $0.id) < ($0.priority, $1.since.wall, $1.id)
        }
    }

    public subscript(id: String) -> Alarm? { entries[id] }

    /// Whether its condition has been told and is not gone.
    public func isTold(_ id: String) -> Bool { arriving[id] != nil || entries[id]?.isActive == true }

    /// New alarms in the last ten minutes.
    public func rate(at now: Moment) -> Int { raisedAt.count { now.wire - $0 < Self.floodSpan } }

    /// When `advance` is needed.
    public var deadline: WireInstant? {
        let flood = isFlood ? raisedAt.first.map { $0 + Self.floodSpan } : nil
        return [
            arriving.values.lazy.map(\.due).min(), leaving.values.min(), shelves.values.lazy.map(\.ends).min(), flood,
        ]
        .compactMap(\.self).min()
    }

    // MARK: Conditions

    /// A condition is there. Told again, it is news only if its text is another one.
    public mutating func raise(
        _ id: String, _ text: String, response: String? = nil, isLatched: Bool = false, at now: Moment
    ) -> [AlarmChange] {
        leaving[id] = nil
        if let standing = entries[id], standing.isActive { return tell(standing, text) }
        let priority = rules.priority(of: id)
        let alarm = Alarm(
            id: id, text: text, priority: priority, since: arriving[id]?.alarm.since ?? now, isLatched: isLatched,
            response: response ?? AlarmRules.response(to: id))
        guard rules.onDelay > .zero, priority < .critical else { return announce(alarm, at: now) }
        arriving[id] = (alarm, arriving[id]?.due ?? now.wire + rules.onDelay)
        return []
    }

    private mutating func tell(_ alarm: Alarm, _ text: String) -> [AlarmChange] {
        guard alarm.text != text else { return [] }
        entries[alarm.id]?.text = text
        return [change(alarm.id, .told, notifies: false)].compactMap(\.self)
    }

    /// A condition is gone.
    public mutating func clear(_ id: String, at now: Moment) -> [AlarmChange] {
        arriving[id] = nil
        guard let alarm = entries[id], alarm.isActive else { return [] }
        guard rules.offDelay > .zero, !alarm.isLatched else { return end(id, at: now) }
        leaving[id] = leaving[id] ?? now.wire + rules.offDelay
        return []
    }

    private mutating func end(_ id: String, at now: Moment) -> [AlarmChange] {
        leaving[id] = nil
        guard entries[id] != nil else { return [] }
        entries[id]?.endedAt = now
        let ended = change(id, .ended, notifies: entries[id]?.shelf == nil && !isHushed(id))
        if !staysUnacknowledged(id) { entries[id] = nil }
        return [ended].compactMap(\.self)
    }

    private func staysUnacknowledged(_ id: String) -> Bool {
        guard let alarm = entries[id] else { return false }
        return alarm.acknowledgement == nil && alarm.priority >= .high && alarm.shelf == nil
    }

    private mutating func announce(_ alarm: Alarm, at now: Moment) -> [AlarmChange] {
        arriving[alarm.id] = nil
        entries[alarm.id] = alarm
        entries[alarm.id]?.shelf = shelves[alarm.id]?.shelf
        let isShelved = shelves[alarm.id] != nil
        if !isShelved { raisedAt.append(now.wire) }
        let flood = watchFlood(at: now)
        if isHushed(alarm.id), !isShelved { suppressed += 1 }
        return [change(alarm.id, .raised, notifies: !isShelved && !isHushed(alarm.id))].compactMap(\.self) + flood
    }

    // MARK: Floods

    private func isHushed(_ id: String) -> Bool { isFlood && (entries[id]?.priority ?? .low) < .high }

    /// A flood begins above the limit and ends at half of it.
    private mutating func watchFlood(at now: Moment) -> [AlarmChange] {
        raisedAt.removeAll { now.wire - $0 >= Self.floodSpan }
        if !isFlood, raisedAt.count > rules.floodLimit {
            (isFlood, suppressed) = (true, 0)
            let text =
                "more than \(rules.floodLimit) alarms in 10 min: low and medium ones call nobody until it is over"
            entries[Self.flood] = Alarm(
                id: Self.flood, text: text, priority: rules.priority(of: Self.flood), since: now,
                response: AlarmRules.response(to: Self.flood))
            return [change(Self.flood, .raised, notifies: true)].compactMap(\.self)
        }
        guard isFlood, raisedAt.count <= rules.floodLimit / 2 else { return [] }
        isFlood = false
        return end(Self.flood, at: now)
    }

    // MARK: Time

    public mutating func advance(to now: Moment) -> [AlarmChange] {
        guard let deadline, deadline <= now.wire else { return [] }
        var changes: [AlarmChange] = []
        for (id, entry) in arriving.sorted(by: { $0.key < $1.key }) where entry.due <= now.wire {
            changes += announce(arriving[id]?.alarm ?? entry.alarm, at: now)
        }
        for (id, due) in leaving.sorted(by: { $0.key < $1.key }) where due <= now.wire { changes += end(id, at: now) }
        for (id, entry) in shelves.sorted(by: { $0.key < $1.key }) where entry.ends <= now.wire {
            changes += takeOffShelf(id)
        }
        return changes + watchFlood(at: now)
    }

    private func change(_ id: String, _ kind: AlarmChange.Kind, notifies: Bool) -> AlarmChange? {
        entries[id].map { AlarmChange(alarm: $0, kind: kind, notifies: notifies) }
    }
}

/// What people do with alarms.
extension AlarmBook {
    /// Says that somebody knows; what has returned is then gone.
    public mutating func acknowledge(
        _ id: String, by uid: UInt32, at now: Moment
    ) throws(AlarmRefusal) -> [AlarmChange] {
        guard let alarm = entries[id] else { throw unknown(id) }
        guard alarm.acknowledgement == nil else { return [] }
        entries[id]?.acknowledgement = Alarm.Acknowledgement(uid: uid, at: now.wall)
        let known = change(id, .acknowledged, notifies: false)
        if !alarm.isActive { entries[id] = nil }
        return [known].compactMap(\.self)
    }

    /// Puts an alarm away for a while: it notifies nobody, however often it comes and goes.
    public mutating func shelve(
        _ shelf: Alarm.Shelf, for span: WireDuration, at now: Moment
    ) throws(AlarmRefusal) -> [AlarmChange] {
        guard let alarm = entries[shelf.alarm] else { throw unknown(shelf.alarm) }
        guard alarm.priority < .critical else { throw .critical(shelf.alarm) }
        shelves[shelf.alarm] = (shelf, now.wire + span)
        entries[alarm.id]?.shelf = shelf
        let change = change(alarm.id, .shelved, notifies: false)
        if !alarm.isActive { entries[alarm.id] = nil }
        return [change].compactMap(\.self)
    }

    /// Before its time.
    public mutating func unshelve(_ id: String) throws(AlarmRefusal) -> [AlarmChange] {
        guard shelves[id] != nil else { throw .notShelved(id) }
        return takeOffShelf(id)
    }

    private mutating func takeOffShelf(_ id: String) -> [AlarmChange] {
        shelves[id] = nil
        entries[id]?.shelf = nil
        return [change(id, .unshelved, notifies: !isHushed(id))].compactMap(\.self)
    }

    private func unknown(_ id: String) -> AlarmRefusal { .unknown(id, known: entries.keys.sorted()) }

    /// All that are shelved, by alarm.
    public var shelved: [Alarm.Shelf] { shelves.values.map(\.shelf).sorted { $0.alarm < $1.alarm } }

    /// What an earlier daemon left: alarms that nobody acknowledged, and shelves that have not run out. `standing` are
    /// those whose condition outlived it.
    /// - Returns: the alarms that are over and need not be kept any more.
    public mutating func restore(
        _ alarms: [Alarm], _ shelves: [Alarm.Shelf], standing: Set<String>, at now: Moment
    ) -> [Alarm] {
        for shelf in shelves where shelf.until > now.wall {
            let left = WireDuration(nanoseconds: (shelf.until - now.wall).nanoseconds)
            self.shelves[shelf.alarm] = (shelf, now.wire + left)
        }
        var over: [Alarm] = []
        for var alarm in alarms {
            if !standing.contains(alarm.id) { alarm.endedAt = alarm.endedAt ?? alarm.since }
            entries[alarm.id] = alarm
            guard !alarm.isActive, !staysUnacknowledged(alarm.id) else { continue }
            entries[alarm.id] = nil
            over.append(alarm)
        }
        return over
    }
}
