import DeviceModel
import Drivers
import Quantities
import Testing

struct JascoCDTests {
    static let settings: [String: SettingValue] = [
        "ht_limit_v": .number(700), "file_suffix": .text(".txt"), "poll_ms": .integer(1000),
    ]

    @Test(arguments: try ExchangePlayer.names("jasco-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "jasco-cd")
    }

    @Test(arguments: [("", 1), (".ticket", 1), ("a/b", 1), (".csv", 0)])
    func suffixOfAFile(_ suffix: String, problems: Int) throws {
        let entry = try #require(DriverCatalog.entry("jasco-cd"))
        var settings = Self.settings
        settings["file_suffix"] = .text(suffix)
        #expect(entry.problems(DriverSettings(settings)).count == problems)
    }

    @Test(arguments: ["a\nb", "a\tb", String(repeating: "x", count: 201)])
    func methodIsOneLine(_ method: String) throws {
        let entry = try #require(DriverCatalog.entry("jasco-cd"))
        var settings = Self.settings
        settings["method"] = .text(method)
        #expect(entry.problems(DriverSettings(settings)).map(\.key) == ["method"])
    }

    @Test(arguments: [
        ("a1", true), ("A-1_b.2", true), ("", false), (".a", false), ("a.", false), ("-a", false), ("a b", false),
        ("a/b", false), ("..", false), ("ä", false), (String(repeating: "a", count: 65), false),
    ])
    func namesOfSamples(_ name: String, isGood: Bool) { #expect(AnalyzerJob.isSample(name) == isGood) }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let export = [
            "XUNITS\tNANOMETERS", "YUNITS\tCD[mdeg]", "Y2UNITS\tHT[V]", "FIRSTX\t301", "LASTX\t300", "NPOINTS\t2",
            "XYDATA",
            "301\t1\t300", "300\t2\t310", "",
        ].joined(separator: "\r\n")
        let replies = [
            "\n", "ok 0\n", "a1.txt\t\(export.utf8.count)\t8\n\n", "ok \(export.utf8.count)\n\(export)",
            "dut.ticket\t30\t5\n\n", "error gone\n", "ok 99999999999999999999\n", "a\t-1\t1\n\n", "\u{0}\t1\t1\n",
        ]
        var fuzz = try MalformedInput(
            "jasco-cd", Self.settings, corpus: replies.map { Array($0.utf8) },
            commands: [
                .analyzer(.measure(AnalyzerJob(sample: "a1", within: .seconds(60)))), .analyzer(.withdraw),
                .analyzer(.measure(AnalyzerJob(sample: "a2", within: .seconds(10)))),
            ], seed: seed
        ) { reply, request in
            let isDone = reply == Array("ok 0\n".utf8)
            let asksList = request.starts(with: Array("list ".utf8))
            return asksList ? reply == [0x0a] : isDone
        }
        fuzz.breath = .milliseconds(1100)
        try fuzz.run()
    }
}
