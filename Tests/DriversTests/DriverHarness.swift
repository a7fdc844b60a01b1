import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing

/// A driver on a virtual clock: performs nothing, writes down everything.
struct DriverHarness {
    static let device: DeviceName = "dut"

    var driver: any Driver
    var engine: InterlockEngine
    private let deviceClass: DeviceClass
    private(set) var wire = WireInstant.zero
    private(set) var outcomes: [CommandID: [CommandOutcome]] = [:]
    private(set) var issued: [CommandID] = []
    private(set) var effects: [DriverEffect] = []
    private(set) var lastRequest: ModbusRequest?
    private(set) var lastRelay: RelayRequest?
    private(set) var lastSent: [UInt8] = []

    init(_ id: String, _ given: [String: SettingValue]) throws {
        let entry = try #require(DriverCatalog.entry(id))
        var values = given
        for spec in entry.settings where values[spec.key] == nil { values[spec.key] = spec.fallback }
        driver = entry.make(Self.device, DriverSettings(values))
        deviceClass = entry.deviceClass
        engine = InterlockEngine(rules: [], devices: [Self.device: entry.deviceClass])
    }

    var now: Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero)
    }

    /// Stands for the reset of a trip.
    mutating func renewEngine() {
        engine = InterlockEngine(rules: [], devices: [Self.device: deviceClass])
    }

    mutating func handle(_ event: LinkEvent) { record(driver.handle(event, at: now)) }

    mutating func execute(_ command: DeviceCommand) throws {
        let id = CommandID(number: UInt64(issued.count + 1))
        issued.append(id)
        record(driver.execute(try engine.permit(command, for: Self.device, at: now), as: id, at: now))
    }

    mutating func trip() {
        _ = engine.trigger(InterlockEngine.manualTrigger, reason: "test", at: now)
        record(driver.dropActuation(at: now))
    }

    /// Lets time pass, with every deadline on the way.
    mutating func wait(_ span: WireDuration) {
        let end = wire + span
        var looks = 0
        while let deadline = driver.deadline, deadline < end || deadline == end {
            // A deadline that does not move is a driver that spins.
            looks += 1
            guard looks < 20_000 else {
                Issue.record("the driver's deadline \(deadline.seconds) s does not move on")
                return
            }
            wire = max(wire, deadline)
            handle(.deadline)
        }
        wire = end
    }

    mutating func takeEffects() -> [DriverEffect] {
        defer { effects = [] }
        return effects
    }

    private mutating func record(_ new: [DriverEffect]) {
        effects += new
        for effect in new {
            switch effect {
            case .finished(let id, let outcome): outcomes[id, default: []].append(outcome)
            case .modbus(let request, _, _): lastRequest = request
            case .send(let bytes, _): lastSent = bytes
            case .relay(let request, _): lastRelay = request
            case .reading, .state, .readBack, .confirmed, .burst, .result, .reopen, .relayed, .channels, .executed:
                continue
            }
        }
    }
}

/// Small, seeded, the same everywhere (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
