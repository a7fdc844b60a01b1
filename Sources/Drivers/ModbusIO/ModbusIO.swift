import DeviceModel
import Interlocks
import Quantities

/// A module of relays, digital inputs and analog inputs on Modbus; which register is what, the bench file says.
///
/// A relay keeps its level when the host dies, unless the module has a watchdog: that is set and read back before the
/// module is ready, and looked at with each poll. An output has a level when its coil shows it, and its feedback input
/// where it has one: a coil only says what the contact was told.
public struct ModbusIO: Driver {
    /// Longest wait for the bus to answer or to give up; it gives up by itself after a quarter of a second, but others wait
    /// before us.
    static let replyTimeout = WireDuration.milliseconds(2000)
    /// Unanswered questions in a row before the link is opened anew.
    static let maximumFailures = 3
    static let maximumQueued = 8
    static let maximumJoined = 16
    /// Looks at an output before a command is given up; contacts take some 50 ms.
    static let maximumLooks = 10
    static let lookInterval = WireDuration.milliseconds(100)
    /// How long a module that is not as configured is left alone.
    static let identityRetry = WireDuration.milliseconds(5000)

    enum Phase: Sendable {
        case closed
        case identifying(IOIdentification)
        case ready
        case foreign(retryAt: WireInstant)
    }

    struct Exchange: Sendable {
        let id: UInt64
        let question: IOQuestion
        let askedAt: WireInstant
        /// The job's question, not one of a look between.
        let isOfJob: Bool
        var expires: WireInstant { askedAt + replyTimeout }
    }

    /// What one point of an output showed when it was last asked.
    struct Level: Sendable {
        let isOn: Bool
        let askedAt: WireInstant
    }

    let device: DeviceName
    let configuration: IOConfiguration

    var phase = Phase.closed
    var exchange: Exchange?
    var lastRequest: UInt64 = 0
    /// Questions in a row that got no usable answer, and what was wrong with the first.
    var failures = 0
    var firstFailure = ""

    var job: IOJob?
    var queue: [IOOrder] = []

    /// Questions of this look that are still to be asked.
    var round: [IOQuestion] = []
    var nextRound = WireInstant.zero
    var levels: [IOPoint: Level] = [:]
    /// The last good value of each analog input, by name; a broken loop shows it as bad.
    var lastValues: [String: Double] = [:]

    public init(device: DeviceName, settings: DriverSettings) {
        self.device = device
        configuration = IOConfiguration(settings)
    }

    public var limits: DeviceLimits {
        .io(
            IOLimits(
                inputs: configuration.inputs.map { IOLimits.Input(name: $0.name, unit: $0.unit) },
                outputs: configuration.outputs.map {
                    IOLimits.Output(name: $0.name, isOnWhenSafe: $0.isOnWhenSafe)
                }))
    }

    public var safeCommands: [DeviceCommand] { [.io(.safe)] }

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
        guard case .io(let command) = permit.command else {
            return [.finished(id, .refused("\(device) is an I/O module and does not understand this command"))]
        }
        if case .closed = phase { return [.finished(id, .failed("the link of I/O module \(device) is closed"))] }
        switch command {
        case .safe: return makeSafe(id, authority, at: now)
        case .set(let output, let isOn): return enqueue(id, authority, output, isOn, at: now)
        }
    }

    public mutating func dropActuation(at now: Moment) -> [DriverEffect] {
        let isMakingSafe = job?.makesSafe ?? false
        let dropped = isMakingSafe ? queue.map(\.id) : orders
        queue = []
        if job != nil, !isMakingSafe {
            job = nil
            // Its reply is of no interest any more, whatever it says.
            exchange = nil
        }
        return dropped.map { .finished($0, .droppedByTrip) } + advance(at: now)
    }

    private mutating func opened(at now: Moment) -> [DriverEffect] {
        let ended = endCommands(.failed("the link was opened anew"))
        (exchange, failures) = (nil, 0)
        return ended + identify(at: now)
    }

    private mutating func closed(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed("the link closed: \(reason)")) + [.state(.offline(reason))]
    }

    mutating func endCommands(_ outcome: CommandOutcome) -> [DriverEffect] {
        let ids = orders
        (job, queue) = (nil, [])
        return ids.map { .finished($0, outcome) }
    }

    /// Commands without an outcome, the oldest first.
    var orders: [CommandID] { (job?.ids ?? []) + queue.map(\.id) }

    func signal(_ name: String) -> SignalName { SignalName(.io, device, name) }
}
