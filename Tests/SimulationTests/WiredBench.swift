import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// Drivers on the links of a simulated bench, and nothing else: each effect is performed, each answer handed back when it is
/// due.
struct WiredBench {
    private struct Fitted {
        var driver: any Driver
        let link: String
        /// Modbus answers that are under way.
        var replies: [(due: WireInstant, reply: ModbusReply)] = []
    }

    private(set) var world: VirtualBench
    /// By link, as last told.
    private(set) var states: [String: DeviceState] = [:]
    private(set) var isSafe: [String: Bool] = [:]
    private var fitted: [Fitted] = []
    private var engine = InterlockEngine(rules: [], devices: [:])
    private var outcomes: [CommandID: CommandOutcome] = [:]
    private var issued: UInt64 = 0
    private let rate: Double
    private var wire = WireInstant.zero

    init(rate: Double, accessories: [String]) {
        var options = VirtualBench.Options()
        options.accessories = accessories
        world = VirtualBench(seed: 1, clockRate: rate, options: options)
        self.rate = rate
    }

    private var now: Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: Int64(Double(wire.nanoseconds) * rate)), wall: .zero)
    }

    mutating func fit(_ id: String, _ settings: [String: SettingValue], on link: String) throws {
        let entry = try #require(DriverCatalog.entry(id))
        fitted.append(Fitted(driver: entry.make(DeviceName(link), DriverSettings(settings)), link: link))
        engine = InterlockEngine(
            rules: [], devices: Dictionary(uniqueKeysWithValues: fitted.map { (DeviceName($0.link), .robot) }))
    }

    mutating func open() {
        for index in fitted.indices {
            world.connect(fitted[index].link, at: wire)
            handle(.opened(identity: "test"), index)
        }
    }

    mutating func fault(_ device: String, _ fault: String) throws {
        _ = try world.apply(FaultCommand(device: device, fault: fault), at: now)
    }

    // MARK: Commands

    mutating func start(_ command: RobotCommand, on link: String) throws -> CommandID {
        let index = try #require(fitted.firstIndex { $0.link == link })
        issued += 1
        let id = CommandID(number: issued)
        let permit = try engine.permit(.robot(command), for: DeviceName(link), at: now)
        perform(fitted[index].driver.execute(permit, as: id, at: now), index)
        return id
    }

    /// Waits for it, a minute at most.
    mutating func outcome(of id: CommandID) throws -> CommandOutcome {
        let end = wire + .seconds(60)
        while outcomes[id] == nil, wire < end { run(for: 0.1) }
        return try #require(outcomes[id], "no outcome within a minute")
    }

    mutating func does(_ command: RobotCommand, on link: String) throws -> CommandOutcome {
        try outcome(of: try start(command, on: link))
    }

    // MARK: Time

    /// Wire seconds, with all that happens on the way.
    mutating func run(for seconds: Double) {
        let end = wire + .seconds(seconds)
        while let next = nextInstant, next <= end {
            wire = max(wire, next)
            for output in world.drainOutputs(upTo: wire) {
                guard let index = fitted.firstIndex(where: { $0.link == output.link }) else { continue }
                handle(.received(output.bytes), index)
            }
            for index in fitted.indices { passTime(index) }
        }
        wire = end
        world.advance(to: now)
    }

    private var nextInstant: WireInstant? {
        let due = fitted.flatMap { [$0.driver.deadline, $0.replies.first?.due].compactMap(\.self) }
        return (due + [world.nextOutput].compactMap(\.self)).min()
    }

    private mutating func passTime(_ index: Int) {
        while let first = fitted[index].replies.first, first.due <= wire {
            fitted[index].replies.removeFirst()
            handle(.modbus(first.reply), index)
        }
        if let deadline = fitted[index].driver.deadline, deadline <= wire { handle(.deadline, index) }
    }

    private mutating func handle(_ event: LinkEvent, _ index: Int) {
        perform(fitted[index].driver.handle(event, at: now), index)
    }

    private mutating func perform(_ effects: [DriverEffect], _ index: Int) {
        let link = fitted[index].link
        for effect in effects {
            switch effect {
            case .send(let bytes, _): world.send(bytes, to: link, at: now)
            case .modbus(let request, _, _): ask(request, index)
            case .state(let state): states[link] = state
            case .readBack(let look): isSafe[link] = look.isSafe
            case .finished(let id, let outcome): outcomes[id] = outcome
            case .reopen(let reason): Issue.record("\(link) wants its link opened anew: \(reason)")
            case .reading, .confirmed, .burst, .result, .relay, .relayed, .channels, .executed: continue
            }
        }
    }

    private mutating func ask(_ request: ModbusRequest, _ index: Int) {
        guard let answer = world.handleModbus(request.operation.pdu, link: fitted[index].link, at: now) else { return }
        let pdu = answer.pdu
        let outcome: ModbusReply.Outcome =
            if pdu[0] & 0x80 != 0 { .exception(pdu[1]) } else if request.operation.dataLength == nil { .written } else {
                request.operation.outcome(ofData: Array(pdu.dropFirst(2)))
            }
        fitted[index].replies.append((answer.due, ModbusReply(id: request.id, outcome: outcome)))
    }
}
