import DeviceModel
import Drivers
import Interlocks
import Quantities

/// The devices, their links and the interlocks of one bench as one pure state machine: events and the time go in,
/// effects come out. It runs to completion on one thread, so that a permissive which was true when checked is still
/// true when the bytes are handed over.
public struct ControlCore: Sendable {
    var slots: [DeviceSlot]
    /// When each driver wants to be woken, as it said after its last event: looking at it copies no driver.
    var driverDeadlines: [WireInstant?]
    /// Devices that a trip brought down and no read-back has shown safe yet.
    var proofs: [PendingProof?]
    var links: [LinkSlot]
    /// What went over each, in the same order: apart, since it is large.
    var traffic: [LinkFigures]
    var interlocks: InterlockEngine
    let limits: CoreLimits
    let indexOf: [DeviceName: Int]
    let linkIndexOf: [LinkName: Int]
    var image: [SignalName: Reading] = [:]
    /// Signals of the daemon itself, which are told when they change, and do not grow old.
    var toldOnChange: Set<SignalName> = []
    var nextCommand: UInt64 = 1
    /// Everything is being made safe for an orderly end: a device that goes with it, as an arm whose program was stopped, is
    /// no reason to trip.
    public var isEnding = false

    public init(
        devices: [DeviceDefinition], rules: [InterlockRule], limits: CoreLimits, restored: [Latch],
        bypasses: [Bypass] = [], at now: Moment
    ) {
        self.slots = devices.map {
            DeviceSlot(
                definition: $0, driver: $0.driver, since: now, judgeFrom: now.wire, wait: limits.reconnectFirst)
        }
        self.driverDeadlines = devices.map(\.driver.deadline)
        self.proofs = Array(repeating: nil, count: devices.count)
        self.limits = limits
        self.indexOf = Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.name, $0) })
        let names = Set(devices.map(\.link)).sorted()
        self.links = names.map { name in
            let members = devices.indices.filter { devices[$0].link == name }
            return LinkSlot(
                name: name, devices: members, board: members.first { devices[$0].deviceClass == .board },
                wait: limits.reconnectFirst)
        }
        self.traffic = names.map { LinkFigures($0) }
        self.linkIndexOf = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let classes = Dictionary(uniqueKeysWithValues: devices.map { ($0.name, $0.deviceClass) })
        self.interlocks = InterlockEngine(rules: rules, devices: classes, restored: restored)
        interlocks.restore(bypasses, at: now)
        fitBoards()
    }

    /// Opens every link, and brings down what restored latches cover. Devices come when they come.
    public mutating func start(at now: Moment) -> [CoreEffect] {
        var out: [CoreEffect] = []
        for index in links.indices { open(index, at: now, &out) }
        tellCommanded(at: now, &out)
        if !interlocks.latches.isEmpty { bringDown(interlocks.latches, at: now, &out) }
        return out
    }

    // MARK: Events

    public mutating func handle(_ event: LinkEvent, on link: LinkName, at now: Moment) -> [CoreEffect] {
        guard let index = linkIndexOf[link] else { return [] }
        var out: [CoreEffect] = []
        switch event {
        case .opened(let identity):
            links[index].isOpen = true
            links[index].identity = identity
            links[index].retryAt = nil
            traffic[index].opened()
            deliver(event, to: links[index].listeners, at: now, &out)
            for device in links[index].listeners { tellUnseen(device, at: now, &out) }
        case .closed(let reason): linkLost(index, reason, at: now, &out)
        case .received:
            traffic[index].received(at: now.wire)
            deliver(event, to: links[index].listeners, at: now, &out)
        case .deadline: deliver(event, to: links[index].listeners, at: now, &out)
        case .relayed: break
        case .present: portCame(index, at: now)
        case .modbus(let reply):
            guard let (device, driverID, askedAt) = links[index].requests.removeValue(forKey: reply.id) else { break }
            traffic[index].answered(reply.outcome, askedAt: askedAt, at: now.wire)
            deliver(.modbus(ModbusReply(id: driverID, outcome: reply.outcome)), to: [device], at: now, &out)
        }
        return out
    }

    /// Does what time alone makes due: device deadlines, reconnects, on-delays, stale inputs, overdue proofs.
    public mutating func advance(to now: Moment) -> [CoreEffect] {
        var out: [CoreEffect] = []
        for index in slots.indices where isDue(driverDeadlines[index], now) {
            deliver(.deadline, to: [index], at: now, &out)
        }
        for index in links.indices where isDue(links[index].retryAt, now) {
            open(index, at: now, &out)
        }
        for index in slots.indices where isDue(slots[index].retryAt, now) { startOver(index, at: now, &out) }
        tripped(interlocks.advance(to: now), at: now, &out)
        for index in slots.indices where isDue(proofs[index]?.deadline, now) {
            escalate(index, at: now, &out)
        }
        return out
    }

    /// When `advance` is next needed, on each clock.
    public var deadlines: (bench: BenchInstant?, wire: WireInstant?) {
        let (bench, wire) = interlocks.deadlines
        var earliest = wire
        func consider(_ instant: WireInstant?) {
            if let instant { earliest = min(earliest ?? instant, instant) }
        }
        for index in slots.indices {
            consider(driverDeadlines[index])
            consider(proofs[index]?.deadline)
            consider(slots[index].retryAt)
        }
        for index in links.indices { consider(links[index].retryAt) }
        return (bench, earliest)
    }

    private func isDue(_ deadline: WireInstant?, _ now: Moment) -> Bool {
        guard let deadline else { return false }
        return deadline <= now.wire
    }
}
