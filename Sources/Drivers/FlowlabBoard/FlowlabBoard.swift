import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// A microcontroller board that speaks the protocol of `firmware-protocol/PROTOCOL.md`.
///
/// It keeps the session: who is there, what its channels are, the heartbeats that keep the board's outputs alive, its clock.
/// The devices that are its channels ask through it. A board that has started anew, or latched a fault, is gone for them;
/// nothing that ran before goes on.
struct FlowlabBoard: Driver {
    enum Phase: Sendable {
        case closed
        /// A board that was reset by the opening of its port first runs its boot loader.
        case greeting(until: WireInstant)
        case clearing
        /// Which message is next.
        case configuring(Int)
        case ready
        /// Everything on it is off; nil: until somebody clears it.
        case faulted(retryAt: WireInstant?)
        case foreign(retryAt: WireInstant)
    }

    static let heartbeat = WireDuration.milliseconds(Int64(BoardDictionary.heartbeatIntervalMilliseconds))
    /// Source: optiboot waits about 1 s for a programmer after a reset, the older loader of the Uno 2 s.
    static let greetingTime = WireDuration.milliseconds(5000)
    static let foreignRetry = WireDuration.milliseconds(5000)
    static let faultPause = WireDuration.milliseconds(1000)
    static let mostMissed = 3
    /// A cause that is still there is found again within it: inputs are debounced for 10 ms, sensors looked at five times.
    static let provenClear = WireDuration.milliseconds(200)
    /// Quick looks at its clock once it is ready, so that its time is known soon.
    static let quickLooks = 8
    static let quickInterval = WireDuration.milliseconds(50)

    let name: DeviceName
    let configuration: FlowlabBoardConfiguration
    private(set) var channels: [BoardChannel] = []
    var line = BoardLine()
    var phase = Phase.closed
    var session: UInt32 = 0
    var identity = ""
    var clock = ClockHull()
    var schedule = BoardSchedule()
    /// Number of the last event in unbroken order.
    var eventsSeen: UInt8 = 0
    var missed = 0
    var readyAt = WireInstant.zero
    var nextHeartbeat = WireInstant.zero
    var quickLooksLeft = 0
    /// Commands of the board itself that wait for their answer.
    var stops: [CommandID] = []
    var clears: [CommandID] = []
    /// What it has latched, for people.
    var faultText = ""

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = FlowlabBoardConfiguration(settings)
    }

    var limits: DeviceLimits {
        .board(
            BoardLimits(
                channels: channels.map { Int($0.number) }, timedAtOnce: BoardSchedule.atOnce,
                timedSpan: BoardSchedule.refill))
    }
    var safeCommands: [DeviceCommand] { [.board(.stop)] }

    /// Inputs before what reads them: the numbers of the messages are in that order.
    mutating func fit(_ channels: [BoardChannel]) {
        self.channels = channels.sorted {
            ($0.configuration.type, $0.number) < ($1.configuration.type, $1.number)
        }
    }

    var deadline: WireInstant? {
        let own: WireInstant? =
            switch phase {
            case .closed: nil
            // While an answer is due its time-out comes first.
            case .greeting(let until): line.awaits(.session) ? nil : until
            case .foreign(let retryAt): retryAt
            case .faulted(let retryAt): retryAt
            case .clearing, .configuring, .ready: nil
            }
        return [own, line.deadline, isInSession ? nextHeartbeat : nil, schedule.deadline].compactMap { $0 }.min()
    }

    var isInSession: Bool {
        switch phase {
        case .closed, .greeting, .foreign: false
        case .clearing, .configuring, .ready, .faulted: true
        }
    }

    mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] {
        switch event {
        case .opened: opened(at: now)
        case .closed(let reason): closed(reason)
        case .received(let bytes): line.received(bytes).flatMap { heard($0, at: now) } + advance(at: now)
        case .deadline: deadlinePassed(at: now)
        case .modbus, .relayed, .present: []
        }
    }

    mutating func execute(_ permit: consuming PermittedCommand, as id: CommandID, at now: Moment) -> [DriverEffect] {
        guard case .board(let command) = permit.command else {
            return [.finished(id, .refused("\(name) is a board and does not understand this command"))]
        }
        if case .closed = phase { return [.finished(id, .failed("the link of \(name) is closed"))] }
        switch command {
        case .stop:
            stops.append(id)
            let task = BoardErrand(.job, StopRequest(), .permit(permit.stamp), isUrgent: true)
            let dropped = schedule.dropAll("everything on \(name) was stopped")
            line.forgetSchedules(but: [])
            return dropped + line.write(task, at: now)
        case .clear: return clear(id, at: now)
        }
    }

    mutating func dropActuation(at now: Moment) -> [DriverEffect] {
        let dropped = line.dropActuation().compactMap { asker -> DriverEffect? in
            guard case .relayed(let id) = asker else { return nil }
            return .relayed(RelayReply(id: id, outcome: .refusedByTrip))
        }
        // What already waits on the board is taken out there: a stop moves nothing.
        let stops = schedule.channelsOnBoard.flatMap { channel in
            line.write(BoardErrand(.session, ChannelStopRequest(channel: channel), isUrgent: true), at: now)
        }
        return dropped + schedule.dropByTrip() + stops
    }

    mutating func relay(_ request: RelayRequest, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        func reply(_ why: String) -> [DriverEffect] {
            [.relayed(RelayReply(id: request.id, outcome: .failed(why)))]
        }
        guard case .ready = phase else { return reply("board \(name) is not ready") }
        guard !line.isFull else { return reply("board \(name) has too much to do") }
        if let instant = request.at {
            schedule.add(request, at: instant, authority)
            return advance(at: now)
        }
        let task = BoardErrand(.relayed(request.id), request.message, authority, isUrgent: request.isUrgent)
        guard request.isUrgent else {
            line.add(task)
            return advance(at: now)
        }
        let dropped = schedule.drop(channel: request.message.payload.first, "it was stopped")
        line.forgetSchedules(but: schedule.ids)
        return dropped + line.write(task, at: now)
    }
}
