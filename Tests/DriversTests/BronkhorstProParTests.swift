import DeviceModel
import Drivers
import Quantities
import Testing

struct BronkhorstProParTests {
    static let settings: [String: SettingValue] = [
        "gas": .text("N2"), "maximum_ml_min_std": .number(200), "minimum_ml_min_std": .number(1), "node": .integer(3),
    ]

    @Test(arguments: try ExchangePlayer.names("bronkhorst-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "bronkhorst-propar")
    }

    @Test func minimumBelowMaximum() throws {
        let entry = try #require(DriverCatalog.entry("bronkhorst-propar"))
        var settings = Self.settings
        #expect(entry.problems(DriverSettings(settings)).isEmpty)
        settings["minimum_ml_min_std"] = .number(200)
        #expect(entry.problems(DriverSettings(settings)).map(\.key) == ["minimum_ml_min_std"])
    }

    private static func frame(_ sequence: UInt8, _ data: [UInt8]) -> [UInt8] {
        let content = [sequence, 3, UInt8(data.count)] + data
        return [0x10, 2] + content.flatMap { $0 == 0x10 ? [$0, $0] : [$0] } + [0x10, 3]
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies = [
            Self.frame(1, [2, 113, 0x63, 0] + Array("M1".utf8) + [0]),
            Self.frame(3, [2, 1, 0x7f, 7] + Array("mln/min".utf8)),
            Self.frame(2, [2, 1, 0x4d, 0x43, 0x48, 0, 0]), Self.frame(4, [2, 1, 0x71, 10] + Array("N2        ".utf8)),
            Self.frame(6, [2, 1, 0x21, 0, 0]), Self.frame(6, [2, 1, 0x21, 0x19, 0]), Self.frame(5, [2, 1, 0x20, 0, 0]),
            Self.frame(5, [2, 1, 0x20, 0x19, 0]), Self.frame(7, [2, 1, 4, 0]), Self.frame(7, [2, 1, 4, 3]),
            Self.frame(0x40, [0, 0, 5]), Self.frame(0x41, [0, 0, 4]), Self.frame(0x40, [0, 1, 1]), Self.frame(5, [9]),
        ]
        var fuzz = try MalformedInput(
            "bronkhorst-propar", Self.settings, corpus: replies,
            commands: [
                .flowController(.set(standardMillilitersPerMinute: 40)), .flowController(.close),
                .flowController(.set(standardMillilitersPerMinute: 0)),
            ], seed: seed
        ) { reply, request in request.count > 2 && reply[2] == request[2] && reply.count > 8 }
        fuzz.breath = .milliseconds(20)
        try fuzz.run()
    }
}
