import ControlAPI
import ControlServer
import Experiments
import Testing

/// No client holds up another one, however much it writes, and nobody holds up the safe state.
@Suite struct TurnTests {
    private static let discover = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\",\"params\":{}}\n"
    private static let trigger =
        "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"safe_state.trigger\",\"params\":{\"reason\":\"smoke\"}}\n"

    private func receive(_ bench: Harness, _ text: String, from id: UInt64) -> [ServerEffect] {
        bench.server.receive(ConnectionID(number: id), Array(text.utf8), at: bench.now)
    }

    @Test func theSafeStateWaitsForNoOtherLine() {
        let bench = Harness(role: .observer)
        bench.connect(2, role: .none)
        for flood in [String(repeating: Self.discover, count: 5000), String(repeating: "x\n", count: 30_000)] {
            #expect(receive(bench, flood, from: 1).isEmpty, "lines wait for their turn")
        }
        let effects = receive(bench, Self.trigger, from: 2)
        #expect(effects.count == 1)
        guard case .post(_, .triggerSafeState(reason: "smoke"), _)? = effects.first else {
            Issue.record("not asked for at once")
            return
        }
    }

    /// Also from the client that floods, and hidden in a batch.
    @Test(arguments: [trigger, "[\(discover.dropLast()),\(trigger.dropLast())]\n"])
    func theSafeStateOvertakesItsOwnClient(_ line: String) {
        let bench = Harness(role: .observer)
        let effects = receive(bench, String(repeating: "x\n", count: 2000) + line, from: 1)
        #expect(effects.contains { if case .post(_, .triggerSafeState, _) = $0 { true } else { false } })
    }

    @Test func aTurnIsShortAndFair() throws {
        let bench = Harness()
        for id in 2...5 as ClosedRange<UInt64> { bench.connect(id) }
        let hello = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\"}\n"
        for id in 1...4 as ClosedRange<UInt64> { _ = receive(bench, String(repeating: hello, count: 500), from: id) }
        _ = receive(bench, hello, from: 5)
        var answers: [UInt64: Int] = [:]
        for effect in bench.server.work(at: bench.now) {
            if case .send(let id, _) = effect { answers[id.number, default: 0] += 1 }
        }
        #expect(answers.values.reduce(0, +) <= 64)
        #expect(answers[5] == 1)
        #expect(Set((1...4).map { answers[$0] ?? 0 }).count == 1, "\(answers)")
        #expect(bench.server.hasWork)
        while bench.server.hasWork { bench.perform(bench.server.work(at: bench.now)) }
        for id in 1...4 as ClosedRange<UInt64> { #expect(try bench.lines(id).count >= 480) }
    }

    @Test func aClientThatWritesAheadIsNotReadAnyMore() {
        let bench = Harness()
        _ = receive(bench, String(repeating: "x\n", count: 1000), from: 1)
        #expect(!bench.server.acceptsInput(ConnectionID(number: 1)))
        while bench.server.hasWork { bench.perform(bench.server.work(at: bench.now)) }
        #expect(bench.server.acceptsInput(ConnectionID(number: 1)))
    }

    /// Who has to go to make room is named before, so that what it has said can be read.
    @Test func whoIsClosedNextIsKnown() {
        let bench = Harness()
        let all = UInt64(APILimits.connections + APILimits.surplusConnections)
        for id in 2..<all { bench.connect(id) }
        #expect(bench.server.nextToClose == nil)
        bench.connect(all)
        let oldest = ConnectionID(number: UInt64(APILimits.connections) + 1)
        #expect(bench.server.nextToClose == oldest)
        #expect(!receive(bench, Self.trigger, from: oldest.number).isEmpty)
        bench.connect(all + 1)
        #expect(bench.closed.contains(oldest.number))
    }
}
