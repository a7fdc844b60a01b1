import DeviceModel
import Drivers
import Quantities
import Testing

struct IsmatecRegloICCTests {
    static let settings: [String: SettingValue] = [
        "channel": .integer(2), "tubing_id_mm": .number(2.79), "max_flow_ul_min": .number(20_000),
        "min_flow_ul_min": .number(10), "reservoir.volume_ml": .number(250), "reservoir.reagent": .text("water"),
    ]

    @Test(arguments: try ExchangePlayer.names("ismatec-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "ismatec-reglo-icc")
    }

    @Test func limits() throws {
        guard case .pump(let limits) = try DriverHarness("ismatec-reglo-icc", Self.settings).driver.limits else {
            Issue.record("not a pump's limits")
            return
        }
        #expect(limits.minimum.microlitersPerMinute == 10 && limits.maximum.microlitersPerMinute == 20_000)
        #expect(limits.capacity == Volume(microliters: 250_000) && limits.reagent == "water")
        let entry = try #require(DriverCatalog.entry("ismatec-reglo-icc"))
        var settings = Self.settings
        settings["min_flow_ul_min"] = .number(20_000)
        #expect(entry.problems(DriverSettings(settings)).map(\.key) == ["min_flow_ul_min"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies = [
            "*", "#", "+", "-", "1\r\n", "4\r\n", "O\r\n", "J\r\n", "K\r\n", "2.79 mm\r\n", "1000E-1\r\n",
            "1000E-2\r\n",
            "R 10.0\r\n", "^U2|A|0|0|0\r\n", "^X2|A\r\n", "9999E+99\r\n",
        ]
        let (flow, volume) = (FlowRate(microlitersPerMinute: 100), Volume(microliters: 10))
        var fuzz = try MalformedInput(
            "ismatec-reglo-icc", Self.settings, corpus: replies.map { Array($0.utf8) },
            commands: [
                .pump(.run(flow: flow, volume: volume)), .pump(.withdraw(flow: flow, volume: volume)), .pump(.stop),
            ], seed: seed
        ) { reply, request in
            let text = String(decoding: request.dropLast(), as: UTF8.self)
            let answers: [String] =
                switch text {
                case "1~": ["1\r\n"]
                case "1xA": ["4\r\n"]
                case "2E": ["+", "-"]
                case "2xM": ["O\r\n"]
                case "2xD": ["J\r\n", "K\r\n"]
                case "2+": ["2.79 mm\r\n"]
                case "2xe": ["R 10.0\r\n"]
                case _ where text.hasPrefix("2f"): ["1000E-1\r\n"]
                case _ where text.hasPrefix("2v"): ["1000E-2\r\n"]
                default: ["*"]
                }
            return answers.contains { Array($0.utf8) == reply }
        }
        fuzz.breath = .milliseconds(20)
        try fuzz.run()
    }
}
