import DeviceModel
import Interlocks
import Quantities

/// What happens to a driver. It has no other senses: no clock, no port.
public enum LinkEvent: Sendable {
    /// The link is open. `identity` is the adapter's or peer's (resolved path, address). Ask who is there; actuate nothing.
    case opened(identity: String)
    case closed(reason: String)
    case received([UInt8])
    case modbus(ModbusReply)
    /// Of the board that the device is a channel of; comes from its driver, not from the link.
    case relayed(RelayReply)
    /// The driver's `deadline` has passed.
    case deadline
    /// The host says that the port is there, as after a plug was put in. For the core, which opens a link that waits at
    /// once; no driver gets it.
    case present
}

/// What a driver wants done. The caller performs them in order.
public enum DriverEffect: Sendable {
    case send([UInt8], WriteAuthority)
    /// `urgent` goes before all that waits on the bus: safe-state writes only.
    case modbus(ModbusRequest, WriteAuthority, urgent: Bool)
    /// To the driver of the board that this device is a channel of.
    case relay(RelayRequest, WriteAuthority)
    /// Of a board's driver: the reply to what was relayed to it, by the core's number.
    case relayed(RelayReply)
    /// Of a board's driver: its channels can be used now, or not any more.
    case channels(BoardPresence)
    case reading(Reading)
    case state(DeviceState)
    /// Whether what was just read back shows the device's safe state.
    case readBack(SafeStateReadBack)
    /// Of a timed command, before it is `finished`.
    case executed(CommandID, BoardPunctuality)
    case finished(CommandID, CommandOutcome)
    /// A command that lasts (a ramp) has begun: the device does as it says, and `finished` comes when it is through. From
    /// here on its read-backs count.
    case confirmed(CommandID)
    case burst(SpectrumBurst)
    /// Before its command is `finished`.
    case result(AnalyzerResult)
    /// The link is of no use any more (garbage, silence): close it and open it anew.
    case reopen(reason: String)
}

/// Whether the channels of a board can be used.
public enum BoardPresence: Hashable, Sendable {
    /// Identified and configured; the text is the board's.
    case usable(identity: String)
    case gone(reason: String)
}

/// One look at a device, asked for and answered: is it in its safe state? `askedAt` is when the question was written, so
/// that an answer from before a trip never proves a trip finished.
public struct SafeStateReadBack: Hashable, Sendable {
    public let isSafe: Bool
    /// What was read: "status 1 (running)", "mode 10 (auto), power 43 %".
    public let detail: String
    public let askedAt: WireInstant

    public init(isSafe: Bool, detail: String, askedAt: WireInstant) {
        self.isSafe = isSafe
        self.detail = detail
        self.askedAt = askedAt
    }
}

/// A driver: a codec and a plain struct, sans-I/O. It gets events and the time and returns effects.
///
/// Rules that every driver keeps: opening a device never actuates it; it polls by itself while `ready` and emits readings
/// (signal names `<class>.<device>.<quantity>`) and a `readBack` with each status; commands are done one after the other,
/// each confirmed by read-back or failed with a reason; a write that actuates carries its permit's stamp; nothing is
/// ever replayed after a reconnect; malformed input never traps.
public protocol Driver: Sendable {
    /// What the planner may ask of this device.
    var limits: DeviceLimits { get }
    /// The commands that bring the device to its safe state, in order.
    var safeCommands: [DeviceCommand] { get }
    /// Of a device that is a channel of a board, or several: what the board must be told of them. Empty: it has a link
    /// of its own, or is a unit on a bus.
    var boardChannels: [BoardChannel] { get }
    /// When the driver next wants `.deadline`, at the latest (time-outs, polls): link time.
    var deadline: WireInstant? { get }

    mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect]
    /// Starts or queues a command. A command that is not of this driver's class is finished as `.refused`. One that
    /// `makesSafe` goes before all that is queued, and ends what runs.
    mutating func execute(_ permit: consuming PermittedCommand, as id: CommandID, at now: Moment) -> [DriverEffect]
    /// A trip: forget every queued or half-done actuation (each finishes `.droppedByTrip`).
    mutating func dropActuation(at now: Moment) -> [DriverEffect]

    /// Of a board, before its link is opened: what the devices on this link are.
    mutating func fit(_ channels: [BoardChannel])
    /// Of a board: what a device on its link asks; answered by `.relayed`, always and in bounded time.
    mutating func relay(_ request: RelayRequest, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect]
}

extension Driver {
    public var boardChannels: [BoardChannel] { [] }
    public mutating func fit(_ channels: [BoardChannel]) {}
    public mutating func relay(
        _ request: RelayRequest, _ authority: WriteAuthority, at now: Moment
    ) -> [DriverEffect] {
        [.relayed(RelayReply(id: request.id, outcome: .failed("what it is asked through is no board")))]
    }
}
