import ControlAPI
import ControlClient
import Experiments
import Testing

@Suite struct SamplingTests {
    @Test(arguments: [1, 2, 7, 100], [UInt64(1), 42])
    func everySliceOfALatinHypercubeHoldsOnePoint(_ count: Int, _ seed: UInt64) {
        let points = SamplingPolicy.lhs.points(count, dimensions: 7, seed: seed)
        #expect(points.count == count)
        for dimension in 0..<7 {
            let slices = points.map { Int($0[dimension] * Double(count)) }
            #expect(slices.sorted() == Array(0..<count), "seed \(seed), dimension \(dimension)")
        }
    }

    @Test(arguments: SamplingPolicy.allCases)
    func aSeedRepeatsItsPoints(_ policy: SamplingPolicy) {
        let points = policy.points(20, dimensions: 7, seed: 5)
        #expect(points == policy.points(20, dimensions: 7, seed: 5))
        #expect(points != policy.points(20, dimensions: 7, seed: 6))
        #expect(points.allSatisfy { $0.allSatisfy { (0..<1).contains($0) } })
    }

    /// Known values of SplitMix64 with seed 0.
    @Test func theGeneratorIsSplitMix64() {
        var generator = SeededGenerator(seed: 0)
        #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
        #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
    }

    /// Every corner and many inner points leave room for both streams' solvents.
    @Test func theWholeBoxIsFeasible() {
        let box = SeedBox()
        let corners = (0..<128).map { corner in (0..<7).map { corner >> $0 & 1 == 1 ? 1.0 : 0.0 } }
        for point in corners + SamplingPolicy.random.points(500, dimensions: 7, seed: 3) {
            let inputs = box.inputs(at: point)
            guard case .flows(let recipe) = SeedBox.recipe(inputs) else { continue }
            let flow = { (name: String) in recipe.flowsULMin[name] ?? -1 }
            let stream = SeedBox.reactorUL / inputs[6] * 60 / 4
            let copper = flow("cui") + flow("oa_cui") + flow("oam_cui") + flow("ode_cui")
            #expect((copper - stream).magnitude < 0.003)
            #expect(flow("cs_oleate") + flow("oa_cs") <= stream + 0.003)
            #expect(recipe.flowsULMin.count == 6 && recipe.flowsULMin.values.allSatisfy { $0 >= 0 })
            #expect((120...150).contains(recipe.temperatureC))
        }
    }

    @Test func boundsNarrowTheBoxOnly() throws {
        var box = SeedBox()
        try box.narrow("temperature_c=130:140")
        #expect(box.inputs(at: [0, 0, 0, 0, 0, 0, 0])[0] == 130)
        for text in [
            "temperature_c=100:140", "temperature_c=140:130", "temperature=1:2", "temperature_c", "temperature_c=a:b",
        ] {
            #expect(throws: SeedBox.BoundError.self) { try box.narrow(text) }
        }
    }
}

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

    @Test func csvFieldsAreQuotedWhenTheyMust() {
        #expect(CSV.row(["a", "b,c", "say \"x\""]) == "a,\"b,c\",\"say \"\"x\"\"\"\n")
    }

    @Test(arguments: 0..<40)
    func sampleArraysComeBack(_ count: Int) {
        let samples = (0..<count).map { Float($0) * 1.7 - 3 }
        #expect(SampleArray.decode(SampleArray.encode(samples)) == samples)
    }
}
