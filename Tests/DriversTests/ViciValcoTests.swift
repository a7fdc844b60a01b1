import DeviceModel
import Drivers
import Testing

struct ViciValcoTests {
    static let settings: [String: SettingValue] = [
        "kind": .text("two-position"), "safe": .text("load"),
        "positions": .tables([
            "load": DriverSettings(["port": .integer(1)]), "loop": DriverSettings(["port": .integer(2)]),
        ]),
    ]

    @Test(arguments: try ExchangePlayer.names("vici-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "vici-valco")
    }

    @Test func theLimitsNameThePositions() throws {
        let driver = try DriverHarness("vici-valco", Self.settings).driver
        let positions = [
            ValveLimits.Position(name: "load", number: 1), ValveLimits.Position(name: "loop", number: 2),
        ]
        #expect(driver.limits == .valve(ValveLimits(positions: positions, safe: "load")))
        #expect(driver.safeCommands == [.valve(.safe)])
        let without = try DriverHarness("vici-valco", Self.settings.filter { $0.key != "safe" }).driver
        #expect(without.safeCommands.isEmpty)
    }

    @Test func wrongSettingsAreTold() throws {
        let entry = try #require(DriverCatalog.entry("vici-valco"))
        func problems(_ key: String, _ value: SettingValue) -> [String] {
            entry.problems(DriverSettings(Self.settings.merging([key: value]) { $1 })).map(\.key)
        }
        func positions(_ ports: [String: Int64]) -> SettingValue {
            .tables(ports.mapValues { DriverSettings(["port": .integer($0)]) })
        }
        #expect(entry.problems(DriverSettings(Self.settings)).isEmpty)
        #expect(problems("kind", .text("selector")) == [])
        #expect(problems("id", .text("5")) == [])
        #expect(problems("id", .text("55")) == ["id"])
        #expect(problems("id", .text("b")) == ["id"])
        #expect(problems("safe", .text("drain")) == ["safe"])
        #expect(problems("positions", positions(["load": 1, "loop": 3])) == ["positions.loop.port"])
        #expect(problems("positions", positions(["load": 1, "loop": 1])) == ["positions.loop.port"])
        #expect(problems("positions", positions([:])) == ["positions", "safe"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies = [
            "CPA\r", "CPB\r", "Position is  = A\r", "Position is  = B\r", "GOB\r", "CP?\r", "CP03\r", "CP-1\r", "CP\r",
            "CP99999999999999999999\r", "NP = 6\r", "\r\r\n", "CNT7\r",
        ]
        var fuzz = try MalformedInput(
            "vici-valco", Self.settings, corpus: replies.map { Array($0.utf8) },
            commands: [
                .valve(.select(position: "load")), .valve(.select(position: "loop")),
                .valve(.select(position: "nowhere")), .valve(.safe),
            ], seed: seed
        ) { reply, _ in reply == Array("CPA\r".utf8) || reply == Array("CPB\r".utf8) }
        try fuzz.run()
    }
}
