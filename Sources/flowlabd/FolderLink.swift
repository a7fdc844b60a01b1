import ControlCore
import Drivers
import Interlocks
import ModbusLink
import Platform
import Quantities
import Synchronization
import Wire

/// A watched folder as a byte link: what a driver writes are requests (`FolderRequest`), and a thread of its own answers them
/// from the directory, since a file system may take its time, and a network share may hang. Then the driver hears nothing and
/// gives the link up; it is not opened anew before the thread is back.
final class FolderLink: Link {
    /// Overflow rule: refuse; the driver then gets no answer. It asks one question at a time.
    private static let capacity = 64

    private let path: String
    private let loop: EventLoop
    private let epoch: SharedTripEpoch
    private let report: (LinkEvent) -> Void
    private let threadName: String
    private var worker: FolderWorker?
    private var source: IOSource?
    private var requests = FolderRequests()
    /// Of the opening that counts; what an earlier one still says is nobody's.
    private var opening: UInt64 = 0
    private var isOpen = false

    init(
        path: String, name: String, loop: EventLoop, epoch: SharedTripEpoch, report: @escaping (LinkEvent) -> Void
    ) {
        self.path = path
        self.loop = loop
        self.epoch = epoch
        self.report = report
        threadName = "folder-\(name)"
    }

    deinit {
        source?.remove()
        worker?.stop()
    }

    func perform(_ action: LinkAction) {
        switch action {
        case .open: open()
        case .close: close()
        case .send(let bytes, let authority):
            guard isOpen, authority.isValid(in: epoch.current) else { return }
            for arrival in requests.take(bytes) { worker?.post(.answer(arrival, opening, authority)) }
        // The thread judges each write by the epoch when its turn comes.
        case .flush: break
        case .modbus: preconditionFailure("a folder carries bytes; the bench file gives a Modbus driver a bus")
        }
    }

    func portWent(_ node: String) {}
    func portCame() {}

    private func open() {
        close()
        do throws(PlatformError) {
            let worker = try startedWorker()
            guard !worker.isBusy else {
                return report(.closed(reason: "folder \(path) does not answer: is the share that it is on there?"))
            }
            worker.post(.open(opening))
        } catch {
            report(.closed(reason: error.description))
        }
    }

    private func startedWorker() throws(PlatformError) -> FolderWorker {
        if let worker { return worker }
        let worker = try FolderWorker(path: path, name: threadName, epoch: epoch, capacity: Self.capacity)
        source = try loop.addIO(worker.events.wakeDescriptor, .readable) { [weak self] _ in self?.hear() }
        self.worker = worker
        return worker
    }

    private func close() {
        opening += 1
        isOpen = false
        requests = FolderRequests()
        worker?.post(.close)
    }

    private func hear() {
        guard let worker else { return }
        for (number, event) in worker.events.drain(max: 16) where number == opening {
            switch event {
            case .opened: isOpen = true
            case .closed: isOpen = false
            case .received, .modbus, .relayed, .deadline, .present: break
            }
            report(event)
        }
    }
}

/// The thread that answers from the directory.
private final class FolderWorker: Sendable {
    enum Order: Sendable {
        case open(UInt64)
        case answer(FolderRequests.Arrival, UInt64, WriteAuthority)
        case close
        case stop
    }

    typealias Events = Mailbox<(UInt64, LinkEvent)>

    let events: Events
    private let orders: Mailbox<Order>
    private let epoch: SharedTripEpoch
    private let path: String
    /// Tasks that were posted and are not done.
    private let waiting = Atomic<Int>(0)

    init(path: String, name: String, epoch: SharedTripEpoch, capacity: Int) throws(PlatformError) {
        self.path = path
        self.epoch = epoch
        events = try Mailbox(name: "\(name).events", capacity: capacity, overflow: .refuse)
        orders = try Mailbox(name: "\(name).orders", capacity: capacity, overflow: .refuse)
        // It is not waited for when the daemon ends: it may hang in the file system.
        _ = try WorkerThread(name: name) { [self] in run() }
    }

    /// Something that was asked before is not done yet. To close is no work.
    var isBusy: Bool { waiting.load(ordering: .acquiring) > 0 }

    func post(_ order: Order) {
        if order.isWork { waiting.add(1, ordering: .acquiringAndReleasing) }
        guard orders.post(order) == .full, order.isWork else { return }
        waiting.subtract(1, ordering: .acquiringAndReleasing)
    }

    func stop() { post(.stop) }

    private func run() {
        var server = FolderServer(path: path)
        while orders.wait(timeout: nil) {
            for order in orders.drain(max: 16) {
                switch order {
                case .open(let number): say(server.open(), number)
                case .answer(let arrival, let number, let authority):
                    say(server.answer(arrival, mayWrite: authority.isValid(in: epoch.current)), number)
                case .close: server.close()
                case .stop: return
                }
                if order.isWork { waiting.subtract(1, ordering: .acquiringAndReleasing) }
            }
        }
    }

    private func say(_ event: LinkEvent, _ number: UInt64) { _ = events.post((number, event)) }
}

extension FolderWorker.Order {
    fileprivate var isWork: Bool {
        switch self {
        case .open, .answer: true
        case .close, .stop: false
        }
    }
}
