import Configuration
import DeviceModel
import Experiments
import FoundationEssentials
import Quantities
import Recording
import Simulation
import Synchronization
import Testing
import VirtualBench

/// The example bench in virtual time with a flight recorder on its daemon.
final class RecordedLab: Sendable {
    static let benchFile = #filePath.replacing(
        "Tests/RecordingTests/RecordedLab.swift", with: "examples/nanocrystal.toml")

    private struct Tape {
        var encoder: RecordEncoder
        var start: RunStart?
        var frames: [[UInt8]] = []
        var digest = EventDigest()
    }

    let text: String
    let definition: BenchDefinition
    let links: [LinkName]
    private let tape: Mutex<Tape>

    init() throws {
        text = try String(contentsOfFile: Self.benchFile, encoding: .utf8)
        let bench = try BenchFile.parse(text: text, name: "nanocrystal.toml")
        definition = bench.definition
        links = bench.links.keys.sorted()
        tape = Mutex(Tape(encoder: RecordEncoder(links: links)))
    }

    /// A bench with a warm plate.
    func lab(seed: UInt64) -> SimulatedLab {
        var options = VirtualBench.Options()
        options.plateTemperature = 139
        return SimulatedLab(definition, seed: seed, options: options) { self.record($0) }
    }

    func record(_ step: LabStep) {
        tape.withLock { tape in
            switch step {
            case .started(let restored, let effects, let now):
                tape.start = RunStart(
                    file: "nanocrystal.toml", text: text, endpoints: nil, restored: restored, made: now, started: now)
                tape.encoder.start(effects, at: now)
                tape.digest.add(effects)
            case .step(let input, let effects, let now):
                tape.encoder.step(input, effects, at: now)
                tape.digest.add(effects)
            }
            if tape.encoder.count > 20_000, let frame = tape.encoder.take() { tape.frames.append(frame.bytes) }
        }
    }

    var head: SegmentHead {
        SegmentHead(
            daemon: "0.0.0", bench: definition.name, simulated: true, clockRate: 1, run: "a-run", part: 0, links: links,
            started: Moment(wire: .zero, bench: .zero, wall: SimulatedLab.wallStart))
    }

    /// Everything as one segment.
    func segment() throws -> [UInt8] {
        try tape.withLock { tape in
            if let frame = tape.encoder.take() { tape.frames.append(frame.bytes) }
            let start = try #require(tape.start)
            return try RecordingFormat.head + head.frame + start.frame + tape.frames.joined()
        }
    }

    var frames: [[UInt8]] { tape.withLock { $0.frames } }
    var digest: EventDigest { tape.withLock { $0.digest } }
}

extension EventDigest {
    mutating func add(_ effects: [ControllerEffect]) {
        for effect in effects {
            switch effect {
            case .event(let event): add(event)
            case .readings(let first, let readings): add(first, readings)
            case .link, .archive, .analyse, .reply, .notify, .keepRecording, .reload, .shutDown: break
            }
        }
    }
}

/// What a segment holds, damage included.
func items(_ bytes: [UInt8], links: [LinkName] = []) throws -> [SegmentReader.Item] {
    var reader = try SegmentReader(bytes, file: "test.flr", links: links)
    var items: [SegmentReader.Item] = []
    while let item = try reader.next() { items.append(item) }
    return items
}

extension SegmentReader.Item {
    var damage: String? { if case .damage(_, _, let what) = self { what } else { nil } }
    var record: Record? { if case .record(let record, _) = self { record } else { nil } }
    var number: UInt64? { if case .record(_, let number) = self { number } else { nil } }
}

/// A replay in a test.
final class Digest: Sendable {
    private let value = Mutex(EventDigest())
    func add(_ effects: [ControllerEffect]) { value.withLock { $0.add(effects) } }
    var current: EventDigest { value.withLock { $0 } }
}

/// Replays one segment; what it differs in.
func replay(_ bytes: [UInt8]) throws -> (inputs: Int, writes: Int, digest: EventDigest, difference: Replay.Difference?)
{
    let digest = Digest()
    var replay: Replay?
    var last: UInt64 = 0
    for item in try items(bytes) {
        do throws(Replay.Difference) {
            switch item {
            case .start(let start):
                let source = BenchSource(name: start.file, text: start.text, endpoints: start.endpoints)
                guard let bench = try? BenchFile.parse(source) else { continue }
                replay = Replay(start, bench.definition) { digest.add($0) }
            case .record(let record, let number):
                try replay?.feed(record, number: number)
                last = number
            case .head, .damage: break
            }
        } catch {
            return (replay?.inputs ?? 0, replay?.writes ?? 0, digest.current, error)
        }
    }
    let done = try #require(replay)
    do throws(Replay.Difference) {
        try done.finish(last)
    } catch {
        return (done.inputs, done.writes, digest.current, error)
    }
    return (done.inputs, done.writes, digest.current, nil)
}
