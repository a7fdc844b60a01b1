import ControlAPI
import ControlClient
import Testing
import Usage

@Suite struct CommandLineTests {
    static let parser = ArgumentParser(
        "test", summary: "", operands: ["ID", "[NAME]"],
        options: [.flag("--json", ""), .value("--n", "N", ""), .repeated("--flow", "P=F", "")])

    @Test func optionsAndOperandsInAnyOrder() throws {
        let parsed = try Self.parser.parse(["--flow", "a=1", "e-1", "--n=-5", "--flow=b=2", "--json"])
        #expect(parsed.operands == ["e-1"] && parsed.has("--json"))
        #expect(parsed.values("--flow") == ["a=1", "b=2"])
        #expect(try parsed.integer("--n", in: -10...10) == -5)
        #expect(throws: UsageError.self) { try parsed.integer("--n", in: 0...10) }
        #expect(try Self.parser.parse(["--", "--json"]).operands == ["--json"])
        #expect(try Self.parser.parse(["--help"]).has("--help"))
    }

    @Test func listsTakeWhatFollows() throws {
        let parser = ArgumentParser("test", summary: "", operands: ["[ID]"], options: [.list("--box", "N=X", "")])
        let parsed = try parser.parse(["--box", "a=1", "b=0.5", "--box=c=0", "id"])
        #expect(parsed.values("--box") == ["a=1", "b=0.5", "c=0"] && parsed.operands == ["id"])
        #expect(throws: UsageError.self) { try parser.parse(["--box"]) }
    }

    @Test func helpHasItsExamples() {
        let parser = ArgumentParser("test", summary: "Tests.", examples: ["test --help"], notes: "More.")
        #expect(parser.help.contains("\nexamples:\n  test --help\n\nMore.\n"))
    }

    @Test(arguments: [
        [], ["a", "b", "c"], ["a", "--jsn"], ["a", "--n"], ["a", "--n", "1", "--n", "2"], ["a", "--json=1"],
        ["a", "-j"],
    ])
    func mistakesAreNamed(_ words: [String]) {
        #expect(throws: UsageError.self) { try Self.parser.parse(words) }
    }

    @Test func controlCharactersAreShownNotObeyed() {
        #expect(Terminal.clean("a\u{1B}[2Jb\nc\u{9B}d\u{202E}e") == "a\\u{1B}[2Jb\\u{A}c\\u{9B}d\\u{202E}e")
        #expect(TextTable.text([["x\u{7}", "1.5"], ["yy", "10"]]) == "x\\u{7}  1.5\nyy       10\n")
    }

    @Test(arguments: [
        (0.4, "0.4 s"), (45, "45 s"), (725, "12 min 5 s"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h"),
    ])
    func durationsAsPeopleReadThem(_ seconds: Double, _ text: String) { #expect(Show.duration(seconds) == text) }

    @Test func numbersWithTheirDecimals() {
        #expect(Show.number(0.05, 2) == "0.05" && Show.number(-1.005, 1) == "-1.0" && Show.number(nil) == "-")
        #expect(Show.number(.nan) == "-" && Show.number(12, 0) == "12")
    }

    @Test(arguments: 0..<40)
    func sampleArraysComeBack(_ count: Int) {
        let samples = (0..<count).map { Float($0) * 1.7 - 3 }
        #expect(SampleArray.decode(SampleArray.encode(samples)) == samples)
    }
}

@Suite struct ErrorReadingTests {
    @Test(arguments: ["1e300", "-1e19", "1.5", "\"x\"", "null"])
    func aCodeThatIsNoneIsAnInternalError(_ code: String) throws {
        let json = try JSONParser.parse(Array("{\"code\":\(code),\"message\":\"m\"}".utf8)).value
        let error = APIError(json: json)
        #expect(error.code == ErrorCode.internalError.rawValue && error.message == "m")
    }
}
