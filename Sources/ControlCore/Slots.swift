import DeviceModel
import Drivers
import Quantities

/// One device with what the core must remember of it.
struct DeviceSlot: Sendable {
    let definition: DeviceDefinition
    var driver: any Driver
    var state: DeviceState = .offline("not tried yet")
    var since: Moment
    var readBack: SafeStateReadBack?
    /// Commands that have no outcome yet and are not confirmed.
    var outstanding: Set<CommandID> = []
    /// Read-backs asked before this say nothing of the commands that have ended since.
    var judgeFrom: WireInstant
    /// Its outputs run because somebody above asked for it. Lost with the link and at a trip.
    var isOwned = false
    /// Its outputs run although nobody asked, and no read-back has shown them safe since.
    var isFoundRunning = false
    /// When the device starts over although its bus stayed open for the others on it.
    var retryAt: WireInstant?
    var wait: WireDuration
    /// Of a pump: what it has confirmed, and what commands without an outcome want of it.
    var commanded: CommandedFlow?
    var wanted: [CommandID: CommandedFlow] = [:]
    /// Of a pump on a board: what it will do at a set time.
    var timed: [CommandID: DeviceCommand] = [:]
}

/// A trip is finished for a device only when a read-back, asked after the trip, shows its safe state.
struct PendingProof: Sendable {
    let since: WireInstant
    var deadline: WireInstant
    var escalations = 0
}

/// One link with its reconnect schedule.
struct LinkSlot: Sendable {
    let name: LinkName
    var devices: [Int]
    /// The board that the others on it are channels of, by its device: it alone hears the line.
    var board: Int?
    var isOpen = false
    /// Of the port or peer, while it is open.
    var identity = ""
    var retryAt: WireInstant?
    var wait: WireDuration
    /// When it was last asked to open.
    var triedAt: WireInstant?
    /// Requests on a shared bus, or to a board, by the number that it sees.
    var requests: [UInt64: (device: Int, driverID: UInt64, askedAt: WireInstant)] = [:]
    var nextRequest: UInt64 = 1

    /// Those that hear what comes from the link itself.
    var listeners: [Int] { board.map { [$0] } ?? devices }
    var channels: [Int] { devices.filter { $0 != board } }
}

extension ControlCore {
    /// Commands that no driver has confirmed or ended yet.
    public var openCommands: Set<CommandID> {
        slots.reduce(into: []) { open, slot in open.formUnion(slot.outstanding) }
    }
}
