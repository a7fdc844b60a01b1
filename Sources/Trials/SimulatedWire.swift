import ControlCore
import DeviceModel
import Interlocks
import Quantities
import Simulation
import VirtualBench

/// The links of a trial as the daemon's shell keeps them: what waits to be written is looked at again at the wire, and a
/// Modbus bus has one transaction at a time, urgent ones first.
struct SimulatedWire {
    private struct Waiting {
        let request: ModbusRequest
        let authority: WriteAuthority
        let isUrgent: Bool
    }

    private struct Bus {
        var waiting: [Waiting] = []
        var isBusy = false
    }

    /// Requests that a bus takes, as `ModbusBus` does.
    static let busRequests = 64

    private(set) var open: Set<LinkName> = []
    private var buses: [LinkName: Bus] = [:]

    mutating func opened(_ link: LinkName) { open.insert(link) }

    mutating func closed(_ link: LinkName) {
        open.remove(link)
        buses[link] = nil
    }

    mutating func hangUp() {
        open = []
        buses = [:]
    }

    // MARK: Buses

    /// - Returns: whether it was taken.
    mutating func post(_ request: ModbusRequest, _ authority: WriteAuthority, urgent: Bool, on link: LinkName) -> Bool {
        var bus = buses[link] ?? Bus()
        guard bus.waiting.count < Self.busRequests else { return false }
        let waiting = Waiting(request: request, authority: authority, isUrgent: urgent)
        let place = urgent ? bus.waiting.firstIndex { !$0.isUrgent } ?? bus.waiting.endIndex : bus.waiting.endIndex
        bus.waiting.insert(waiting, at: place)
        buses[link] = bus
        return true
    }

    /// What was permitted before the trip; questions stay.
    mutating func flush(_ link: LinkName, _ epoch: TripEpoch) -> [ModbusRequest] {
        guard let bus = buses[link] else { return [] }
        let old = bus.waiting.filter { !$0.authority.isValid(in: epoch) }
        buses[link]?.waiting.removeAll { !$0.authority.isValid(in: epoch) }
        return old.map(\.request)
    }

    /// The next request whose turn it is, if the bus is free.
    mutating func begin(on link: LinkName, _ epoch: TripEpoch) -> (request: ModbusRequest, isAdmitted: Bool)? {
        guard var bus = buses[link], !bus.isBusy, !bus.waiting.isEmpty else { return nil }
        let next = bus.waiting.removeFirst()
        let isAdmitted = next.authority.isValid(in: epoch)
        bus.isBusy = isAdmitted
        buses[link] = bus
        return (next.request, isAdmitted)
    }

    mutating func end(on link: LinkName) { buses[link]?.isBusy = false }
}
