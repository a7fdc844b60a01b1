import DeviceModel
import Interlocks
import ModbusLink
import Platform
import Quantities
import Testing

/// A bus under test and what it says.
final class ModbusBench {
    let events: Mailbox<ModbusBusEvent>
    let epoch: SharedTripEpoch
    let bus: ModbusBus
    private var engine: InterlockEngine

    init(_ endpoint: ModbusEndpoint, _ settings: ModbusSettings = ModbusSettings()) throws {
        let events = try Mailbox<ModbusBusEvent>(name: "events", capacity: 256, overflow: .refuse)
        engine = InterlockEngine(rules: [], devices: ["heater": .heater])
        epoch = SharedTripEpoch(engine.epoch)
        self.events = events
        bus = try ModbusBus(name: "heater", endpoint: endpoint, settings: settings, epoch: epoch) { event in
            #expect(events.post(event) == .accepted)
        }
    }

    convenience init(_ server: ModbusServer, _ settings: ModbusSettings = ModbusSettings()) throws {
        try self.init(.tcp(TCPAddress(host: "127.0.0.1", port: server.port)), settings)
        #expect(next() == .opened(identity: "tcp 127.0.0.1:\(server.port)"))
    }

    private let start = Moment(wire: .zero, bench: .zero, wall: .zero)

    /// The authority of a command, as the interlocks give it now.
    func authority(_ command: HeaterCommand) throws -> WriteAuthority {
        .permit(try engine.permit(.heater(command), for: "heater", at: start).stamp)
    }

    func trip() {
        _ = engine.trigger("safe-state", reason: "test", at: start)
        epoch.publish(engine.epoch)
    }

    func next() -> ModbusBusEvent? {
        while events.wait(timeout: patience) {
            if let event = events.drain(max: 1).first { return event }
        }
        return nil
    }

    func post(
        _ id: UInt64, _ operation: ModbusRequest.Operation, _ authority: WriteAuthority = .query, unit: UInt8 = 1,
        urgent: Bool = false
    ) {
        let request = ModbusRequest(id: id, unit: unit, operation: operation)
        #expect(bus.post(request, authority, urgent: urgent, owner: Int(id) * 10) == .accepted)
    }

    /// The outcome of the next reply, which must be of that request.
    func outcome(of id: UInt64) -> ModbusReply.Outcome? {
        guard case .reply(let reply, let owner) = next(), reply.id == id, owner == Int(id) * 10 else { return nil }
        return reply.outcome
    }
}
