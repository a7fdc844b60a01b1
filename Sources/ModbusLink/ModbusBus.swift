import DeviceModel
import Interlocks
import Platform
import Quantities
import Synchronization

/// What a bus tells its owner, in the order in which it happened. `owner` is what the poster gave with the request.
public enum ModbusBusEvent: Hashable, Sendable {
    /// The link is open; all devices on it start over.
    case opened(identity: String)
    case closed(reason: String)
    /// The link did not open; tried again after a pause of 1…10 s.
    case unreachable(reason: String)
    case reply(ModbusReply, owner: Int)
}

/// One Modbus bus: a thread of its own that owns one libmodbus context and works off bounded mailboxes.
///
/// Every request is answered once, by a `reply` event: with the slave's answer, with why there is none, or with
/// `refusedByTrip`. Urgent requests go before all that wait, are tried although a slave or the link is in its pause, and
/// still take their turn behind the one request that is on the wire (250 ms, and on a serial line what the line takes).
/// No request is repeated and none waits for a link to come back. On a serial line a question of the bus's own may go
/// first, where a late reply could else be taken for this one's.
public final class ModbusBus: Sendable {
    public let name: String
    /// Whether the thread got its real-time priority.
    public let scheduling: SchedulingGrant
    private let shared: ModbusBusShared
    private let thread: WorkerThread

    /// Starts the bus, which opens its link by itself and reopens it when lost.
    /// - Parameters:
    ///   - name: as the bench file names the link; the thread's name too.
    ///   - epoch: the trip epoch that permits are compared with, right before the write.
    ///   - onEvent: called on the bus thread; it must not block (post to a mailbox).
    public init(
        name: String, endpoint: ModbusEndpoint, settings: ModbusSettings = ModbusSettings(), epoch: SharedTripEpoch,
        policy: SchedulingPolicy = .normal, onEvent: @escaping @Sendable (ModbusBusEvent) -> Void
    ) throws(PlatformError) {
        let shared = try ModbusBusShared(name: name, settings: settings)
        self.shared = shared
        self.name = name
        thread = try WorkerThread(name: name, policy: policy) {
            ModbusWorker(endpoint, settings, shared, epoch, onEvent).run()
        }
        scheduling = thread.scheduling
    }

    deinit { stop() }

    /// Queues a request. `full` means that it was not taken, and no reply will come.
    /// - Parameters:
    ///   - urgent: safe-state writes only.
    ///   - owner: comes back with the reply, since two drivers may choose the same request id.
    public func post(_ request: ModbusRequest, _ authority: WriteAuthority, urgent: Bool, owner: Int) -> PostResult {
        let flushes = shared.flushes.load(ordering: .acquiring)
        let queued = QueuedRequest(request: request, authority: authority, owner: owner, flushes: flushes)
        return (urgent ? shared.urgent : shared.queue).post(queued)
    }

    /// A trip: answers each permitted write that waits with `refusedByTrip`, safe-state writes excepted. Questions stay.
    public func flush() {
        shared.flushes.add(1, ordering: .acquiringAndReleasing)
        shared.wake.signal()
    }

    /// The node of the serial port that is open; nil while none is, and of Modbus TCP.
    public var node: String? { shared.port.withLock { $0.node } }

    /// The host says that this node is gone: what is open on it is closed, after the request that is on the wire.
    public func giveUp(node: String, reason: String) {
        shared.port.withLock { $0.gone = (node, reason) }
        shared.wake.signal()
    }

    /// Ends the pause before the next opening: its port has just come.
    public func openNow() {
        shared.port.withLock { $0.hasCome = true }
        shared.wake.signal()
    }

    /// Since when the request on the wire has been there; nil when none is. Older than a second means a hung bus.
    public var busySince: WireInstant? {
        let nanoseconds = shared.busySince.load(ordering: .relaxed)
        return nanoseconds == 0 ? nil : WireInstant(nanoseconds: nanoseconds)
    }

    /// Its requests and its urgent ones.
    public var mailboxes: [any MailboxGauge] { [shared.queue, shared.urgent] }

    /// The most requests that ever waited, and how many found no room.
    public var load: (highWater: Int, refused: Int) {
        (
            max(shared.queue.highWater, shared.urgent.highWater), shared.queue.dropped + shared.urgent.dropped
        )
    }

    /// Answers what waits as failed, closes the link and ends the thread. Urgent requests are still carried out.
    public func stop() {
        shared.isStopping.store(true, ordering: .releasing)
        shared.wake.signal()
        thread.join()
    }
}

/// One request on its way to the wire.
struct QueuedRequest: Sendable {
    let request: ModbusRequest
    let authority: WriteAuthority
    let owner: Int
    /// How many flushes had come before it was posted.
    let flushes: UInt64
}

/// What the bus's thread and its users tell each other of a serial port.
struct SerialPortNews {
    /// Of the port that is open.
    var node: String?
    /// It went, says the host.
    var gone: (node: String, reason: String)?
    /// It came, says the host.
    var hasCome = false
}

/// What the bus's thread and its users share.
final class ModbusBusShared: Sendable {
    /// Overflow rule of both: refuse, and the poster tells the driver.
    let queue: Mailbox<QueuedRequest>
    let urgent: Mailbox<QueuedRequest>
    let wake: WakeEvent
    let flushes = Atomic<UInt64>(0)
    let isStopping = Atomic<Bool>(false)
    let port = Mutex(SerialPortNews())
    /// Nanoseconds of the wire clock; 0 while nothing is on the wire.
    let busySince = Atomic<Int64>(0)

    init(name: String, settings: ModbusSettings) throws(PlatformError) {
        let wake = try WakeEvent()
        queue = try Mailbox(
            name: "\(name).requests", capacity: settings.queueCapacity, overflow: .refuse, wake: wake)
        urgent = try Mailbox(
            name: "\(name).urgent", capacity: settings.urgentCapacity, overflow: .refuse, wake: wake)
        self.wake = wake
    }
}
