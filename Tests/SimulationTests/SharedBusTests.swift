import ControlCore
import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing

/// Two controllers on one bus, of which the second falls silent.
@Suite struct SharedBusTests {
    @Test func aDeadUnitTakesOnlyItselfOffTheBus() throws {
        var bus = SharedBus()
        bus.open()
        #expect(bus.core.state(of: "plate") == .ready)
        #expect(bus.core.state(of: "oven") == .ready)
        try bus.hold("plate", 100)
        bus.silent.insert(2)
        bus.advance(to: 0.9)
        #expect(bus.core.state(of: "oven")?.word == "offline")
        #expect(bus.core.state(of: "oven")?.detail?.contains("process value: unit 2: silence") == true)
        #expect(bus.core.state(of: "plate") == .ready)
        #expect(!bus.wasClosed, "the bus stays open for the others")
        #expect(!bus.notices.contains("running plate"), "the other device is still owned")
        bus.silent = []
        bus.advance(to: 10)
        #expect(bus.core.state(of: "oven") == .ready)
        #expect(bus.core.state(of: "plate") == .ready)
    }

    /// It is tried again after a pause that doubles, as a link is.
    @Test func aDeadUnitIsTriedEverLessOften() {
        var bus = SharedBus()
        bus.silent = [2]
        bus.open()
        bus.advance(to: 100)
        // 1, 2, 4, 8, 16 and then 30 s, three questions a time.
        #expect(bus.asked[2] == 3 * (1 + 5 + 2))
        #expect(bus.core.state(of: "plate") == .ready)
    }

    /// A ramp lasts for minutes; what is done at the controller's own panel meanwhile is seen at once.
    @Test func aRampThatIsStoppedAtThePanelIsFoundStopped() throws {
        var bus = SharedBus()
        bus.open()
        try bus.ramp("plate", 60, 5)
        bus.advance(to: 60)
        #expect(bus.notices == [])
        bus.modes[1] = 62
        bus.advance(to: 60.5)
        #expect(bus.notices.first == "stopped plate")
        #expect(bus.notices.last?.hasPrefix("finished plate failed, heater plate was taken out of auto") == true)
        #expect(bus.notices.count == 2)
    }

    @Test func aLostBusTakesBoth() {
        var bus = SharedBus()
        bus.open()
        bus.silent = [2]
        bus.advance(to: 1)
        bus.lose()
        #expect(bus.core.state(of: "plate") == .offline("pulled"))
        #expect(bus.core.state(of: "oven") == .offline("pulled"))
        bus.silent = []
        bus.advance(to: 3)
        #expect(bus.opens == 2)
        bus.open()
        #expect(bus.core.state(of: "plate") == .ready)
        #expect(bus.core.state(of: "oven") == .ready)
    }
}

/// The core with two F4T on one bus, and the units that answer it at once.
private struct SharedBus {
    var core: ControlCore
    var silent: Set<UInt8> = []
    private(set) var asked: [UInt8: Int] = [:]
    private(set) var notices: [String] = []
    private(set) var opens = 0
    private(set) var wasClosed = false
    private var seconds = 0.0
    var modes: [UInt8: UInt16] = [:]
    private var setPoints: [UInt8: [UInt16]] = [:]

    init() {
        let devices = [("plate", Int64(1)), ("oven", 2)].map { name, unit in
            var values: [String: SettingValue] = ["unit": .integer(unit), "min_c": .number(20), "max_c": .number(160)]
            for spec in WatlowF4T.entry.settings where values[spec.key] == nil { values[spec.key] = spec.fallback }
            let device = DeviceName(name)
            return DeviceDefinition(
                name: device, deviceClass: .heater, driverID: WatlowF4T.entry.id, link: "bus",
                driver: WatlowF4T.entry.make(device, DriverSettings(values)))
        }
        let limits = CoreLimits(
            staleAfter: .seconds(2), verifyWithin: .seconds(3), reconnectFirst: .seconds(1),
            reconnectLongest: .seconds(30))
        core = ControlCore(devices: devices, rules: [], limits: limits, restored: [], at: Self.moment(0))
        take(core.start(at: Self.moment(0)))
    }

    mutating func open() { take(core.handle(.opened(identity: "test"), on: "bus", at: now)) }
    mutating func lose() { take(core.handle(.closed(reason: "pulled"), on: "bus", at: now)) }

    mutating func hold(_ device: DeviceName, _ celsius: Double) throws {
        take(try core.issue(.heater(.hold(Temperature(celsius: celsius))), to: device, at: now).1)
    }

    mutating func ramp(_ device: DeviceName, _ celsius: Double, _ kelvinPerMinute: Double) throws {
        let command = HeaterCommand.ramp(to: Temperature(celsius: celsius), kelvinPerMinute: kelvinPerMinute)
        take(try core.issue(.heater(command), to: device, at: now).1)
    }

    mutating func advance(to end: Double) {
        while let next = core.deadlines.wire, next.seconds <= end {
            seconds = max(seconds, next.seconds)
            take(core.advance(to: now))
        }
        seconds = end
    }

    private var now: Moment { Self.moment(seconds) }

    private static func moment(_ seconds: Double) -> Moment {
        let nanoseconds = WireDuration.seconds(seconds).nanoseconds
        return Moment(
            wire: WireInstant(nanoseconds: nanoseconds), bench: BenchInstant(nanoseconds: nanoseconds),
            wall: WallInstant(nanoseconds: nanoseconds))
    }

    private mutating func take(_ effects: [CoreEffect]) {
        for effect in effects {
            switch effect {
            case .link(_, .open): opens += 1
            case .link(_, .close): wasClosed = true
            case .link(_, .modbus(let request, _, _)):
                let reply = ModbusReply(id: request.id, outcome: outcome(of: request))
                take(core.handle(.modbus(reply), on: "bus", at: now))
            case .notice(.foundRunning(let device, _)): notices.append("running \(device)")
            case .notice(.foundStopped(let device, _)): notices.append("stopped \(device)")
            case .notice(.finished(_, let device, let outcome)) where outcome != .done:
                notices.append("finished \(device) \(outcome.text)")
            case .link, .notice: break
            }
        }
    }

    private mutating func outcome(of request: ModbusRequest) -> ModbusReply.Outcome {
        let unit = request.unit
        guard !silent.contains(unit) else {
            asked[unit, default: 0] += 1
            return .failed("unit \(unit): silence")
        }
        switch request.operation {
        case .readHoldingRegisters(16, _): return .registers("F4T1L1EAA2B1A1A".utf8.map { UInt16($0) })
        case .readHoldingRegisters(6730, _), .readHoldingRegisters(14080, _): return .registers([15])
        case .readHoldingRegisters(2774, _): return .registers([0, 0, 0, 0x4348])
        case .readHoldingRegisters(2782, _): return .registers(setPoints[unit] ?? [0, 0])
        case .readHoldingRegisters(2814, _): return .registers([modes[unit] ?? 62])
        case .readHoldingRegisters(2820, _): return .registers([0, 0x41c8])
        case .readHoldingRegisters(_, let count): return .registers(Array(repeating: 0, count: Int(count)))
        case .readCoils, .readDiscreteInputs, .readInputRegisters, .writeCoil: return .exception(1)
        case .writeRegister(_, let value): modes[unit] = value
        case .writeRegisters(_, let values): setPoints[unit] = values
        }
        return .written
    }
}
