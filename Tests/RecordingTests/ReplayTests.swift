import DeviceModel
import Experiments
import Quantities
import Recording
import Simulation
import Testing
import VirtualBench

/// What was recorded is what happens again, to the last byte.
@Suite struct ReplayTests {
    static let recipe = Recipe.flows(
        FlowsRecipe(
            temperatureC: 140,
            flowsULMin: [
                "cui": 100, "oa_cui": 15, "oam_cui": 0, "ode_cui": 110, "cs_oleate": 130, "oa_cs": 30,
            ]))

    /// An experiment to its end, a second one that a fault and a trip end, requests of clients in between.
    private static func eventfulRun(seed: UInt64) throws -> RecordedLab {
        print("eventful run: seed \(seed)")
        let recorded = try RecordedLab()
        var lab = recorded.lab(seed: seed)
        for key in ["one", "two"] {
            lab.request(.submit(Submission(recipe: recipe, key: key, metadata: nil, campaign: nil)))
        }
        lab.run(until: .zero + .seconds(3000)) { $0.archive.experiments["e-000001"]?.state.isFinal ?? false }
        #expect(lab.archive.experiments["e-000001"]?.state == .done)
        lab.run(until: lab.now.bench + .seconds(60))
        try lab.apply(FaultCommand(device: "cui", fault: "stall", forSeconds: 5, value: nil))
        lab.run(until: lab.now.bench + .seconds(20))
        lab.request(.triggerSafeState(reason: "a smell"), as: Caller(uid: 1, pid: 2, role: .observer, client: 3))
        lab.hangUp(3)
        lab.run(until: lab.now.bench + .seconds(20))
        #expect(lab.archive.experiments["e-000002"]?.state == .failed)
        #expect(lab.keptRecordings.map(\.cause).contains("safe-state"))
        lab.request(.resetInterlock("safe-state"))
        lab.shutDown()
        lab.run(until: lab.now.bench + .seconds(5))
        #expect(lab.isShutDown)
        #expect(lab.digest == recorded.digest)
        return recorded
    }

    @Test(arguments: [11, 12] as [UInt64]) func everyWriteAndEveryEventIsTheSame(seed: UInt64) throws {
        let recorded = try Self.eventfulRun(seed: seed)
        let bytes = try recorded.segment()
        let outcome = try replay(bytes)
        #expect(outcome.difference == nil)
        #expect(outcome.digest == recorded.digest)
        #expect(outcome.digest.events > 50)
        let records = try items(bytes).compactMap(\.record)
        let writes = records.count { if case .action(_, let action) = $0 { action.isWrite } else { false } }
        #expect(outcome.writes == writes && writes > 1000)
        print("replayed \(outcome.inputs) inputs, \(outcome.writes) writes; \(bytes.count) bytes")
    }

    /// One byte of one device's answer is another one: the replay says where the daemon then does something else.
    @Test func anotherByteOnTheWireIsFoundWhereItFirstMatters() throws {
        let recorded = try Self.eventfulRun(seed: 13)
        let bytes = try recorded.segment()
        let records = try items(bytes)
        // The mark that the first answer of a spectrometer begins with.
        let index = try #require(
            records.firstIndex {
                if case .input(.plain(.link(_, .received(let bytes))), _)? = $0.record {
                    bytes.starts(with: [0xC1, 0xC0])
                } else {
                    false
                }
            })
        guard case .record(.input(.plain(.link(let link, .received(var answer))), let now), let number) = records[index]
        else {
            Issue.record("no answer")
            return
        }
        answer[0] ^= 0x10
        var replay: Replay?
        var found: Replay.Difference?
        for (place, item) in records.enumerated() where found == nil {
            do throws(Replay.Difference) {
                switch item {
                case .start(let start): replay = Replay(start, recorded.definition)
                case .record(_, let number) where place == index:
                    try replay?.feed(.input(.plain(.link(link, .received(answer))), now), number: number)
                case .record(let record, let number): try replay?.feed(record, number: number)
                case .head, .damage: break
                }
            } catch {
                found = error
            }
        }
        let difference = try #require(found)
        #expect(difference.record > number)
        #expect(difference.detail.contains(link.text), "\(difference)")
    }

    /// One byte of what the daemon sent is another one in the recording.
    @Test func anotherByteThatWasSentIsNamedAtItsRecord() throws {
        let recorded = try Self.eventfulRun(seed: 14)
        let records = try items(try recorded.segment())
        var replay: Replay?
        var changed: UInt64?
        var found: Replay.Difference?
        for item in records where found == nil {
            do throws(Replay.Difference) {
                switch item {
                case .start(let start): replay = Replay(start, recorded.definition)
                case .record(.action(let link, .send(var bytes, let authority)), let number) where number > 500:
                    if changed == nil {
                        changed = number
                        bytes[0] ^= 1
                    }
                    try replay?.feed(.action(link, .send(bytes, authority)), number: number)
                case .record(let record, let number): try replay?.feed(record, number: number)
                case .head, .damage: break
                }
            } catch {
                found = error
            }
        }
        #expect(found?.record == changed && changed != nil)
    }

    /// A daemon that is killed and started again: each life replays from its own start, with what the archive restored.
    @Test func aSecondLifeReplaysFromWhatTheFirstLeft() throws {
        let recorded = try RecordedLab()
        var first = recorded.lab(seed: 21)
        first.request(
            .submit(Submission(recipe: Self.recipe, key: "k", metadata: .object(["a": .number(0.1)]), campaign: nil)))
        first.run(until: .zero + .seconds(120))
        let second = try RecordedLab()
        var lab = SimulatedLab(
            second.definition, seed: 21, restored: first.archive.restored, watchSteps: { second.record($0) })
        lab.run(until: lab.now.bench + .seconds(30))
        #expect(lab.keptRecordings.map(\.cause) == ["unclean-end"])
        let outcome = try replay(try second.segment())
        #expect(outcome.difference == nil && outcome.digest == second.digest && outcome.writes > 100)
    }
}
