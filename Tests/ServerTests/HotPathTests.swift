import ControlAPI
import ControlServer
import DeviceModel
import Experiments
import Quantities
import Testing
import Wire

/// What is written by hand for speed is what the shapes say, and what is remembered is never older than the last event.
@Suite struct HotPathTests {
    @Test func readingsAreWrittenAsTheirShape() throws {
        for names in ["[\"heater.temperature\"]", "[\"*\"]", "[\"heater.*\",\"heater.power\",\"*e*\"]", "[\"x*\"]"] {
            let json = try Harness().ask("signals.read", "{\"names\":\(names)}").result
            let result = try json.decoded(as: SignalsRead.Result.self)
            #expect(try EncodedJSON(result).bytes == json.jsonBytes, "\(names)")
        }
        let twice = try Harness().ask("signals.read", "{\"names\":[\"heater.power\",\"heater.power\"]}")
        #expect(twice.result["readings"]?.count == 1)
    }

    /// A line that was seen before is answered without being parsed: as it would be if it were, whatever its id.
    @Test(arguments: [
        "{\"jsonrpc\":\"2.0\",\"id\":#,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.temperature\"]}}",
        "{\"params\": {\"names\": [\"heater.power\", \"heater.temperature\"]}, \"method\": \"signals.read\", \"id\" : #, \"jsonrpc\": \"2.0\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":#,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.*\"]}}",
        "{\"jsonrpc\":\"2.0\",\"id\":#,\"method\":\"signals.read\",\"params\":{\"names\":[\"nobody\"]}}",
        "{\"jsonrpc\":\"1.0\",\"id\":#,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.power\"]}}",
        "{\"jsonrpc\":\"2.0\",\"\\u0069d\":#,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.power\"]}}",
        "{\"jsonrpc\":\"2.0\",\"id\":#,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.power\"],\"id\":#}}",
    ])
    func aKnownLineIsAnsweredAsAnyOther(_ pattern: String) throws {
        let used = Harness()
        for id in [
            "1", "2", "17", "0", "-3", "007", "1.5", "1e3", "\"x\"", "null", "[]", "123456789012345678",
            "9999999999999999999",
        ] {
            let line = pattern.replacing("#", with: id) + "\n"
            used.send(line)
            let fresh = Harness()
            fresh.send(line)
            #expect(used.sent.removeValue(forKey: 1) == fresh.sent[1], "\(line)")
        }
    }

    /// What was learned from one caller is not given to another who may not have it.
    @Test func aKnownLineNeedsItsRole() throws {
        let bench = Harness()
        let line =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.power\"]}}\n"
        bench.send(line)
        #expect(try bench.lines()[0]["result"] != nil)
        bench.connect(2, role: .none)
        bench.send(line, on: 2)
        #expect(try bench.lines(2)[0]["error"] != nil)
    }

    /// What is kept of an answer is kept as long as the snapshot, and ages all the same.
    @Test func aKnownLineIsAnsweredFromTheNewestSnapshot() throws {
        let bench = Harness()
        func temperature() throws -> JSONValue? {
            bench.sent = [:]
            bench.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.temperature\"]}}\n"
            )
            return try bench.lines()[0]["result"]?["readings"]?["heater.temperature"]
        }
        for _ in 0..<3 { #expect(try temperature()?["age_s"] == .number(0.5)) }
        bench.now = Sample.moment(11)
        #expect(try temperature()?["age_s"] == .number(1.5))
        #expect(try temperature()?["value"] == .number(140.02))
        var next = Sample.snapshot()
        next.readings[1] = Reading("heater.temperature", 141.25, .celsius, at: Sample.moment(10.75))
        bench.board.published = PublishedSnapshot(next)
        #expect(try temperature()?["value"] == .number(141.25))
        #expect(try temperature()?["age_s"] == .number(0.25))
    }

