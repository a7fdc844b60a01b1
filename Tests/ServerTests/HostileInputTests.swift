import ControlAPI
import ControlClient
import ControlServer
import Experiments
import Testing
import Wire

/// Whatever comes, the server answers or closes, and never traps.
@Suite struct HostileInputTests {
    static let seeds: [UInt64] = [1, 2, 3, 4, 5, 6, 7, 8]

    static let requests = [
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\",\"params\":{\"client\":\"x\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.submit\",\"params\":{\"recipe\":\(Sample.recipeJSON),\"key\":\"k\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5e3,\"method\":\"experiments.list\",\"params\":{\"limit\":3,\"after\":\"e-000001\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e9\",\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.*\",\"?\"]}}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"events.subscribe\",\"params\":{\"topics\":[\"alarms\"],\"from\":1}}",
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.spectra\",\"params\":{\"experiment\":\"e-000001\",\"page\":1}},{}]",
    ]

    @Test(arguments: seeds)
    func randomBytes(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let line = (0..<Int.random(in: 0..<80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            try expectAnswer(to: line.filter { $0 != 10 } + [10], seed)
        }
    }

    @Test(arguments: seeds)
    func mutatedRequests(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let spice = Array("{}[]\":,\\u0e-+9.tfn \u{7f}".utf8) + [0x00, 0xC3, 0xFF, 0xED]
        for round in 0..<400 {
            var line = Array(Self.requests[round % Self.requests.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<line.count, using: &generator)
                let byte = spice.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: line[at] = byte
                case 1: line.insert(byte, at: at)
                case 2 where line.count > 2: line.remove(at: at)
                default: line.insert(contentsOf: line[at...].prefix(30), at: at)
                }
            }
            try expectAnswer(to: line.filter { $0 != 10 } + [10], seed)
        }
    }

    /// Truncated at every byte, then ended: half a request is refused, never carried out.
    @Test(arguments: requests)
    func truncatedRequests(_ request: String) throws {
        for length in 1..<request.utf8.count {
            let bench = Harness()
            bench.send(Array(request.utf8.prefix(length)))
            bench.perform(bench.server.halfClosed(ConnectionID(number: 1), at: bench.now))
            #expect(try bench.lines()[0].code == -32700)
            #expect(bench.posts.isEmpty && bench.closed == [1])
        }
    }

    /// Every non-blank line is answered, posted, or a notification (which hello then proves harmless).
    private func expectAnswer(to line: [UInt8], _ seed: UInt64) throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .done)]
        bench.send(line)
        let answers = try bench.lines()
        let isBlank = line.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let parsed = try? JSONParser.parse(Array(line.dropLast())).value
        let isRequest = parsed.map { $0["id"] != nil || $0["method"]?.text == nil } ?? true
        if !isBlank, isRequest, bench.posts.isEmpty, bench.closed.isEmpty {
            #expect(!answers.isEmpty, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
        guard bench.closed.isEmpty else { return }
        #expect(try bench.ask("system.hello").result["api"] != nil, "seed \(seed)")
    }

    /// What the parser reads, the writer writes back to the same value.
    @Test(arguments: seeds)
    func readingUndoesWriting(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let value = Self.value(&generator, depth: 0)
            #expect(try JSONParser.parse(value.jsonBytes).value == value, "seed \(seed)")
        }
    }

    static func value(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: Int64.min...Int64.max, using: &generator))
        case 3: return .number(Double.random(in: -1e300...1e300, using: &generator))
        case 4: return .number(Double.random(in: -1...1, using: &generator))
        case 5: return .string(text(&generator))
        case 6: return .array((0..<3).map { _ in value(&generator, depth: depth + 1) })
        default:
            let members = (0..<3).map { _ in (text(&generator), value(&generator, depth: depth + 1)) }
            return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
        }
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        let scalars = (0..<8).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x1_F9FF, using: &generator)) }
        return String(String.UnicodeScalarView(scalars))
    }
}
