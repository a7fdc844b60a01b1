import ControlAPI
import ControlServer
import Experiments
import Testing
import Wire

@Suite struct RoleTests {
    static let needs: [(String, Role)] = [
        ("system.status", .observer), ("signals.list", .observer), ("events.subscribe", .observer),
        ("experiments.get", .observer), ("experiments.wait", .observer), ("experiments.plan", .optimizer),
        ("experiments.submit", .optimizer), ("experiments.cancel", .optimizer), ("interlocks.reset", .technician),
        ("rpc.discover", .observer), ("experiments.results", .observer), ("experiments.hold", .optimizer),
        ("experiments.release", .optimizer), ("experiments.abandon", .optimizer), ("experiments.attach", .optimizer),
        ("campaigns.create", .optimizer), ("campaigns.get", .observer), ("campaigns.list", .observer),
        ("recipes.schema", .observer), ("reagents.list", .observer), ("reagents.refill", .technician),
        ("reagents.empty_waste", .technician), ("references.list", .observer), ("signals.history", .observer),
        ("archive.export", .observer), ("recorder.list", .observer), ("recorder.dump", .technician),
    ]

    @Test(arguments: needs)
    func theLeastRoleIsEnforcedBeforeTheParams(_ method: String, _ role: Role) throws {
        for caller in Role.allCases {
            let bench = Harness(role: caller)
            bench.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\",\"params\":{\"nonsense\":1}}\n")
            let answer = try bench.lines()[0]
            #expect((answer.kind == "forbidden") == (caller < role), "\(method) by \(caller)")
            if caller < role { #expect(answer.code == -32000 && answer.hint.contains(role.rawValue)) }
        }
    }

    @Test(arguments: Role.allCases)
    func everybodyMayTriggerTheSafeState(_ role: Role) throws {
        let bench = Harness(role: role)
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":{\"reason\":\"smell\"}}\n")
        guard case .triggerSafeState("smell")? = bench.posts.last?.request else {
            throw Harness.Broken.line("no trigger")
        }
        bench.answer(.safeState(latched: ["safe-state"]))
        #expect(try bench.lines()[0].result["latched"] == .array([.string("safe-state")]))
    }

    @Test func theSafeStateIsObeyedWhateverItsParams() throws {
        let deep = String(repeating: "[", count: 3000) + String(repeating: "]", count: 3000)
        let envelopes = [
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\"}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"safe_state.trigger\"}",
            "{\"method\":\"safe_state.trigger\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":[1,2]}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":null}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":7}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":{\"reason\":5,\"x\":\"\\ud800\"}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"params\":\(deep),\"method\":\"safe_state.trigger\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"safe_state.trigger\",\"params\":{\"a\":1,\"a\":2}}",
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\"},1]",
            "[" + String(repeating: "1,", count: 100) + "{\"method\":\"safe_state.trigger\"}]",
        ]
        for envelope in envelopes {
            let bench = Harness(role: .none)
            bench.send(envelope + "\n")
            #expect(bench.posts.count == 1, "\(envelope.prefix(80))")
        }
        let bench = Harness(role: .none)
        bench.send(
            Array("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"safe_state.trigger\",\"params\":{\"reason\":\"L".utf8)
                + [0xF6] + Array("sungsmittel\"}}\n".utf8))
        #expect(bench.posts.count == 1)
    }

    @Test func cancellingSomebodyElsesNeedsATechnician() throws {
        for (role, uid, allowed) in [
            (Role.optimizer, 1000, true), (.optimizer, 1001, false), (.technician, 1001, true),
        ] {
            let bench = Harness(role: role, uid: UInt32(uid))
            bench.store.records = [Sample.record(1, .heating, by: 1000)]
            bench.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.cancel\",\"params\":{\"experiment\":\"e-000001\"}}\n"
            )
            #expect(bench.posts.count == (allowed ? 1 : 0))
            if !allowed { #expect(try bench.lines()[0].kind == "forbidden") }
        }
    }
}