    /// Nothing overtakes what the client has not finished saying, or not taken.
    @Test func aKnownLineWaitsItsTurn() throws {
        let bench = Harness()
        let line =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"signals.read\",\"params\":{\"names\":[\"heater.power\"]}}\n"
        bench.send(line)
        bench.sent = [:]
        bench.send("{\"jsonrpc\":\"2.0\",\"id\":2,")
        bench.send(line)
        #expect(try bench.lines().map { $0["error"] != nil } == [true], "one line of two parts, no JSON")
        bench.sent = [:]
        bench.send(line.dropLast() + " " + line)
        #expect(try bench.lines().map { $0["error"] != nil } == [true])
        bench.sent = [:]
        bench.send(line + line)
        #expect(try bench.lines().map { $0["id"] } == [.integer(1), .integer(1)])
        // Not taken: the next one counts as well, and more is not read.
        bench.sent = [:]
        bench.send(Array(line.utf8), takesOutput: false)
        bench.send(Array(line.utf8), takesOutput: false)
        #expect(try bench.lines().count == 2)
    }

    @Test func statusIsWrittenAsItsShape() throws {
        let running = SystemStatus.Running(
            experiment: "e-1", state: .settling, inStateS: 1.5, stateDeadlineS: 60, sweptTau: 0.25, requiredTau: 1.2,
            residenceTimeS: nil, remainingS: 1e6)
        let latch = InterlockLatch(
            interlock: "a", cause: "\"hot\"", time: "t", isFirstOut: true, effects: ["heater-off", "pumps-stop"],
            response: "wait")
        let alarms = ["archive", "device:cui"].map { SystemStatus.Alarm(id: $0, text: "é\n", since: "t") }
        let full = SystemStatus.Result(
            bench: "b", simulated: true, state: "tripped", time: "t", uptimeS: 0.1, running: running,
            queue: ["e-2", "e-3"], held: ["e-3"], heldBecause: "why", alarms: alarms, unacknowledged: 3,
            latchedInterlocks: [latch, latch],
            devices: ["ready": 10, "offline": 1])
        let empty = SystemStatus.Result(
            bench: "b", simulated: false, state: "idle", time: "t", uptimeS: 0, running: nil, queue: [],
            held: [], heldBecause: nil, alarms: [], unacknowledged: 0, latchedInterlocks: [], devices: [:])
        for status in [full, empty] { #expect(try StatusText.json(status) == EncodedJSON(status)) }
    }

    @Test func aRecordIsReadOncePerEvent() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating), Sample.record(2, .queued)]
        func state() throws -> String? {
            try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result["state"]?.text
        }
        for _ in 0..<5 { #expect(try state() == "heating") }
        #expect(bench.store.reads == 1)
        bench.store.set("e-000001", .flowing)
        bench.event("experiments", ["experiment": .string("e-000002")])
        bench.event("alarms", [:])
        #expect(try state() == "heating", "another's event says nothing of it")
        bench.event("experiments", ["experiment": .string("e-000001")])
        #expect(try state() == "flowing")
    }

    /// The answer to a mutation is never followed by an older state.
    @Test func anAnsweredMutationIsSeen() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .queued)]
        _ = try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}")
        bench.store.set("e-000001", .cancelled)
        _ = try bench.post(
            "experiments.cancel", "{\"experiment\":\"e-000001\"}", .experiment("e-000001", state: .cancelled))
        let after = try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result["state"]
        #expect(after == .string("cancelled"))
    }

    @Test func lostEventsMakeNothingBelieved() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating)]
        _ = try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}")
        bench.store.set("e-000001", .done)
        bench.sequence += 3
        bench.event("alarms")
        #expect(try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result["state"] == .string("done"))
    }

    @Test func whatIsRememberedIsBounded() throws {
        let bench = Harness()
        bench.store.records = (1...400).map { Sample.record($0, .done) }
        for _ in 0..<2 {
            for record in bench.store.records {
                let json = try bench.ask("experiments.get", "{\"experiment\":\"\(record.experiment)\"}").result
                #expect(json["experiment"]?.text == record.experiment)
            }
        }
        #expect(bench.store.reads > 400)
    }
}
