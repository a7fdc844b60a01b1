import ControlAPI
import ControlServer
import Experiments
import Testing
import Wire

/// The small print of the protocol, line by line.
@Suite struct EnvelopeTests {
    static let hello = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\"}"

    @Test func helloAnswersEverybody() throws {
        let bench = Harness(role: .none)
        let result = try bench.ask("system.hello", "{\"client\":\"test\"}").result
        #expect(result["api"] == .string("1.1.0"))
        #expect(result["bench"] == .string("test"))
        #expect(result["simulated"] == .bool(true))
        #expect(result["role"] == .string("none"))
    }

    @Test func aParseErrorIsAnsweredAndTheConnectionStays() throws {
        let bench = Harness()
        bench.send("{\"jsonrpc\":\n\(Self.hello)\n")
        let lines = try bench.lines()
        #expect(lines.count == 2)
        #expect(lines[0].code == -32700 && lines[0]["id"] == .null && !lines[0].hint.isEmpty)
        #expect(lines[1].result["api"] != nil)
        #expect(bench.closed.isEmpty)
    }

    @Test(arguments: ["7", "-3", "1.50", "12345678901234567890", "1e2", "\"a b\"", "\"\\u00e9\"", "null"])
    func idsComeBackAsSent(_ id: String) throws {
        let bench = Harness()
        bench.send("{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"system.hello\"}\n")
        let text = String(decoding: bench.sent[1] ?? [], as: UTF8.self)
        #expect(text.hasPrefix("{\"id\":\(id == "\"\\u00e9\"" ? "\"é\"" : id),"), "\(text)")
        bench.send("[{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"nope\"}]\n")
        #expect(try bench.lines().last?[0]?.kind == "method_not_found")
    }

    @Test func aNotificationGetsNoAnswer() throws {
        let bench = Harness()
        bench.send("{\"jsonrpc\":\"2.0\",\"method\":\"system.hello\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"nope\"}\n")
        #expect(try bench.lines().isEmpty)
    }

    @Test func invalidRequestsAreToldSo() throws {
        let bench = Harness()
        let requests = [
            "1", "{}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
            "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"system.hello\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"system.hello\"}", "[]", "[1]",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\",\"parms\":{}}",
        ]
        for request in requests {
            bench.send(request + "\n")
            let lines = try bench.lines()
            let answer = lines.first?[0] ?? lines.first
            #expect(lines.count == 1 && answer?.code == -32600 && answer?.kind == "invalid_request", "\(request)")
        }
    }

    @Test func aBatchIsAnsweredAsOneWhenAllIsThere() throws {
        let bench = Harness()
        let plan =
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"experiments.plan\",\"params\":{\"recipe\":\(Sample.recipeJSON)}}"
        bench.send("[\(Self.hello),\(plan),{\"jsonrpc\":\"2.0\",\"method\":\"system.hello\"}]\n")
        #expect(try bench.lines().isEmpty)
        bench.answer(.plan(Sample.plan()))
        let lines = try bench.lines()
        #expect(lines.count == 1 && lines[0].count == 2)
        #expect(lines[0][1]?.result["residence_time_s"] == .number(61.5))
        bench.send("[{\"jsonrpc\":\"2.0\",\"method\":\"system.hello\"}]\n")
        #expect(try bench.lines().isEmpty)
    }

