import ControlAPI
import ControlServer
import DeviceModel
import Experiments
import Quantities
import Testing
import Wire

@Suite struct EventTests {
    private func subscribe(_ bench: Harness, _ params: String, on connection: UInt64 = 1) throws -> [JSONValue] {
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"events.subscribe\",\"params\":\(params)}\n", on: connection)
        return try bench.lines(connection)
    }

    private func sequences(_ lines: [JSONValue]) -> [Double] { lines.compactMap { $0["params"]?["seq"]?.double } }

    @Test func newEventsComeInOrderAndOnlyOnesTopics() throws {
        let bench = Harness()
        #expect(
            try subscribe(bench, "{\"topics\":[\"experiments\",\"signals:heater.*\"]}")[0].result["next"] == .integer(1)
        )
        bench.event("experiments", ["experiment": .string("e-000001")])
        bench.event("devices", [:])
        let readings = [
            Reading("heater.temperature", 140, .celsius, at: bench.now),
            Reading("pump.cui.flow", 1, .microlitersPerMinute, at: bench.now),
        ]
        bench.readings(readings)
        bench.event("experiments", ["experiment": .string("e-000001")])
        let lines = try bench.lines()
        #expect(sequences(lines) == [1, 3, 5])
        #expect(lines[0]["method"] == .string("event") && lines[0]["id"] == nil)
        #expect(lines[0]["params"]?["stream"] == .string("stream-1"))
        #expect(lines[1]["params"]?["topic"] == .string("signals:heater.temperature"))
        #expect(lines[1]["params"]?["data"]?["value"] == .number(140))
    }

    @Test func aSubscriberResumesWhereItStopped() throws {
        let bench = Harness()
        for _ in 0..<10 { bench.event("alarms", [:]) }
        let lines = try subscribe(bench, "{\"topics\":[\"alarms\"],\"from\":7,\"stream\":\"stream-1\"}")
        #expect(lines[0].result["next"] == .integer(11), "the reply comes first")
        #expect(sequences(lines) == [7, 8, 9, 10])
        let other = try subscribe(bench, "{\"topics\":[\"alarms\"],\"from\":7,\"stream\":\"before-the-restart\"}")
        #expect(other[0].result["stream"] == .string("stream-1"))
        #expect(sequences(other).first == 1, "of another stream everything that is kept")
    }

    @Test func unknownTopicsAreToldWithTheKnownOnes() throws {
        for topics in ["[\"experiment\"]", "[\"signals:\"]"] {
            let answer = try Harness().ask("events.subscribe", "{\"topics\":\(topics)}")
            #expect(answer.kind == "invalid_params" && answer.hint.contains("experiments, alarms, interlocks, devices"))
        }
    }

    @Test func whatFellOutOfTheRingIsAGap() throws {
        let bench = Harness()
        for _ in 0..<(APILimits.retainedEvents + 100) { bench.event("alarms", [:]) }
        let lines = try subscribe(bench, "{\"topics\":[\"alarms\"],\"from\":1}")
        let gap = lines[1]["params"]
        #expect(gap?["topic"] == .string("gap"))
        #expect(gap?["data"]?["from"] == .integer(1) && gap?["data"]?["to"] == .integer(100))
        #expect(sequences(lines)[1] == 101)
    }

    @Test func readingsDoNotPushEventsOut() throws {
        let bench = Harness()
        bench.event("experiments", [:])
        let reading = Reading("heater.temperature", 140, .celsius, at: bench.now)
        bench.readings(Array(repeating: reading, count: 3 * APILimits.retainedEvents))
        let lines = try subscribe(bench, "{\"topics\":[\"experiments\"],\"from\":1}")
        #expect(sequences(lines) == [1])
    }

    /// A subscriber that does not read gets no more than its buffer, then a gap, then the rest; no event is lost unsaid.
    @Test func aSlowSubscriberMissesNothingUnsaid() throws {
        let bench = Harness()
        _ = try subscribe(bench, "{\"topics\":[\"alarms\"]}")
        let data = ["text": JSONValue.string(String(repeating: "x", count: 500))]
        func deliver(_ count: Int) {
            for _ in 0..<count { bench.event("alarms", data, takesOutput: false) }
        }
        deliver(6000)
        #expect((bench.sent[1]?.count ?? 0) < APILimits.outputSoftBytes + 1000)
        var seen: Set<UInt64> = []
        while true {
            let bytes = bench.sent[1]?.count ?? 0
            for line in try bench.lines() {
                let params = line["params"]
                if params?["topic"] == .string("gap") {
                    let from = UInt64(params?["data"]?["from"]?.double ?? 0)
                    seen.formUnion(from...UInt64(params?["data"]?["to"]?.double ?? 0))
                } else {
                    let isNew = seen.insert(UInt64(params?["seq"]?.double ?? 0)).inserted
                    #expect(isNew)
                }
            }
            bench.server.written(ConnectionID(number: 1), bytes: bytes)
            guard bench.server.deadline != nil else { break }
            bench.perform(bench.server.advance(to: bench.now), takesOutput: false)
        }
        #expect(seen == Set(1...6000))
        deliver(APILimits.missedEvents + 2000)
        #expect(bench.closed == [1], "too far behind")
    }

    /// The mailbox between the threads may overflow: subscribers learn of the hole, and no wait hangs on it.
    @Test func whatWasLostOnTheWayIsAGapAndEndsWaits() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating)]
        _ = try subscribe(bench, "{\"topics\":[\"alarms\",\"signals:*\"]}")
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.wait\",\"params\":{\"experiment\":\"e-000001\"}}\n")
        bench.event("alarms")
        bench.store.set("e-000001", .done)
        bench.sequence += 5
        bench.event("alarms")
        let lines = try bench.lines()
        #expect(lines.contains { $0.result["state"] == .string("done") })
        let gaps = lines.filter { $0["params"]?["topic"] == .string("gap") }
        #expect(gaps.count == 1)
        #expect(gaps[0]["params"]?["data"]?["from"] == .integer(2) && gaps[0]["params"]?["data"]?["to"] == .integer(6))
        #expect(sequences(lines) == [1, 6, 7])
    }

    /// It is heard no further until it has taken them, so that little waits for it.
    @Test func aClientThatTakesNoAnswersGetsNoMoreOfThem() throws {
        let bench = Harness()
        let request = Array("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n".utf8)
        for _ in 0..<1000 { bench.send(request, takesOutput: false) }
        #expect((bench.sent[1]?.count ?? 0) < APILimits.outputSoftBytes + APILimits.lineBytes)
        #expect(!bench.server.hasWork)
        #expect(!bench.server.acceptsInput(ConnectionID(number: 1)))
    }

    @Test(arguments: [
        ("*", "heater.temperature", true), ("heater.*", "heater.temperature", true),
        ("heater.*", "pump.cui.flow", false),
        ("pump.*.flow", "pump.cui.flow", true), ("pump.*.flow", "pump.cui.flow.set_point", false),
        ("?ump*", "pump", true),
        ("a*b*c", "axxbxxbc", true), ("", "", true), ("", "a", false), ("**", "", true),
    ])
    func globs(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(Glob(pattern).matches(name) == matches)
    }
}
