import Configuration
import Testing

/// Files as typing slips leave them: never a crash, and always either a bench or words about what is wrong.
@Suite struct ConfigurationFuzzTests {
    @Test(arguments: [UInt64(1), 20_261_120, 0xF10_71AB]) func mutatedFilesAreAnsweredInWords(seed: UInt64) {
        print("mutated bench files: seed \(seed)")
        var random = Xorshift(state: seed)
        var accepted = 0
        for _ in 0..<400 {
            var text = Array(TestBench.text.utf8)
            for _ in 0..<(1 + random.below(4)) { mutate(&text, &random) }
            do {
                _ = try TestBench.parse(String(decoding: text, as: UTF8.self))
                accepted += 1
            } catch {
                #expect(error.description.hasPrefix("small.toml:"))
                #expect(!error.description.isEmpty)
                if case .problems(_, let problems) = error { #expect(!problems.isEmpty) }
            }
        }
        print("accepted \(accepted) of 400")
    }

    private func mutate(_ text: inout [UInt8], _ random: inout Xorshift) {
        guard text.count > 40 else { return }
        let place = random.below(text.count - 30)
        let length = 1 + random.below(25)
        switch random.below(6) {
        case 0: text.remove(at: place)
        case 1: text[place] = UInt8(random.below(256))
        case 2: text.insert(contentsOf: text[place..<place + length], at: random.below(text.count))
        case 3: text.removeSubrange(place..<place + length)
        case 4: text.insert(contentsOf: Self.words[random.below(Self.words.count)].utf8, at: place)
        default: text.swapAt(place, random.below(text.count))
        }
    }

    private static let words = [
        "nan", "-inf", "1e400", "9223372036854775807", "\"", "'''", "[", "[[", "]]\n", "{", "}", "=", ".", "\n",
        "\u{0}", "é",
        "2026-11-20", "0x7f", "true", "#", "\\u0000",
    ]

    @Test func deepNestingIsRefused() {
        let deep = "a" + String(repeating: ".a", count: 1500) + " = 1"
        #expect(throws: ConfigurationError.self) { try TestBench.parse(deep) }
        let arrays = "a = " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(throws: ConfigurationError.self) { try TestBench.parse(arrays) }
        #expect(throws: ConfigurationError.self) {
            try TestBench.parse("a = \"\(String(repeating: "x", count: 5000))\"")
        }
        #expect(throws: ConfigurationError.self) { try TestBench.parse(String(repeating: "#\n", count: 200_000)) }
        #expect(throws: ConfigurationError.self) { try TestBench.parse("") }
    }
}

private struct Xorshift {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}
