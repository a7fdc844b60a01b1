import DeviceModel
import Experiments
import Interlocks
import ModbusLink
import Platform
import Quantities

/// Polls of ten registers through the daemon's Modbus bus: one is on the wire at a time, some wait in its queue, as those
/// of several devices on a bus do.
final class ModbusLoad {
    private let ahead: Int
    private let bus: ModbusBus
    private let events: Mailbox<ModbusBusEvent>
    private var nextID: UInt64 = 1

    init(port: UInt16, ahead: Int) throws {
        self.ahead = max(1, ahead)
        let events = try Mailbox<ModbusBusEvent>(name: "bus-events", capacity: 1024, overflow: .refuse)
        self.events = events
        bus = try ModbusBus(
            name: "bench", endpoint: .tcp(try TCPAddress(host: "127.0.0.1", port: port)),
            epoch: SharedTripEpoch(TripEpoch(count: 1))
        ) { event in _ = events.post(event) }
    }

    /// One JSON line: polls a second, and the median time of one in us, its turn in the queue included.
    func run(seconds: Double) throws -> String {
        var times = DurationHistogram()
        var askedAt: [UInt64: WireInstant] = [:]
        try waitUntilOpen()
        let start = wireNow()
        let end = start + .seconds(seconds)
        for _ in 0..<ahead { askedAt[ask()] = wireNow() }
        while wireNow() < end {
            guard events.wait(timeout: .seconds(2)) else { throw Trouble(text: "no reply within 2 s") }
            for event in events.drain(max: 64) {
                guard case .reply(let reply, _) = event, case .registers(let values) = reply.outcome, values.count == 10
                else { throw Trouble(text: "\(event)") }
                if let asked = askedAt.removeValue(forKey: reply.id) { times.add(wireNow() - asked) }
                askedAt[ask()] = wireNow()
            }
        }
        let elapsed = (wireNow() - start).seconds
        let median = (times.quantile(0.5)?.seconds ?? 0) * 1e6
        return "{\"rate\":\(Double(times.count) / elapsed),\"p50_us\":\(median)}"
    }

    private func ask() -> UInt64 {
        defer { nextID += 1 }
        let request = ModbusRequest(
            id: nextID, unit: 1, operation: .readHoldingRegisters(address: 0, count: 10))
        _ = bus.post(request, .query, urgent: false, owner: 0)
        return nextID
    }

    private func waitUntilOpen() throws {
        let end = wireNow() + .seconds(5)
        while wireNow() < end, events.wait(timeout: .seconds(1)) {
            for event in events.drain(max: 1) { if case .opened = event { return } }
        }
        throw Trouble(text: "the bus did not open")
    }
}
