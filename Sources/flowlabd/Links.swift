import Configuration
import ControlCore
import DeviceModel
import Drivers
import ModbusLink
import Platform

/// The links of one bench, on the loop that owns them. What happens on one is reported as a link event, also while an
/// action is being performed.
final class Links {
    typealias BusEvents = Mailbox<(LinkName, ModbusBusEvent)>

    private let loop: EventLoop
    private let epoch: SharedTripEpoch
    private let events: BusEvents
    private let busSettings: ModbusSettings
    private let onBus: @Sendable (ModbusBus) -> Void
    private let report: (LinkName, LinkEvent) -> Void
    private var links: [LinkName: any Link] = [:]
    private var buses: [LinkName: BusLink] = [:]
    /// Serial links with the path that the bench file gives each, sorted by name.
    private let ports: [(link: LinkName, path: String)]

    /// - Parameter onBus: gets each bus when it starts.
    init(
        _ bench: BenchFile, loop: EventLoop, epoch: SharedTripEpoch,
        busEvents: BusEvents, busSettings: ModbusSettings = ModbusSettings(),
        onBus: @escaping @Sendable (ModbusBus) -> Void = { _ in },
        report: @escaping (LinkName, LinkEvent) -> Void
    ) throws(PlatformError) {
        self.loop = loop
        self.epoch = epoch
        events = busEvents
        self.busSettings = busSettings
        self.onBus = onBus
        self.report = report
        ports = bench.links.sorted { $0.key < $1.key }.compactMap { name, spec in
            spec.serialPath.map { (name, $0) }
        }
        for (name, spec) in bench.links.sorted(by: { $0.key < $1.key }) { try add(name, spec, bench.clockRate) }
        try loop.addIO(events.wakeDescriptor, .readable) { [weak self] _ in
            self?.events.drain(max: 64) { name, event in self?.buses[name]?.take(event) }
        }
    }

    func perform(_ action: LinkAction, on link: LinkName) { links[link]?.perform(action) }

    /// A serial adapter was plugged in or pulled out. A link whose port went is closed now; one whose port came is told to
    /// the core, which knows whether it waits for it.
    func take(_ event: HotplugMonitor.Event) {
        switch event.action {
        case .removed:
            for port in ports {
                links[port.link]?.portWent(event.node)
                // The device may be back under another node before the old one is said to be gone.
                guard event.links.contains(port.path), let node = resolvedPath(port.path) else { continue }
                if node != event.node { links[port.link]?.portCame() }
            }
        case .added, .other:
            for port in ports where event.concerns(port.path) { links[port.link]?.portCame() }
        }
    }

    private func add(_ name: LinkName, _ spec: LinkSpec, _ clockRate: Double) throws(PlatformError) {
        let report: (LinkEvent) -> Void = { [weak self] in self?.report(name, $0) }
        switch spec {
        case .serial(let path, let baud):
            let format = try SerialFormat(bitsPerSecond: baud)
            links[name] = ByteLink(
                loop: loop, epoch: epoch,
                open: { () throws(PlatformError) in
                    try SerialChannel(path: path, format: format, clockRate: clockRate)
                }, report: report)
        case .tcp(let host, let port):
            links[name] = ByteLink(
                loop: loop, epoch: epoch, open: { () throws(PlatformError) in try TCPChannel(host: host, port: port) },
                report: report)
        case .folder(let path):
            links[name] = FolderLink(path: path, name: name.text, loop: loop, epoch: epoch, report: report)
        case .modbusTCP(let host, let port):
            addBus(name, .tcp(try TCPAddress(host: host, port: port)), report)
        case .modbusRTU(let path, let baud, let parity, let stopBits):
            let format = try SerialFormat(bitsPerSecond: baud, parity: parity, stopBits: stopBits)
            addBus(name, .rtu(path: path, format: format, clockRate: clockRate), report)
        }
    }

    private func addBus(_ name: LinkName, _ endpoint: ModbusEndpoint, _ report: @escaping (LinkEvent) -> Void) {
        let (events, epoch, settings, onBus) = (events, epoch, busSettings, onBus)
        let makeBus: () throws(PlatformError) -> ModbusBus = { () throws(PlatformError) in
            let bus = try ModbusBus(
                name: "bus-\(name)", endpoint: endpoint, settings: settings, epoch: epoch,
                policy: .realtimeFIFO(priority: Daemon.busPriority)
            ) { event in _ = events.post((name, event)) }
            onBus(bus)
            return bus
        }
        let link = BusLink(endpoint: endpoint, makeBus: makeBus, report: report)
        links[name] = link
        buses[name] = link
    }
}
