import DeviceModel
import Interlocks
import Quantities

/// The conversation with a device on a line of bytes, or on Modbus: one question at a time, its time-out, what is thrown away, when the
/// link is given up; and the order of commands: one after the other, what makes safe before all.
///
/// A command that got no answer is never repeated; it fails, and the device is looked at. What makes safe is written at
/// once, also while somebody else's answer is due, and is done when a later look shows it.
struct DialogueDriver<Device: DialogueDevice>: Driver {
    /// Unanswered questions in a row before the link is opened anew.
    static var maximumSilences: Int { 3 }
    static var maximumQueued: Int { 8 }
    static var maximumJoined: Int { 16 }
    /// How long a device with a wrong identity is left alone.
    static var identityRetry: WireDuration { .milliseconds(5000) }
    /// Moves of a job without a question or a wait; more means that it turns in a circle.
    static var mostMoves: Int { 8 }

    enum Phase: Sendable {
        case closed
        /// Which of the questions is next.
        case identifying(Int)
        case ready
        case foreign(retryAt: WireInstant)
    }

    struct Exchange: Sendable {
        let question: Device.Question
        let askedAt: WireInstant
        let expires: WireInstant
        /// The number of the request; nil where bytes were sent.
        let request: UInt64?
        let isOfJob: Bool
        /// It was written to the device by right of a command.
        let isTold: Bool
    }

    /// The line is let fall silent; nothing that comes counts.
    struct Drain: Sendable {
        var quietAt: WireInstant
        let latest: WireInstant
    }

    struct Order: Sendable {
        let id: CommandID
        let authority: WriteAuthority
        let command: DeviceCommand
        var actuates: Bool { command.consequence == .actuates }
    }

    struct Running: Sendable {
        var ids: [CommandID]
        let authority: WriteAuthority
        let consequence: DeviceCommand.Consequence
        var job: Device.Job
        var notBefore = WireInstant.zero
        var makesSafe: Bool { consequence == .makesSafe }
    }

    /// By what right, and when, the device's `upkeep` is said next.
    struct Upkeep: Sendable {
        let authority: WriteAuthority
        var dueAt: WireInstant
    }

    /// A command that waits for its time, on the board or on its way there.
    struct Timed: Sendable {
        let order: Order
        let at: WireInstant
    }

    var device: Device
    var phase = Phase.closed
    var exchange: Exchange?
    var drain: Drain?
    var buffer: [UInt8] = []
    var lastRequest: UInt64 = 0
    /// Questions in a row without a good answer, and what was wrong with the first.
    var silences = 0
    var firstFailure = ""
    /// Anything at all came since the last good answer.
    var hasHeard = false
    var running: Running?
    var queue: [Order] = []
    var notBefore = WireInstant.zero
    var nextLook = WireInstant.zero
    var lookIndex = 0
    var shownFault: String?
    var upkeep: Upkeep?
    /// By the numbers of their requests.
    var timed: [UInt64: Timed] = [:]

    init(_ device: Device) { self.device = device }

    var limits: DeviceLimits { device.limits }
    var safeCommands: [DeviceCommand] { device.safeCommands }
    var boardChannels: [BoardChannel] { device.boardChannels }

    var deadline: WireInstant? {
        if let exchange { return exchange.expires }
        if let drain { return min(drain.quietAt, drain.latest) }
        switch phase {
        case .closed: return nil
        case .foreign(let retryAt): return running == nil ? retryAt : max(notBefore, running?.notBefore ?? notBefore)
        case .identifying: return max(notBefore, running?.notBefore ?? notBefore)
        case .ready:
            let look = max(nextLook, notBefore)
            let next = min(look, upkeepDueAt ?? look)
            return running.map { min(max($0.notBefore, notBefore), next) } ?? next
        }
    }

    mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] {
        switch event {
        case .opened: opened(at: now)
        case .closed(let reason): closed(reason)
        case .received(let bytes): received(bytes, at: now)
        case .deadline: deadlinePassed(at: now)
        case .modbus(let reply): replied(reply, at: now)
        case .relayed(let reply): relayed(reply, at: now)
        case .present: []
        }
    }

    mutating func execute(_ permit: consuming PermittedCommand, as id: CommandID, at now: Moment) -> [DriverEffect] {
        let order = Order(id: id, authority: .permit(permit.stamp), command: permit.command)
        guard order.command.deviceClass == device.deviceClass else {
            let text = "\(device.name) is a \(device.deviceClass.rawValue) and does not understand this command"
            return [.finished(id, .refused(text))]
        }
        if case .closed = phase { return [.finished(id, .failed("the link of \(device.name) is closed"))] }
        if case .timed(let instant, let command) = order.command {
            return schedule(Order(id: id, authority: order.authority, command: command), at: instant, at: now)
        }
        return order.command.consequence == .makesSafe ? makeSafe(order, at: now) : enqueue(order, at: now)
    }

    mutating func dropActuation(at now: Moment) -> [DriverEffect] {
        let isActuating = running?.consequence == .actuates
        let dropped = (isActuating ? running?.ids ?? [] : []) + queue.filter(\.actuates).map(\.id)
        queue.removeAll(where: \.actuates)
        upkeep = nil
        if isActuating {
            running = nil
            // Its answer must not be taken for another's.
            if exchange?.isOfJob ?? false { abandonExchange(at: now) }
        }
        return dropped.map { .finished($0, .droppedByTrip) } + endTimed(.droppedByTrip) + advance(at: now)
    }

    // MARK: The link

    private mutating func opened(at now: Moment) -> [DriverEffect] {
        let ended = endCommands(.failed("the link was opened anew"))
        reset()
        phase = .identifying(0)
        guard !device.spoiler.isEmpty else { return ended + [.state(.identifying)] + advance(at: now) }
        startDrain(at: now)
        return ended + [.state(.identifying), .send(device.spoiler, .query)]
    }

    private mutating func closed(_ reason: String) -> [DriverEffect] {
        phase = .closed
        reset()
        return endCommands(.failed("the link closed: \(reason)")) + [.state(.offline(reason))]
    }

    private mutating func reset() {
        (exchange, drain, buffer, silences, hasHeard, shownFault) = (nil, nil, [], 0, false, nil)
        (notBefore, lookIndex, upkeep) = (.zero, 0, nil)
        device.forget()
    }

    /// Every command that waits or runs ends like this.
    mutating func endCommands(_ outcome: CommandOutcome) -> [DriverEffect] {
        let ids = (running?.ids ?? []) + queue.map(\.id)
        (running, queue) = (nil, [])
        return ids.map { .finished($0, outcome) } + endTimed(outcome)
    }

    /// What answers is not the device of the bench file: it is asked again later.
    mutating func foreign(_ reason: String, at now: Moment) -> [DriverEffect] {
        phase = .foreign(retryAt: now.wire + Self.identityRetry)
        silences = 0
        let text = "\(device.name) \(reason)"
        return endCommands(.failed(text)) + [.state(.faulted(text))]
    }

    mutating func reopen(_ reason: String) -> [DriverEffect] {
        phase = .closed
        reset()
        return endCommands(.failed(reason)) + [.state(.offline(reason)), .reopen(reason: reason)]
    }
}
