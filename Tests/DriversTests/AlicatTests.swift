import DeviceModel
import Drivers
import Quantities
import Testing

struct AlicatTests {
    static let settings: [String: SettingValue] = [
        "gas": .text("N2"), "maximum_ml_min_std": .number(500), "minimum_ml_min_std": .number(1),
    ]

    @Test(arguments: try ExchangePlayer.names("alicat-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "alicat")
    }

    @Test func minimumBelowMaximum() throws {
        let entry = try #require(DriverCatalog.entry("alicat"))
        var settings = Self.settings
        #expect(entry.problems(DriverSettings(settings)).isEmpty)
        settings["minimum_ml_min_std"] = .number(500)
        #expect(entry.problems(DriverSettings(settings)).map(\.key) == ["minimum_ml_min_std"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let layout = [
            "A D00 ID_", "A D01 700 U 1", "A D02 002 P PSIA", "A D03 003 T `C", "A D04 005 M SCCM", "A D05 037 S SCCM",
            "A D06 703 G 6", "A D07 702 *S HLD", "", "",
        ].joined(separator: "\r")
        let replies = [
            layout, "A +014.70 +021.90 +000.00 +000.00 N2\r", "A +014.70 +021.90 +000.00 +000.00 N2 HLD\r",
            "A +014.70 +021.90 +040.00 +040.00 N2\r", "A +014.70 +021.90 +040.00 +000.00 N2 HLD MOV\r",
            "A +014.70 +021.90 +nan +1e999 N2\r", "?\r",
        ]
        var fuzz = try MalformedInput(
            "alicat", Self.settings, corpus: replies.map { Array($0.utf8) },
            commands: [
                .flowController(.set(standardMillilitersPerMinute: 40)), .flowController(.close),
                .flowController(.set(standardMillilitersPerMinute: 0)),
            ], seed: seed
        ) { reply, request in
            let isLayout = reply.starts(with: Array("A D00".utf8))
            if request.contains(UInt8(ascii: "4")) { return reply == Array(replies[3].utf8) }
            return reply.count > 10 && isLayout == request.contains(UInt8(ascii: "*"))
        }
        fuzz.breath = .milliseconds(20)
        try fuzz.run()
    }
}
