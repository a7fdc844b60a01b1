import DeviceModel
import Interlocks
import Quantities

/// A Chemyx Fusion 4000 or 6000 syringe pump on a serial line.
///
/// Its replies prove nothing (a paused unit has answered `Pump stop!`, a value out of range is clamped without a word), so
/// each setting is compared with what the pump kept, and each start and stop with its status. A stop drops the runs that
/// were queued before it: what was asked for before "stop" must not flow after it.
public struct ChemyxFusion: Driver {
    /// Longest wait for a reply up to its prompt. Source: the pump answers in 50 to 100 ms; clients wait up to 0.5 s.
    static let replyTimeout = WireDuration.milliseconds(1000)
    /// A reply without a prompt counts as whole when it has its answer and nothing came for this long.
    static let replyGap = WireDuration.milliseconds(50)
    /// After a time-out or a torn line, what still arrives is thrown away until the line was silent for this long.
    static let drainGap = WireDuration.milliseconds(150)
    /// How long to wait for anything to throw away.
    static let drainSilence = WireDuration.milliseconds(500)
    /// Unanswered questions in a row before the link is opened anew.
    static let maximumSilences = 3
    static let maximumQueued = 8
    /// Looks at the status before a stop, or a start, is given up.
    static let maximumStatusLooks = 10
    /// How often a pump is asked for its settings: a power cycle forgets them, and its panel changes a rate under way.
    static let settingsInterval = WireDuration.milliseconds(5000)
    /// How long a device with a wrong identity is left alone.
    static let identityRetry = WireDuration.milliseconds(5000)

    enum Phase: Sendable {
        case closed
        case identifying(IdentityStep)
        case ready
        /// Another device, or a foreign one; asked again later.
        case foreign(retryAt: WireInstant)
    }

    enum IdentityStep: Sendable {
        case parameters, help, limits, status
    }

    /// The question that is out.
    struct Exchange: Sendable {
        let question: ChemyxQuestion
        let line: String
        /// Its reply is thrown away: it only ends what stood half-written.
        let drains: Bool
        let askedAt: WireInstant
        let expires: WireInstant
        var lastByteAt: WireInstant?
    }

    let device: DeviceName
    let configuration: ChemyxConfiguration

    var phase = Phase.closed
    var exchange: Exchange?
    var reader = ChemyxReplyReader()
    /// Whether this pump repeats each request before its answer; learnt from the first reply.
    var echoes: Bool?
    /// The last lines that were asked: a host that was held up hears their answers late.
    var asked: [String] = []
    static let rememberedLines = 8
    var lineMayBeTorn = true
    var silences = 0
    var usesShortStatus = false

    var job: ChemyxJob?
    var queue: [ChemyxRun] = []

    /// The pump's unit and settings as last shown or kept; nil when not known.
    var units: ChemyxUnits?
    var rateMicrolitersPerMinute: Double?
    var delayMinutes: Double?
    /// The pump's volume setting is negative: a run of it draws back. False where it is not known.
    var withdraws = false
    /// Whether the units and the diameter were set by this driver, so that finding others means a power cycle.
    var settingsAreOurs = false
    var status: ChemyxStatus?
    var counter = ChemyxVolumeCounter()

    var nextPoll = WireInstant.zero
    var nextSettingsLook = WireInstant.zero
    var pollsStatusNext = false

    public init(device: DeviceName, settings: DriverSettings) {
        self.device = device
        configuration = ChemyxConfiguration(settings)
    }

    public var limits: DeviceLimits { .pump(configuration.limits) }
    public var safeCommands: [DeviceCommand] { [.pump(.stop)] }

    public var deadline: WireInstant? {
        if let exchange { return replyDeadline(of: exchange) }
        if let job { return job.notBefore }
        switch phase {
        case .closed, .identifying: return nil
        case .ready: return nextPoll
        case .foreign(let retryAt): return retryAt
        }
    }

    public mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] {
        switch event {
        case .opened: opened(at: now)
        case .closed(let reason): closed(reason)
        case .received(let bytes): received(bytes, at: now)
        case .deadline: deadlinePassed(at: now)
        case .modbus, .relayed, .present: []
        }
    }

    public mutating func execute(
        _ permit: consuming PermittedCommand, as id: CommandID, at now: Moment
    ) -> [DriverEffect] {
        let authority = WriteAuthority.permit(permit.stamp)
        guard case .pump(let command) = permit.command else {
            return [.finished(id, .refused("\(device) is a pump and does not understand this command"))]
        }
        if case .closed = phase { return [.finished(id, .failed("the link of pump \(device) is closed"))] }
        switch command {
        case .stop: return stop(id, authority, at: now)
        case .run(let flow, let volume):
            return enqueue(ChemyxRun(id: id, authority: authority, flow: flow, volume: volume), at: now)
        case .withdraw(let flow, let volume):
            let run = ChemyxRun(id: id, authority: authority, flow: flow, volume: volume, withdraws: true)
            return enqueue(run, at: now)
        }
    }

    public mutating func dropActuation(at now: Moment) -> [DriverEffect] {
        var dropped: [CommandID] = []
        if case .run(let run) = job {
            dropped.append(run.id)
            job = nil
            if exchange != nil { abandonExchange() }
        }
        dropped += queue.map(\.id)
        queue = []
        return dropped.map { .finished($0, .droppedByTrip) } + advance(at: now)
    }

    private mutating func opened(at now: Moment) -> [DriverEffect] {
        let ended = endCommands(.failed("the link was opened anew"))
        phase = .identifying(.parameters)
        (exchange, echoes, status, units) = (nil, nil, nil, nil)
        (rateMicrolitersPerMinute, delayMinutes) = (nil, nil)
        (lineMayBeTorn, silences, usesShortStatus, settingsAreOurs) = (true, 0, false, false)
        withdraws = false
        return ended + [.state(.identifying)] + advance(at: now)
    }

    private mutating func closed(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed("the link closed: \(reason)")) + [.state(.offline(reason))]
    }

    /// Every command that waits or runs ends like this.
    mutating func endCommands(_ outcome: CommandOutcome) -> [DriverEffect] {
        let ids = (job?.ids ?? []) + queue.map(\.id)
        job = nil
        queue = []
        return ids.map { .finished($0, outcome) }
    }

    func signal(_ quantity: String) -> SignalName { SignalName(.pump, device, quantity) }
}

/// Adds up what a pump displaced over its runs; the pump's own counter begins anew with each.
struct ChemyxVolumeCounter: Sendable {
    private(set) var totalMicroliters = 0.0
    /// Drawn back over all runs.
    private(set) var withdrawnMicroliters = 0.0
    private var last: Double?

    /// A counter that fell has begun anew, and counted from zero since. The first count ever seen is the base.
    /// - Parameter isWithdrawn: it counts what was drawn back, without a sign: nothing was displaced.
    mutating func count(_ microliters: Double, isWithdrawn: Bool) {
        if let last {
            let moved = microliters >= last ? microliters - last : microliters
            if isWithdrawn { withdrawnMicroliters += moved } else { totalMicroliters += moved }
        }
        last = microliters
    }

    /// A run began: the pump counts from zero.
    mutating func restart() { last = 0 }
}
