import DeviceModel
import Drivers
import Quantities
import Testing

struct UniversalRobotsTests {
    private static let settings: [String: SettingValue] = [
        "stations": .tables([
            "rack": DriverSettings(["number": .integer(1)]), "filler": DriverSettings(["number": .integer(2)]),
        ])
    ]

    @Test(arguments: try ExchangePlayer.names("universal-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "universal-robots")
    }

    @Test func theLimitsNameItsStations() throws {
        guard case .robot(let limits) = try DriverHarness("universal-robots", Self.settings).driver.limits else {
            Issue.record("not a robot's limits")
            return
        }
        #expect(limits.abilities == [.transfer] && limits.stations == ["filler", "rack"])
    }

    @Test func wrongSettingsAreFound() throws {
        let entry = try #require(DriverCatalog.entry("universal-robots"))
        func problems(_ stations: [String: Int64], heartbeat: Int64 = 2000) -> [String] {
            let tables = stations.mapValues { DriverSettings(["number": .integer($0)]) }
            return entry.problems(
                DriverSettings([
                    "stations": .tables(tables), "poll_ms": .integer(100), "heartbeat_timeout_ms": .integer(heartbeat),
                ])
            ).map(\.key)
        }
        #expect(problems(["rack": 1, "filler": 2]) == [])
        #expect(problems([:]) == ["stations"])
        #expect(problems(["a": 1, "b": 1]) == ["stations.b.number"])
        #expect(problems(["a": 1], heartbeat: 499) == ["heartbeat_timeout_ms"])
        #expect(entry.signals?(DriverSettings([:])).map(\.quantity).contains("heartbeat") ?? false)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        print("malformed input for universal-robots, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var arm = try ScriptedArm(Self.settings)
        arm.harness.handle(.opened(identity: "fuzz"))
        for step in 0..<30_000 {
            try arm.stumble(&generator)
            if step % 200 == 0 { #expect(elements(of: arm.harness.driver) < 1000) }
        }
        arm.harness.wait(.milliseconds(60_000))
        arm.harness.handle(.closed(reason: "end"))
        let outcomes = arm.harness.issued.map { arm.harness.outcomes[$0] ?? [] }
        #expect(outcomes.allSatisfy { $0.count == 1 })
        #expect(outcomes.filter { $0 == [.done] }.count > outcomes.count / 50)
    }
}

/// Registers that obey at once, most of the time.
private struct ScriptedArm {
    var harness: DriverHarness
    private var registers: [UInt16] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    private var stops: [UInt16] = [1, 0, 0, 0, 0, 0]
    private var mode: UInt16 = 7

    init(_ settings: [String: SettingValue]) throws { harness = try DriverHarness("universal-robots", settings) }

    private mutating func honest(_ request: ModbusRequest) -> ModbusReply.Outcome {
        switch request.operation {
        case .readHoldingRegisters(128, 10):
            registers[6] &+= 1
            return .registers(registers)
        case .readHoldingRegisters(256, 3): return .registers([5, 12, mode])
        case .readHoldingRegisters(260, 6): return .registers(stops)
        case .writeRegisters(128, let values) where values.count == 3:
            registers.replaceSubrange(0..<3, with: values)
            registers.replaceSubrange(3..<6, with: [values[2], values[2], 0])
            if values[0] == 1 { registers[7] = 1 }
            if values[0] == 2 { registers[7] = 0 }
            registers[8] = values[0] == 3 ? 1 : 0
            return .written
        default: return .exception(2)
        }
    }

    private mutating func answer(_ request: ModbusRequest, _ outcome: ModbusReply.Outcome) {
        harness.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)))
    }

    /// One step of a bad day.
    mutating func stumble(_ generator: inout SeededGenerator) throws {
        for effect in harness.takeEffects() {
            guard case .reopen = effect else { continue }
            harness.handle(.closed(reason: "reopening"))
            harness.handle(.opened(identity: "fuzz"))
        }
        guard let request = harness.lastRequest else { return harness.handle(.opened(identity: "fuzz")) }
        let words = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
            UInt16.random(in: 0...UInt16.max, using: &generator)
        }
        switch UInt8.random(in: 0..<100, using: &generator) {
        case 0..<72: answer(request, honest(request))
        case 72..<82: harness.wait(.milliseconds(.random(in: 0...300, using: &generator)))
        case 82..<84: answer(request, .registers(words))
        case 84: stops[Int.random(in: 0..<6, using: &generator)] = .random(in: 0...2, using: &generator)
        case 85: (stops, mode) = ([1, 0, 0, 0, 0, 0], 7)
        case 86: mode = .random(in: 0...9, using: &generator)
        case 87: answer(request, .exception(.random(in: 0...255, using: &generator)))
        case 88: answer(request, .failed("noise"))
        case 89: answer(request, .refusedByTrip)
        case 90: registers[Int.random(in: 0..<10, using: &generator)] = .random(in: 0...9, using: &generator)
        case 91: registers[9] = 1
        case 92..<97:
            harness.renewEngine()
            let commands: [RobotCommand] = [.pick(station: "rack"), .place(station: "filler"), .park, .halt, .play]
            try harness.execute(.robot(commands.randomElement(using: &generator) ?? .halt))
        case 97: harness.trip()
        case 98: harness.handle(.closed(reason: "fuzz"))
        default: harness.handle(.opened(identity: "fuzz"))
        }
    }
}
