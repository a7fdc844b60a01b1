import DeviceModel
import Drivers
import Quantities
import Testing

struct ThorlabsDC4100Tests {
    static func channels(_ numbers: [String: Int64]) -> [String: SettingValue] {
        [
            "channels": .tables(
                numbers.mapValues { DriverSettings(["number": .integer($0), "max_percent": .number(60)]) })
        ]
    }

    @Test(arguments: try ExchangePlayer.names("thorlabs-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "thorlabs-dc4100")
    }

    @Test func channelsAreDifferentAndBecomeSignals() throws {
        let entry = try #require(DriverCatalog.entry("thorlabs-dc4100"))
        let settings = DriverSettings(Self.channels(["blue": 2, "red": 4]))
        #expect(entry.problems(settings).isEmpty)
        let signals = entry.signals?(settings) ?? []
        #expect(signals.map(\.quantity) == ["blue", "red", "status"])
        #expect(signals.map(\.unit) == [.percent, .percent, .code])
        func problems(_ numbers: [String: Int64]) -> [String] {
            entry.problems(DriverSettings(Self.channels(numbers))).map(\.key)
        }
        #expect(problems([:]) == ["channels"])
        #expect(problems(["blue": 1, "red": 1]) == ["channels.red.number"])
        #expect(problems(["status": 1]) == ["channels.status"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies = [
            "DC4100\r\n", "0\r\n", "1\r\n", "30.0\r\n", "8\n", "-1\r\n", "99999999999999999999\r\n", "nan\r\n",
        ]
        var settings = Self.channels(["blue": 2])
        settings["poll_ms"] = .integer(50)
        var fuzz = try MalformedInput(
            "thorlabs-dc4100", settings, corpus: replies.map { Array($0.utf8) },
            commands: [.light(.set(channel: "blue", percent: 30)), .light(.off)], seed: seed
        ) { reply, request in
            switch request.first {
            case UInt8(ascii: "N"): reply.first == UInt8(ascii: "D")
            case UInt8(ascii: "B"): reply == Array("30.0\r\n".utf8)
            case UInt8(ascii: "R"), UInt8(ascii: "S"): reply == Array("0\r\n".utf8)
            case UInt8(ascii: "M"): reply == Array("1\r\n".utf8)
            default: reply == Array("0\r\n".utf8) || reply == Array("1\r\n".utf8)
            }
        }
        fuzz.breath = .milliseconds(20)
        try fuzz.run()
    }
}
