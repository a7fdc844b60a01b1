import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// A driver and the simulated device that it is for, on one wire and one clock.
struct WiredPair {
    static let device: DeviceName = "dut"

    private var driver: any Driver
    private var bench: VirtualBench
    private var engine: InterlockEngine
    private let link: String
    private var wire = WireInstant.zero
    private var readings: [String: Reading] = [:]
    private var outcomes: [CommandOutcome] = []
    private(set) var state = DeviceState.identifying
    private(set) var readBack: SafeStateReadBack?

    init(_ driver: String, _ given: [String: SettingValue], accessory: String) throws {
        let entry = try #require(DriverCatalog.entry(driver))
        var values = given
        for spec in entry.settings where values[spec.key] == nil { values[spec.key] = spec.fallback }
        #expect(entry.problems(DriverSettings(values)).isEmpty)
        self.driver = entry.make(Self.device, DriverSettings(values))
        var options = VirtualBench.Options()
        options.accessories = [accessory]
        bench = VirtualBench(seed: 1, options: options)
        engine = InterlockEngine(rules: [], devices: [Self.device: entry.deviceClass])
        link = accessory
        perform(self.driver.handle(.opened(identity: "test"), at: now))
        run(4)
    }

    private var now: Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero)
    }

    /// Ten milliseconds are the grain of both.
    mutating func run(_ seconds: Double) {
        let end = wire + .seconds(seconds)
        while wire < end {
            wire = wire + .milliseconds(10)
            for output in bench.drainOutputs(upTo: wire) where output.link == link {
                perform(driver.handle(.received(output.bytes), at: now))
            }
            if let deadline = driver.deadline, deadline <= wire { perform(driver.handle(.deadline, at: now)) }
        }
    }

    /// The outcome, once there is one.
    mutating func execute(_ command: DeviceCommand, within seconds: Double = 5) throws -> CommandOutcome? {
        let count = outcomes.count
        let permit = try engine.permit(command, for: Self.device, at: now)
        perform(driver.execute(permit, as: CommandID(number: UInt64(count + 1)), at: now))
        run(seconds)
        return outcomes.count > count ? outcomes[count] : nil
    }

    mutating func fault(_ name: String, value: Double? = nil) throws {
        _ = try bench.apply(FaultCommand(device: link, fault: name, value: value), at: now)
    }

    func shown(_ signal: String) -> Double? { readings[signal]?.value }
    func quality(_ signal: String) -> Quality? { readings[signal]?.quality }

    mutating func truth(_ member: String) -> Double? {
        run(1.2)
        return bench.drainTruth().last?.accessories[link]?[member]?.double
    }

    private mutating func perform(_ effects: [DriverEffect]) {
        for effect in effects {
            switch effect {
            case .send(let bytes, _): bench.send(bytes, to: link, at: now)
            case .modbus(let request, _, _): answer(request)
            case .reading(let reading): readings[reading.signal.text] = reading
            case .state(let new): state = new
            case .readBack(let look): readBack = look
            case .finished(_, let outcome): outcomes.append(outcome)
            case .reopen:
                perform(driver.handle(.closed(reason: "reopening"), at: now))
                perform(driver.handle(.opened(identity: "test"), at: now))
            case .confirmed, .burst, .result, .relay, .relayed, .channels, .executed: break
            }
        }
    }

    private mutating func answer(_ request: ModbusRequest) {
        let pdu = bench.handleModbus(request.operation.pdu, link: link, at: now)?.pdu ?? []
        let outcome: ModbusReply.Outcome
        if let function = pdu.first, function & 0x80 != 0 {
            outcome = .exception(pdu.last ?? 0)
        } else if request.operation.dataLength == pdu.count - 2 {
            outcome = request.operation.outcome(ofData: Array(pdu.dropFirst(2)))
        } else {
            outcome = .written
        }
        perform(driver.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)), at: now))
    }
}
