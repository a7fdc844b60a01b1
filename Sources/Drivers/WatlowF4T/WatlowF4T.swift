import DeviceModel
import Interlocks
import Quantities

/// One control loop of a Watlow F4T on Modbus, or of an EZ-ZONE, whose registers stand elsewhere.
///
/// The controller keeps its last set point when the host dies, so the hard stop is its own limit module. `off` is mode
/// 62, proven by the mode and the power in use. Set points go to a memory that wears out: an unchanged one is not
/// written, and others are counted. Off drops the set points that were queued before it, and ends a ramp.
public struct WatlowF4T: Driver {
    /// Longest wait for the bus to answer or to give up; it gives up by itself after a quarter of a second, but others wait
    /// before us.
    static let replyTimeout = WireDuration.milliseconds(2000)
    /// Unanswered questions in a row before the link is opened anew.
    static let maximumFailures = 3
    static let maximumQueued = 8
    static let maximumJoined = 16
    /// Looks at the mode in use before a command is given up.
    static let maximumLooks = 10
    static let lookInterval = WireDuration.milliseconds(100)
    /// How long a device with a wrong identity is left alone.
    static let identityRetry = WireDuration.milliseconds(5000)

    enum Phase: Sendable {
        case closed
        case identifying(WatlowQuestion)
        case ready
        case foreign(retryAt: WireInstant)
    }

    struct Exchange: Sendable {
        let id: UInt64
        let question: WatlowQuestion
        let askedAt: WireInstant
        var expires: WireInstant { askedAt + replyTimeout }
    }

    let device: DeviceName
    let configuration: WatlowConfiguration

    var phase = Phase.closed
    var exchange: Exchange?
    var lastRequest: UInt64 = 0
    /// Questions in a row that got no usable answer, and what was wrong with the first.
    var failures = 0
    var firstFailure = ""

    var job: WatlowJob?
    var queue: [WatlowOrder] = []
    var ramp: WatlowRamp?
    var budget: WatlowWriteBudget

    /// Questions of this look that are still to be asked.
    var round: [WatlowQuestion] = []
    var nextRound = WireInstant.zero
    /// Whether one of the two registers of the temperature unit was read since the link opened.
    var knowsUnit = false
    /// Set point limits as read at identity, to be judged with the process value.
    var shownLimits: [UInt16] = []
    var lastTemperature = 0.0
    var power: (percent: Double, askedAt: WireInstant)?

    public init(device: DeviceName, settings: DriverSettings) {
        self.init(device: device, settings: settings, model: .f4t)
    }

    init(device: DeviceName, settings: DriverSettings, model: WatlowModel) {
        self.device = device
        configuration = WatlowConfiguration(settings, model)
        budget = WatlowWriteBudget(perHour: configuration.setPointWritesPerHour)
    }

    public var limits: DeviceLimits { .heater(configuration.limits) }
    public var safeCommands: [DeviceCommand] { [.heater(.off)] }

    public var deadline: WireInstant? {
        if let exchange { return exchange.expires }
        if let job { return job.notBefore }
        switch phase {
        case .closed, .identifying: return nil
        case .ready: return nextRound
        case .foreign(let retryAt): return retryAt
        }
    }

    public mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] {
        switch event {
        case .opened: opened(at: now)
        case .closed(let reason): closed(reason)
        case .modbus(let reply): replied(reply, at: now)
        case .deadline: deadlinePassed(at: now)
        case .received, .relayed, .present: []
        }
    }

    public mutating func execute(
        _ permit: consuming PermittedCommand, as id: CommandID, at now: Moment
    ) -> [DriverEffect] {
        let authority = WriteAuthority.permit(permit.stamp)
        guard case .heater(let command) = permit.command else {
            return [.finished(id, .refused("\(device) is a heater and does not understand this command"))]
        }
        if case .closed = phase { return [.finished(id, .failed("the link of heater \(device) is closed"))] }
        switch command {
        case .off: return off(id, authority, at: now)
        case .hold(let target): return enqueue(id, authority, target, at: now)
        case .ramp(let target, let rate): return enqueue(id, authority, target, kelvinPerMinute: rate, at: now)
        }
    }

    public mutating func dropActuation(at now: Moment) -> [DriverEffect] {
        var isMakingSafe = false
        if case .off = job { isMakingSafe = true }
        let dropped = isMakingSafe ? queue.map(\.id) : orders
        (queue, ramp) = ([], nil)
        if job != nil, !isMakingSafe {
            job = nil
            // Its reply is of no interest any more, whatever it says.
            exchange = nil
        }
        return dropped.map { .finished($0, .droppedByTrip) } + advance(at: now)
    }

    private mutating func opened(at now: Moment) -> [DriverEffect] {
        let ended = endCommands(.failed("the link was opened anew"))
        (exchange, power, failures, round) = (nil, nil, 0, [])
        return ended + identify(at: now)
    }

    private mutating func closed(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed("the link closed: \(reason)")) + [.state(.offline(reason))]
    }

    mutating func endCommands(_ outcome: CommandOutcome) -> [DriverEffect] {
        let ids = orders
        (job, queue, ramp) = (nil, [], nil)
        return ids.map { .finished($0, outcome) }
    }

    /// Commands without an outcome, the oldest first, each once.
    var orders: [CommandID] {
        let current = job?.ids ?? []
        let ramping = ramp.map { [$0.order.id] } ?? []
        return ramping.filter { !current.contains($0) } + current + queue.map(\.id)
    }

    func signal(_ quantity: String) -> SignalName { SignalName(.heater, device, quantity) }
}

/// Counts set point writes over the last hour of bench time: of the life of the controller, simulated or not.
struct WatlowWriteBudget: Sendable {
    static let window = BenchDuration.seconds(3600)

    let perHour: Int
    private var writes: [BenchInstant] = []

    init(perHour: Int) { self.perHour = perHour }

    /// nil when a write is allowed now; else how long until the next one is.
    func wait(at now: BenchInstant) -> BenchDuration? {
        let recent = writes.filter { now - $0 < Self.window }
        guard recent.count >= perHour, let oldest = recent.first else { return nil }
        return oldest + Self.window - now
    }

    /// How many of this hour's writes are gone.
    func spent(at now: BenchInstant) -> Int { writes.count { now - $0 < Self.window } }

    /// Whether writes at these times, in their order and none before those counted, keep to the limit of every hour.
    func admits(_ planned: [BenchInstant]) -> Bool {
        let all = writes + planned
        return all.indices.dropFirst(perHour).allSatisfy { all[$0] - all[$0 - perHour] >= Self.window }
    }

    mutating func spend(at now: BenchInstant) {
        writes.removeAll { now - $0 >= Self.window }
        writes.append(now)
    }
}
