import DeviceModel
import Drivers
import Testing

struct RunzeSV06Tests {
    static let settings: [String: SettingValue] = [
        "ports": .integer(6), "safe": .text("waste"),
        "positions": .tables([
            "waste": DriverSettings(["port": .integer(1)]), "filler": DriverSettings(["port": .integer(2)]),
        ]),
    ]

    @Test(arguments: try ExchangePlayer.names("runze-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "runze-sv06")
    }

    /// The frames of flowchem's simulator: to port 3 and the query of the position.
    @Test func framesAreTheVendors() throws {
        var given = Self.settings
        given["positions"] = .tables(["filler": DriverSettings(["port": .integer(3)])])
        given["safe"] = .text("filler")
        var harness = try DriverHarness("runze-sv06", given)
        harness.handle(.opened(identity: "test"))
        harness.handle(.received([0xcc, 0x01, 0x00, 0x00, 0x00, 0xdd, 0xaa, 0x01]))
        harness.wait(.milliseconds(20))
        #expect(harness.lastSent == [0xcc, 0x01, 0x3e, 0x00, 0x00, 0xdd, 0xe8, 0x01])
        harness.handle(.received([0xcc, 0x01, 0x00, 0x01, 0x00, 0xdd, 0xab, 0x01]))
        try harness.execute(.valve(.safe))
        harness.wait(.milliseconds(20))
        #expect(harness.lastSent == [0xcc, 0x01, 0x44, 0x03, 0x00, 0xdd, 0xf1, 0x01])
    }

    @Test func wrongSettingsAreTold() throws {
        let entry = try #require(DriverCatalog.entry("runze-sv06"))
        func problems(_ key: String, _ value: SettingValue) -> [String] {
            entry.problems(DriverSettings(Self.settings.merging([key: value]) { $1 })).map(\.key)
        }
        func positions(_ port: Int64) -> SettingValue {
            .tables(["waste": DriverSettings(["port": .integer(1)]), "far": DriverSettings(["port": .integer(port)])])
        }
        #expect(entry.problems(DriverSettings(Self.settings)).isEmpty)
        #expect(problems("ports", .integer(7)) == ["ports"])
        #expect(problems("ports", .integer(16)) == [])
        #expect(problems("positions", positions(7)) == ["positions.far.port"])
        #expect(problems("positions", positions(6)) == [])
        #expect(problems("safe", .text("drain")) == ["safe"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let statuses: [UInt8] = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x33, 0xfe, 0xff]
        let corpus =
            statuses.map { frame($0, 0) } + [1, 2, 2, 1, 9, 0x102].map { frame(0, $0) }
            + [frame(0, 1).map { $0 ^ 1 }, frame(0, 2, address: 2), [0xcc, 0x01, 0x3e, 0x00, 0x00, 0xdd, 0xe8, 0x01]]
        var fuzz = try MalformedInput(
            "runze-sv06", Self.settings, corpus: corpus,
            commands: [
                .valve(.select(position: "waste")), .valve(.select(position: "filler")),
                .valve(.select(position: "nowhere")), .valve(.safe),
            ], seed: seed
        ) { reply, request in
            switch request.count > 2 ? request[2] : 0 {
            case 0x3e: reply == frame(0, 1) || reply == frame(0, 2)
            case 0x44: reply == frame(0xfe, 0)
            default: reply == frame(0, 0)
            }
        }
        try fuzz.run()
    }
}

private func frame(_ status: UInt8, _ value: UInt16, address: UInt8 = 1) -> [UInt8] {
    let head = [0xcc, address, status, UInt8(value & 0xff), UInt8(value >> 8), 0xdd]
    let sum = head.reduce(0) { $0 + Int($1) }
    return head + [UInt8(sum & 0xff), UInt8(sum >> 8)]
}
