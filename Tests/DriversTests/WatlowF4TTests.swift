import DeviceModel
import Drivers
import Quantities
import Testing

struct WatlowF4TTests {
    static let settings: [String: SettingValue] = ["min_c": .number(20), "max_c": .number(180)]

    @Test(arguments: try ExchangePlayer.names("watlow-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "watlow-f4t")
    }

    @Test func anHourLaterTheBudgetIsFree() throws {
        var settings = Self.settings
        settings["set_point_writes_per_hour"] = .integer(1)
        settings["poll_ms"] = .integer(10_000)
        var controller = try ScriptedController(settings)
        try controller.hold(100)
        try controller.hold(110)
        for _ in 0..<361 { controller.wait(.seconds(10)) }
        try controller.hold(110)
        #expect(controller.outcomes[0] == [.done])
        #expect(controller.outcomes[1].map(\.isRefusal) == [true])
        #expect(controller.outcomes[2] == [.done])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        print("malformed input for watlow-f4t, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var controller = try ScriptedController(Self.settings, opens: false)
        controller.harness.handle(.opened(identity: "fuzz"))
        for step in 0..<30_000 {
            try controller.stumble(&generator)
            if step % 200 == 0 { #expect(elements(of: controller.harness.driver) < 1000) }
        }
        controller.harness.wait(.milliseconds(60_000))
        controller.harness.handle(.closed(reason: "end"))
        #expect(controller.outcomes.allSatisfy { $0.count == 1 })
        #expect(controller.outcomes.filter { $0 == [.done] }.count > controller.outcomes.count / 50)
    }
}

extension CommandOutcome {
    var isRefusal: Bool { if case .refused = self { true } else { false } }
}

/// Answers as a controller does, with two registers of memory.
struct ScriptedController {
    var harness: DriverHarness
    private var setPoint: [UInt16] = [0, 0]
    private var mode: UInt16 = 62
    private var answered: UInt64 = 0
    /// When each came.
    private(set) var setPointWrites: [WireInstant] = []

    init(_ settings: [String: SettingValue], opens: Bool = true, driver: String = "watlow-f4t") throws {
        harness = try DriverHarness(driver, settings)
        guard opens else { return }
        harness.handle(.opened(identity: "test"))
        answerAll()
    }

    var outcomes: [[CommandOutcome]] { harness.issued.map { harness.outcomes[$0] ?? [] } }

    mutating func hold(_ celsius: Double) throws {
        try harness.execute(.heater(.hold(Temperature(celsius: celsius))))
        answerAll()
    }

    mutating func ramp(_ celsius: Double, _ kelvinPerMinute: Double) throws {
        try harness.execute(.heater(.ramp(to: Temperature(celsius: celsius), kelvinPerMinute: kelvinPerMinute)))
        answerAll()
    }

    var setPointCelsius: Double { Double(Float(bitPattern: UInt32(setPoint[1]) << 16 | UInt32(setPoint[0]))) }

    var confirmed: Int { harness.effects.count { if case .confirmed = $0 { true } else { false } } }

    mutating func wait(_ span: WireDuration) {
        harness.wait(span)
        answerAll()
    }

    /// Lets time pass on a bus that takes so long for each reply.
    mutating func wait(_ span: WireDuration, replyingAfter latency: WireDuration) {
        let end = harness.wire + span
        while harness.wire < end {
            harness.wait(latency)
            if let request = harness.lastRequest, request.id != answered { answer(request, honest(request)) }
        }
    }

    mutating func answerAll() {
        while let request = harness.lastRequest, request.id != answered { answer(request, honest(request)) }
    }

    private mutating func answer(_ request: ModbusRequest, _ outcome: ModbusReply.Outcome) {
        answered = request.id
        if outcome == .written { remember(request) }
        harness.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)))
    }

    private func honest(_ request: ModbusRequest) -> ModbusReply.Outcome {
        switch request.operation {
        case .readHoldingRegisters(16, _): .registers("F4T1L1EAA2B1A1A".utf8.map { UInt16($0) })
        case .readHoldingRegisters(6730, _): .registers([15])
        case .readHoldingRegisters(2774, _): .registers([0, 0, 0, 0x4348])
        // Of an F4T, and of an EZ-ZONE.
        case .readHoldingRegisters(2782, _), .readHoldingRegisters(2160, _): .registers(setPoint)
        case .readHoldingRegisters(2808, _), .readHoldingRegisters(1904, _): .registers([0, 0])
        case .readHoldingRegisters(2814, _), .readHoldingRegisters(1880, _): .registers([mode])
        case .readHoldingRegisters(2820, _), .readHoldingRegisters(360, _): .registers([0, 0x41c8])
        case .readHoldingRegisters: .exception(2)
        case .writeRegister, .writeRegisters: .written
        case .readCoils, .readDiscreteInputs, .readInputRegisters, .writeCoil: .exception(1)
        }
    }

    private mutating func remember(_ request: ModbusRequest) {
        switch request.operation {
        case .writeRegister(_, let value): mode = value
        case .writeRegisters(_, let values):
            setPoint = values
            setPointWrites.append(harness.wire)
        case .readCoils, .readDiscreteInputs, .readHoldingRegisters, .readInputRegisters, .writeCoil: break
        }
    }

    /// One step of a bad day.
    mutating func stumble(_ generator: inout SeededGenerator) throws {
        for effect in harness.takeEffects() {
            guard case .reopen = effect else { continue }
            harness.handle(.closed(reason: "reopening"))
            harness.handle(.opened(identity: "fuzz"))
        }
        let request =
            harness.lastRequest ?? ModbusRequest(id: 0, unit: 1, operation: .writeRegister(address: 0, value: 0))
        switch UInt8.random(in: 0..<100, using: &generator) {
        case 0..<70: answer(request, honest(request))
        case 70..<80: harness.wait(.milliseconds(.random(in: 0...300, using: &generator)))
        case 80..<84:
            let count = Int.random(in: 0...20, using: &generator)
            answer(request, .registers((0..<count).map { _ in .random(in: 0...UInt16.max, using: &generator) }))
        case 84..<86: answer(request, .registers([.random(in: 0...UInt16.max, using: &generator), 0x7f80]))
        case 86..<87: answer(request, .exception(.random(in: 0...255, using: &generator)))
        case 87..<88: answer(request, .failed("noise"))
        case 88..<89: answer(request, .refusedByTrip)
        case 89..<90:
            harness.handle(.modbus(ModbusReply(id: .random(in: 0...UInt64.max, using: &generator), outcome: .written)))
        case 90..<91: harness.handle(.received([1, 2, 3]))
        case 91..<97:
            harness.renewEngine()
            let celsius = Double(UInt8.random(in: 10...190, using: &generator))
            let goal = Temperature(celsius: celsius)
            let rate = Double(UInt8.random(in: 0...12, using: &generator))
            let commands: [HeaterCommand] = [.off, .hold(goal), .ramp(to: goal, kelvinPerMinute: rate)]
            try harness.execute(.heater(commands[Int.random(in: 0...2, using: &generator)]))
        case 97..<98: harness.trip()
        case 98..<99: harness.handle(.closed(reason: "fuzz"))
        default: harness.handle(.opened(identity: "fuzz"))
        }
    }
}