    @Test func aBatchStaysWithinTheLimitOfALine() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .done)]
        bench.store.spectra = (0..<4).map { _ in Sample.spectrum("e-000001", pixels: 40_000) }
        let one =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.spectra\",\"params\":{\"experiment\":\"e-000001\"}}"
        bench.send("[" + [one, one, one, Self.hello].joined(separator: ",") + "]\n")
        let lines = try bench.lines()
        #expect(lines[0].count == 4)
        #expect(lines[0][0]?.result["pages"] == .integer(4))
        #expect(lines[0][2]?.kind == "too_large")
        #expect(lines[0][3]?.result["api"] != nil)
    }

    @Test func whatWasAskedBeforeAHalfCloseIsStillAnswered() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating)]
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.wait\",\"params\":{\"experiment\":\"e-000001\",\"timeout_s\":5}}\n"
        )
        bench.send(Self.hello)
        bench.perform(bench.server.halfClosed(ConnectionID(number: 1), at: bench.now))
        #expect(try bench.lines().count == 1, "the line without LF is answered")
        #expect(bench.closed.isEmpty)
        bench.advance(to: 15)
        #expect(try bench.lines()[0].result["state"] == .string("heating"))
        #expect(bench.closed == [1])
    }

    @Test func aLineOverTheLimitIsRefusedAndDropped() throws {
        let bench = Harness()
        let longest = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\"}"
        let padding = String(repeating: " ", count: APILimits.lineBytes - 1 - longest.utf8.count)
        bench.send(longest + padding + "\n")
        #expect(try bench.lines()[0].result["api"] != nil, "exactly the limit, with its LF")
        for chunk in 0..<5 { bench.send([UInt8](repeating: UInt8(ascii: "x"), count: 300_000 + chunk)) }
        let refusal = try bench.lines()
        #expect(refusal.count == 1 && refusal[0].kind == "too_large" && refusal[0]["id"] == .null)
        bench.send("xx\n\(Self.hello)\n")
        #expect(try bench.lines()[0].result["api"] != nil)
    }

    @Test func soundTextOnly() throws {
        let bench = Harness()
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        for params in [
            "{\"client\":\(deep)}", "{\"client\":\"a\",\"client\":\"b\"}", "{\"client\":\"\\ud800\"}",
            "{\"client\":\"\\ud800\\u0041\"}", "{\"client\":\"\\ud800\\n\"}", "{\"client\":1e999}",
        ] {
            let answer = try bench.ask("system.hello", params)
            #expect(answer.code == -32600, "\(params.prefix(40))")
        }
        var bytes = Array("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"system.hello\",\"params\":{\"client\":\"".utf8)
        bytes += [0xFF, 0xFE] + Array("\"}}\n".utf8)
        bench.send(bytes)
        #expect(try bench.lines()[0].detail.contains("UTF-8"))
        let veryDeep = String(repeating: "[", count: 500_000)
        bench.send(veryDeep + "\n")
        #expect(try bench.lines()[0].code == -32700)
    }

    /// With two ids the last one counts, as with any member; the first one's digits do not come back in its place.
    @Test func theLastOfTwoIDsIsAnswered() throws {
        let bench = Harness()
        bench.send("{\"jsonrpc\":\"2.0\",\"id\":5,\"id\":\"a\",\"method\":\"system.hello\"}\n")
        let answer = try bench.lines()[0]
        #expect(answer["id"] == .string("a") && answer.code == -32600)
    }

    @Test func theSafeStateIsObeyedWhateverItsReasonIsMadeOf() throws {
        let bench = Harness()
        for reason in ["\\ud83d\\u0041", "\\udbff\\n", "\\ud800"] {
            let params = "{\"reason\":\"\(reason)\"}"
            bench.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":\(params)}\n")
        }
        #expect(bench.posts.count == 3)
    }

    @Test func unknownMethodsNameNearOnes() throws {
        let answer = try Harness().ask("experiments.submitt")
        #expect(answer.code == -32601 && answer.kind == "method_not_found")
        #expect(answer.hint.contains("experiments.submit") && answer.hint.contains("rpc.discover"))
    }

    @Test func outstandingRequestsAreLimitedButTheSafeStateIsNot() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating)]
        for _ in 0..<APILimits.outstandingRequests {
            bench.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.wait\",\"params\":{\"experiment\":\"e-000001\"}}\n"
            )
        }
        #expect(try bench.lines().isEmpty)
        #expect(try bench.ask("experiments.wait", "{\"experiment\":\"e-000001\"}").kind == "busy")
        bench.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\"}\n")
        #expect(bench.posts.count == 1)
        #expect(try bench.ask("system.hello").result["api"] != nil)
    }

    @Test func tooManyConnectionsAreToldSo() throws {
        let bench = Harness()
        for number in 2...UInt64(APILimits.connections) { bench.connect(number) }
        bench.connect(1000)
        #expect(try bench.ask("system.hello", on: 1000).kind == "busy")
        bench.server.disconnected(ConnectionID(number: 2))
        #expect(try bench.ask("system.hello", on: 1000).result["api"] != nil, "a place is free")
    }

    @Test func theSafeStateIsObeyedWhenAllConnectionsAreTaken() throws {
        let bench = Harness()
        for number in 2...UInt64(APILimits.connections) { bench.connect(number) }
        for number in 0..<UInt64(2 * APILimits.surplusConnections) { bench.connect(1000 + number) }
        #expect(bench.closed == Set(1000..<1000 + UInt64(APILimits.surplusConnections)), "the oldest make room")
        bench.connect(2000, role: .none)
        bench.send(
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.status\"},"
                + "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"safe_state.trigger\"}]\n", on: 2000)
        guard case .triggerSafeState? = bench.posts.last?.request else { throw Harness.Broken.line("no trigger") }
        bench.answer(.safeState(latched: ["safe-state"]))
        guard case .array(let answers)? = try bench.lines(2000).first else { throw Harness.Broken.line("no batch") }
        #expect(answers.first?.kind == "busy")
        #expect(answers.last?.result["latched"] == .array([.string("safe-state")]))
    }

    @Test func theControlLoopsSilenceIsAnsweredToo() throws {
        let bench = Harness()
        bench.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"interlocks.reset\",\"params\":{\"interlock\":\"a\"}}\n")
        #expect(bench.server.deadline == Sample.moment(10 + APILimits.controlReplySeconds).wire)
        bench.advance(to: 10 + APILimits.controlReplySeconds)
        #expect(try bench.lines()[0].kind == "timeout")
        bench.answer(.interlockReset("a"))
        #expect(try bench.lines().isEmpty, "a late answer is nobody's")
    }

    /// A robot, an instrument and a program of steps take longer than the control loop itself may.
    @Test(arguments: [
        ("robots.transfer", "{\"device\":\"arm\",\"from\":\"rack\",\"to\":\"cd\"}", 330.0),
        ("analyzers.measure", "{\"device\":\"cd\",\"sample\":\"a\"}", 86_430),
        ("boards.run", "{\"steps\":[{\"kind\":\"stop\",\"at_s\":100,\"device\":\"feed\"}]}", 130),
    ])
    func whatWaitsForADeviceHasItsOwnTime(_ method: String, _ params: String, _ seconds: Double) throws {
        let bench = Harness()
        bench.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\",\"params\":\(params)}\n")
        bench.advance(to: 10 + seconds - 1)
        #expect(try bench.lines().isEmpty)
        bench.advance(to: 10 + seconds)
        let late = try bench.lines()
        #expect(late.map(\.kind) == ["timeout"])
    }
}
