import FuzzTargets
import Testing

/// The corpus of `make fuzz`, once, without its sanitizers: what was mended stays mended.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.all.map(\.name)) func corpus(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        #expect(!target.seeds.isEmpty, "\(name) has nothing to begin with")
        for seed in target.seeds {
            #expect(throws: Never.self, "\(name), \(seed.name)") { try target.run(seed.bytes) }
        }
    }
}
