import DeviceModel
import Drivers
import Quantities
import Testing

/// Feeds a driver with garbage and mutated replies among commands, trips and lost links, and checks what must hold
/// whatever arrives: no trap, bounded memory, one outcome for each command.
struct MalformedInput {
    static let bytes = 100_000
    /// All elements of all collections that a driver may hold on to.
    static let mostElements = 12_000

    let corpus: [[UInt8]]
    /// Whether a reply of the corpus fits what was asked: true answers lead to the depths of a conversation.
    let fits: (_ reply: [UInt8], _ request: [UInt8]) -> Bool
    let commands: [DeviceCommand]
    /// After each answer that fits: drivers that give their device a breath ask the next question then.
    var breath = WireDuration.zero
    var harness: DriverHarness
    var generator: SeededGenerator
    private var fed = 0

    init(
        _ id: String, _ settings: [String: SettingValue], corpus: [[UInt8]], commands: [DeviceCommand], seed: UInt64,
        fits: @escaping (_ reply: [UInt8], _ request: [UInt8]) -> Bool
    ) throws {
        self.corpus = corpus
        self.fits = fits
        self.commands = commands
        harness = try DriverHarness(id, settings)
        generator = SeededGenerator(seed: seed)
        print("malformed input for \(id), seed \(seed)")
    }

    mutating func run() throws {
        harness.handle(.opened(identity: "fuzz"))
        var steps = 0
        while fed < Self.bytes {
            try step()
            steps += 1
            if steps % 100 == 0 { #expect(elements(of: harness.driver) < Self.mostElements) }
            reopenIfAsked()
        }
        harness.wait(.milliseconds(60_000))
        harness.handle(.closed(reason: "end"))
        let done = harness.outcomes.values.filter { $0 == [.done] }.count
        #expect(done > harness.issued.count / 50, "the input is too wild to reach anything: \(done) done")
        for id in harness.issued { #expect(harness.outcomes[id]?.count == 1, "command \(id.number)") }
        #expect(harness.outcomes.count == harness.issued.count)
    }

    private mutating func step() throws {
        switch UInt8.random(in: 0..<100, using: &generator) {
        case 0..<8: feed(mutated())
        case 8..<12: feed(corpus.randomElement(using: &generator) ?? [])
        case 12..<75:
            feed(corpus.filter { fits($0, harness.lastSent) }.randomElement(using: &generator) ?? mutated())
            if breath > .zero { harness.wait(breath) }
        case 75..<78: feed(noise())
        case 78..<90: harness.wait(.milliseconds(.random(in: 0...400, using: &generator)))
        case 90..<97: if let command = commands.randomElement(using: &generator) { try issue(command) }
        case 97: harness.trip()
        case 98: harness.handle(.closed(reason: "fuzz"))
        default: harness.handle(.opened(identity: "fuzz"))
        }
    }

    /// The engine latches at a trip; a fresh one lets the next command through.
    private mutating func issue(_ command: DeviceCommand) throws {
        harness.renewEngine()
        try harness.execute(command)
    }

    private mutating func feed(_ bytes: [UInt8]) {
        fed += bytes.count
        harness.handle(.received(bytes))
    }

    private mutating func noise() -> [UInt8] {
        (0..<Int.random(in: 1...80, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
    }

    private mutating func mutated() -> [UInt8] {
        var bytes = corpus.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let index = bytes.indices.randomElement(using: &generator) ?? 0
            switch UInt8.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] = .random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(bytes[index], at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return bytes
    }

    mutating func reopenIfAsked() {
        for effect in harness.takeEffects() {
            guard case .reopen = effect else { continue }
            harness.handle(.closed(reason: "reopening"))
            harness.handle(.opened(identity: "fuzz"))
        }
    }
}

func elements(of value: Any) -> Int {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .collection {
        let plain = mirror.children.first.map { $0.value is UInt8 || $0.value is UInt16 } ?? true
        return plain
            ? mirror.children.count : mirror.children.count + mirror.children.reduce(0) { $0 + elements(of: $1.value) }
    }
    return mirror.children.reduce(0) { $0 + elements(of: $1.value) }
}
