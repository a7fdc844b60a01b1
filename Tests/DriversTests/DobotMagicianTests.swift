import DeviceModel
import Drivers
import Quantities
import Testing

struct DobotMagicianTests {
    private static let settings: [String: SettingValue] = [
        "stations": .tables([
            "source": DriverSettings([
                "x_mm": .number(200), "y_mm": .number(0), "z_mm": .number(-20), "r_deg": .number(0),
            ])
        ]), "park": .text("source"),
    ]

    @Test(arguments: try ExchangePlayer.names("dobot-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "dobot-magician")
    }

    @Test func wrongSettingsAreFound() throws {
        let entry = try #require(DriverCatalog.entry("dobot-magician"))
        #expect(entry.problems(DriverSettings(Self.settings)).isEmpty)
        #expect(entry.problems(DriverSettings(["stations": .tables([:])])).map(\.key) == ["stations"])
        var wrong = Self.settings
        wrong["park"] = .text("nowhere")
        #expect(entry.problems(DriverSettings(wrong)).map(\.key) == ["park"])
    }

    private static func frame(_ id: UInt8, _ control: UInt8, _ parameters: [UInt8] = []) -> [UInt8] {
        let body = [id, control] + parameters
        return [0xaa, 0xaa, UInt8(body.count)] + body + [0 &- body.reduce(0, &+)]
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let pose = [Float(200), 0, 20, 0, 0, 0, 0, 0].flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
        }
        let one: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
        let corpus = [
            Self.frame(0, 0, Array("DT1".utf8)), Self.frame(1, 0, Array("Magician".utf8)), Self.frame(10, 0, pose),
            Self.frame(20, 0, [UInt8](repeating: 0, count: 16)), Self.frame(84, 3, one), Self.frame(63, 3, one),
            Self.frame(240, 1), Self.frame(241, 1), Self.frame(245, 1), Self.frame(246, 0, one),
        ]
        var input = try MalformedInput(
            "dobot-magician", Self.settings, corpus: corpus + [Self.frame(20, 0, [4])],
            commands: [.pick(station: "source"), .place(station: "source"), .park, .halt].map { .robot($0) },
            seed: seed
        ) { reply, request in
            request.count > 3 && reply.count > 3 && reply[3] == request[3] && corpus.contains(reply)
        }
        try input.run()
    }
}
