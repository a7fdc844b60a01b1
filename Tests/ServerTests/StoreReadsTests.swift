import ControlAPI
import ControlServer
import Experiments
import Testing

/// A disk that hangs keeps those waiting who ask the archive, and nobody else.
@Suite struct StoreReadsTests {
    private func stuck() -> Harness {
        let bench = Harness(role: .optimizer)
        bench.store.records = [Sample.record(1, .heating)]
        bench.isStoreStuck = true
        return bench
    }

    private func get(_ id: Int) -> String {
        "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"experiments.get\",\"params\":{\"experiment\":\"e-000001\"}}\n"
    }

    @Test func theSafeStateAndTheStatusDoNotWaitForTheDisk() throws {
        let bench = stuck()
        bench.send(get(1))
        #expect(try bench.ask("system.status").result["state"] != nil)
        _ = try bench.post("safe_state.trigger", "{\"reason\":\"smoke\"}", .safeState(latched: ["safe-state"]))
        bench.freeStore()
        #expect(try bench.lines().map { $0["id"] } == [.integer(1)])
    }

    @Test func whoAskedIsToldWhenTheDiskTakesTooLong() throws {
        let bench = stuck()
        bench.send(get(1))
        bench.advance(to: 10 + APILimits.controlReplySeconds)
        let late = try bench.lines()
        #expect(late.map { $0["error"]?["data"]?["kind"] } == [.string("timeout")])
        #expect(late[0]["error"]?["message"]?.text?.contains("the archive did not answer experiments.get") == true)
        bench.freeStore()
        #expect(try bench.lines() == [], "one answer, not two")
        #expect(try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result["state"] == .string("heating"))
    }

    /// Each client has a few questions at the disk at a time; the others wait for their turn, up to a limit.
    @Test func aClientThatAsksALotIsAnsweredInTurn() throws {
        let bench = stuck()
        for number in 0..<APILimits.waitingReads { bench.send(get(number)) }
        #expect(bench.questions.count == 4)
        #expect(try bench.lines() == [])
        for number in 0..<4 { bench.send(get(9000 + number)) }
        bench.send(get(9999))
        let refused = try bench.lines()
        #expect(refused.map { $0["id"] } == [.integer(9999)])
        #expect(refused[0]["error"]?["data"]?["kind"] == .string("busy"))
        bench.freeStore()
        let ids = try bench.lines().compactMap { $0["id"]?.double }
        #expect(ids == (0..<APILimits.waitingReads).map(Double.init) + [9000, 9001, 9002, 9003])
    }

    @Test func nothingIsReadAheadForAClientThatDoesNotListen() throws {
        let bench = Harness()
        bench.store.spectra = [Sample.spectrum("e-000001", pixels: 30_000)]
        bench.store.records = [Sample.record(1, .done)]
        let line =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.spectra\",\"params\":{\"experiment\":\"e-000001\"}}\n"
        for _ in 0..<20 { bench.send(Array(line.utf8), takesOutput: false) }
        let sent = bench.sent[1]?.count ?? 0
        #expect(sent < APILimits.outputSoftBytes + 2 * APILimits.lineBytes)
        bench.server.written(ConnectionID(number: 1), bytes: sent)
        while bench.server.deadline == .zero { bench.advance(to: 10) }
        #expect(try bench.lines().count == 20)
    }

    /// The end of an experiment is seen by a wait that began while the disk hung, whichever comes first.
    @Test func aWaitOutlivesAStuckDisk() throws {
        let bench = stuck()
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"experiments.wait\",\"params\":{\"experiment\":\"e-000001\"}}\n")
        bench.store.set("e-000001", .done)
        bench.event("experiments", ["experiment": .string("e-000001")])
        #expect(try bench.lines() == [])
        bench.freeStore()
        let ended = try bench.lines()
        #expect(ended.count == 1)
        #expect(ended[0].result["state"] == .string("done"))
    }

    @Test func whatWasReadBeforeAChangeIsNotRemembered() throws {
        let bench = stuck()
        bench.send(get(1))
        let question = try #require(bench.questions.first)
        let old = question.answered(by: bench.store)
        bench.store.set("e-000001", .flowing)
        bench.event("experiments", ["experiment": .string("e-000001")])
        bench.perform(bench.server.deliver(read: old, at: bench.now))
        #expect(try bench.lines().map { $0.result["state"] } == [.string("heating")])
        bench.isStoreStuck = false
        #expect(try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result["state"] == .string("flowing"))
    }

    @Test func aClientThatGoesTakesItsQuestionsAlong() {
        let bench = stuck()
        for number in 0..<10 { bench.send(get(number)) }
        bench.server.disconnected(ConnectionID(number: 1))
        bench.freeStore()
        #expect(bench.sent[1] == nil)
        #expect(bench.server.deadline == nil)
    }
}
