import DeviceModel
import Drivers
import Quantities
import Testing

struct ModbusIOTests {
    static let settings: [String: SettingValue] = [
        "watchdog.register": .integer(100), "watchdog.seconds": .number(2),
        "inputs": .tables([
            "pressure": DriverSettings([
                "input_register": .integer(0), "format": .text("u16"), "raw": .pair(4000, 20_000),
                "scaled": .pair(0, 10), "unit": .text("bar"), "fault_below": .integer(3600),
                "fault_above": .integer(21_000),
            ]), "leak": DriverSettings(["discrete_input": .integer(0), "format": .text("u16")]),
        ]),
        "outputs": .tables([
            "heater_contactor": DriverSettings([
                "coil": .integer(0), "safe": .text("off"), "feedback_input": .integer(1),
            ]), "purge": DriverSettings(["coil": .integer(1), "safe": .text("on")]),
        ]),
    ]

    @Test(arguments: try ExchangePlayer.names("modbus-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "modbus-io")
    }

    @Test func theLimitsNameWhatTheBenchFileNames() throws {
        guard case .io(let limits) = try DriverHarness("modbus-io", Self.settings).driver.limits else {
            Issue.record("not a module's limits")
            return
        }
        #expect(limits.inputs.map(\.name) == ["leak", "pressure"])
        #expect(limits.inputs.map(\.unit) == [.code, .bar])
        #expect(
            limits.outputs == [
                IOLimits.Output(name: "heater_contactor", isOnWhenSafe: false),
                IOLimits.Output(name: "purge", isOnWhenSafe: true),
            ])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        print("malformed input for modbus-io, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var module = try ScriptedModule(Self.settings)
        module.harness.handle(.opened(identity: "fuzz"))
        for step in 0..<30_000 {
            try module.stumble(&generator)
            if step % 200 == 0 { #expect(elements(of: module.harness.driver) < 1000) }
        }
        module.harness.wait(.milliseconds(60_000))
        module.harness.handle(.closed(reason: "end"))
        #expect(module.outcomes.allSatisfy { $0.count == 1 })
        #expect(module.outcomes.filter { $0 == [.done] }.count > module.outcomes.count / 50)
    }
}

/// Answers as a module does: two coils, of which the first moves a contact, and a watchdog that is a register.
private struct ScriptedModule {
    var harness: DriverHarness
    private var coils = [false, false]
    private var watchdog: UInt16 = 0

    init(_ settings: [String: SettingValue]) throws { harness = try DriverHarness("modbus-io", settings) }

    var outcomes: [[CommandOutcome]] { harness.issued.map { harness.outcomes[$0] ?? [] } }

    private mutating func answer(_ request: ModbusRequest, _ outcome: ModbusReply.Outcome) {
        if outcome == .written { remember(request) }
        harness.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)))
    }

    private func honest(_ request: ModbusRequest) -> ModbusReply.Outcome {
        switch request.operation {
        case .readCoils(0, 2): .bits(coils)
        case .readDiscreteInputs(0, 2): .bits([false, coils[0]])
        case .readInputRegisters(0, 1): .registers([12_000])
        case .readHoldingRegisters(100, 1): .registers([watchdog])
        case .writeCoil, .writeRegister: .written
        case .readCoils, .readDiscreteInputs, .readInputRegisters, .readHoldingRegisters, .writeRegisters:
            .exception(2)
        }
    }

    private mutating func remember(_ request: ModbusRequest) {
        switch request.operation {
        case .writeCoil(let address, let isOn): if coils.indices.contains(Int(address)) { coils[Int(address)] = isOn }
        case .writeRegister(_, let value): watchdog = value
        case .readCoils, .readDiscreteInputs, .readInputRegisters, .readHoldingRegisters, .writeRegisters: break
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
        let count = Int.random(in: 0...5, using: &generator)
        switch UInt8.random(in: 0..<100, using: &generator) {
        case 0..<70: answer(request, honest(request))
        case 70..<80: harness.wait(.milliseconds(.random(in: 0...300, using: &generator)))
        case 80..<82:
            answer(request, .registers((0..<count).map { _ in .random(in: 0...UInt16.max, using: &generator) }))
        case 82..<84: answer(request, .bits((0..<count).map { _ in .random(using: &generator) }))
        case 84..<85: watchdog = .random(in: 0...3, using: &generator)
        case 85..<86: coils[0].toggle()
        case 86..<87: answer(request, .exception(.random(in: 0...255, using: &generator)))
        case 87..<88: answer(request, .failed("noise"))
        case 88..<89: answer(request, .refusedByTrip)
        case 89..<90:
            harness.handle(.modbus(ModbusReply(id: .random(in: 0...UInt64.max, using: &generator), outcome: .written)))
        case 90..<91: harness.handle(.received([1, 2, 3]))
        case 91..<97:
            harness.renewEngine()
            let isOn = Bool.random(using: &generator)
            let output = ["heater_contactor", "purge", "nothing"].randomElement(using: &generator) ?? ""
            try harness.execute(.io(Bool.random(using: &generator) ? .safe : .set(output: output, on: isOn)))
        case 97..<98: harness.trip()
        case 98..<99: harness.handle(.closed(reason: "fuzz"))
        default: harness.handle(.opened(identity: "fuzz"))
        }
    }
}
