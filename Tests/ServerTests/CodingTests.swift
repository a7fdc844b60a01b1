import ControlAPI
import ControlClient
import Experiments
import Testing
import Wire

/// Values to JSON and back.
@Suite struct CodingTests {
    private struct Everything: Codable, Equatable {
        struct Inner: Codable, Equatable {
            var zeta: Int?
            var alpha: [String: [Double]]
        }

        var z: String
        var a: Bool
        var whole: UInt64
        var real: Double
        var none: String?
        var list: [Inner]
        var free: JSONValue
        var state: ExperimentState
        var empty: [Int]
    }

    private static let everything = Everything(
        z: "\"\\\n\u{1}é\u{1F9EA}", a: true, whole: 1 << 60, real: -1.5e-9, none: nil,
        list: [.init(zeta: nil, alpha: ["q": [1, 2], "b": []]), .init(zeta: -7, alpha: [:])],
        free: .object(["k": .array([.null, .integer(1)])]), state: .held, empty: [])

    @Test func whatIsWrittenReadsBackTheSame() throws {
        let bytes = try EncodedJSON(Self.everything).bytes
        let json = try JSONParser.parse(bytes).value
        #expect(try json.decoded(as: Everything.self) == Self.everything)
        #expect(json["none"] == .null && json["list"]?[0]?["zeta"] == .null)
    }

    /// Sorted, so that the order of hashes, another one in each process, never shows.
    @Test func membersAreSorted() throws {
        let bytes = try EncodedJSON(Self.everything).bytes
        #expect(bytes == (try JSONParser.parse(bytes).value.jsonBytes))
        let table = Dictionary(uniqueKeysWithValues: (0..<500).map { ("key-\($0 * 7919 % 500)", ["v\($0)": $0]) })
        let text = try EncodedJSON(table).bytes
        #expect(text == (try JSONParser.parse(text).value.jsonBytes))
    }

    @Test func recordsAndRecipesComeBack() throws {
        let recipes: [Recipe] = [
            Sample.recipe, .box(BoxRecipe(x: ["cui": 0.5], rampKMin: 5)), .references,
            .flows(FlowsRecipe(temperatureC: 1, flowsULMin: [:], rampKMin: nil)),
        ]
        for recipe in recipes {
            #expect(try JSONValue(encoding: recipe).decoded(as: Recipe.self) == recipe)
        }
        for state in [ExperimentState.queued, .done] {
            let record = Sample.record(1, state)
            #expect(try JSONValue(encoding: record).decoded(as: ExperimentRecord.self) == record)
        }
    }

    /// JSON has no word for what is not a number: null, and nan again where a number must be.
    @Test func whatIsNotANumberIsNull() throws {
        let feature = FeatureValue(mean: 1, sem: .nan, n: 1, unit: "AU")
        let json = try JSONValue(encoding: feature)
        #expect(json["sem"] == .null)
        #expect(try json.decoded(as: FeatureValue.self).sem.isNaN)
    }

    @Test func whatDoesNotFitIsNamedWithItsPath() throws {
        let json = try JSONParser.parse(Array("{\"results\":[{\"experiment\":7}],\"next\":1,\"more\":true}".utf8)).value
        do {
            _ = try json.decoded(as: ExperimentsResults.Result.self)
            Issue.record("it was understood")
        } catch {
            #expect(error.detail.contains("results") && error.detail.contains("experiment"), "\(error.detail)")
        }
        #expect(throws: JSONValue.DecodingFailure.self) { try JSONValue.number(1e30).decoded(as: Int.self) }
        #expect(try JSONValue.number(3).decoded(as: Int.self) == 3)
    }

    /// Random trees; the seed is in the message.
    @Test(arguments: HostileInputTests.seeds) func treesThroughTheSink(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let value = HostileInputTests.value(&generator, depth: 0)
            let wrapped = ["b": value, "a": .array([value, .null])]
            let bytes = try EncodedJSON(wrapped).bytes
            #expect(bytes == JSONValue.object(wrapped).jsonBytes, "seed \(seed)")
        }
    }
}
