import ControlCore
import DeviceModel
import Drivers
import Interlocks
import ModbusLink
import Platform
import Quantities

/// What the control loop can do with a link of either kind.
protocol Link: AnyObject {
    func perform(_ action: LinkAction)
    /// The host says that this node is gone.
    func portWent(_ node: String)
    /// The host says that the link's port is there.
    func portCame()
}

/// What a technician reads of a device whose plug was pulled.
func unplugged(_ node: String) -> String { "unplugged: \(node) is gone" }

/// A Modbus bus as the control loop sees it. The bus's own thread opens the link and opens it again.
final class BusLink: Link {
    private let endpoint: ModbusEndpoint
    private let makeBus: () throws(PlatformError) -> ModbusBus
    private var lock: AddressLock?
    private var bus: ModbusBus?
    private let report: (LinkEvent) -> Void
    /// The identity while the bus is open.
    private var identity: String?
    /// Whether the core wants the link; it learns of an open bus when it asks.
    private var isWanted = false
    /// It was given up because its port went; the bus has not said yet that it closed it.
    private var isGivenUp = false
    /// Its port came while the bus was in its pause.
    private var hasPortCome = false

    /// The bus is started once this daemon owns the address; a serial port is locked when it is opened.
    init(
        endpoint: ModbusEndpoint, makeBus: @escaping () throws(PlatformError) -> ModbusBus,
        report: @escaping (LinkEvent) -> Void
    ) {
        self.endpoint = endpoint
        self.makeBus = makeBus
        self.report = report
    }

    func perform(_ action: LinkAction) {
        switch action {
        case .open:
            isWanted = true
            start()
            openNow()
            if let identity { report(.opened(identity: identity)) }
        case .close: isWanted = false
        case .modbus(let request, let authority, let urgent):
            guard bus?.post(request, authority, urgent: urgent, owner: 0) != .accepted else { return }
            report(.modbus(ModbusReply(id: request.id, outcome: .failed("the bus takes no more requests"))))
        case .flush: bus?.flush()
        case .send: preconditionFailure("a Modbus bus carries requests; the bench file gives a byte driver a byte link")
        }
    }

    private func start() {
        guard bus == nil else { return }
        do throws(PlatformError) {
            if case .tcp(let address) = endpoint, lock == nil { lock = try AddressLock(address) }
            bus = try makeBus()
        } catch {
            report(.closed(reason: error.description))
        }
    }

    func portWent(_ node: String) {
        guard let bus, bus.node == node else { return }
        bus.giveUp(node: node, reason: unplugged(node))
        // What the bus has said and nobody has heard yet comes in its order.
        guard identity != nil else { return }
        identity = nil
        isGivenUp = true
        if isWanted { report(.closed(reason: unplugged(node))) }
    }

    /// The core says when: it asks for the link no more often than it may be tried.
    func portCame() {
        hasPortCome = identity == nil
        report(.present)
    }

    private func openNow() {
        guard hasPortCome, identity == nil else { return }
        hasPortCome = false
        bus?.openNow()
    }

    /// Takes an event of the bus thread, on the loop.
    func take(_ event: ModbusBusEvent) {
        switch event {
        case .opened(let identity):
            self.identity = identity
            (isGivenUp, hasPortCome) = (false, false)
            if isWanted { report(.opened(identity: identity)) }
        case .closed where isGivenUp: isGivenUp = false
        case .closed(let reason), .unreachable(let reason):
            identity = nil
            if isWanted { report(.closed(reason: reason)) }
        case .reply(let reply, _): if isWanted { report(.modbus(reply)) }
        }
    }
}
