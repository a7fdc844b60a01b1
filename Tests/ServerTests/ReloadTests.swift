import ControlAPI
import ControlServer
import Experiments
import Testing
import Wire

@Suite struct ReloadTests {
    @Test func aReloadSaysWhatHoldsNowAndWhatDoesNot() throws {
        let outcome = ReloadOutcome(applied: ["roles.admin"], needsRestart: ["interlocks.hot.cause.above"])
        let (request, answer) = try Harness(role: .admin).post("system.reload", "{}", .reloaded(outcome))
        guard case .reload = request else { throw Harness.Broken.line("\(request)") }
        #expect(answer.result["applied"] == .array([.string("roles.admin")]))
        #expect(answer.result["needs_restart"] == .array([.string("interlocks.hot.cause.above")]))
        #expect(try Harness(role: .technician).ask("system.reload").kind == "forbidden")
    }

    @Test func whoIsConnectedHasHisNewRoleAtOnce() throws {
        let bench = Harness(role: .observer)
        #expect(try bench.ask("interlocks.reset", "{\"interlock\":\"x\"}").kind == "forbidden")
        bench.perform(bench.server.changeRole(of: ConnectionID(number: 1), to: .technician))
        #expect(try bench.ask("system.hello").result["role"] == .string("technician"))
        bench.perform(bench.server.changeRole(of: ConnectionID(number: 1), to: .none))
        #expect(try bench.ask("system.status").kind == "forbidden")
        #expect(bench.closed.isEmpty)
    }

    /// A read that is known by heart is answered apart from all others.
    @Test func aKnownReadIsForbiddenTooOnceTheRoleIsGone() throws {
        let bench = Harness(role: .observer)
        for _ in 0..<3 { _ = try bench.ask("signals.read", "{\"names\":[\"heater.temperature\"]}") }
        bench.perform(bench.server.changeRole(of: ConnectionID(number: 1), to: .none))
        #expect(try bench.ask("signals.read", "{\"names\":[\"heater.temperature\"]}").kind == "forbidden")
    }

    @Test func whoMayNotLookAnyMoreLosesHisSubscription() throws {
        let bench = Harness(role: .observer)
        _ = try bench.ask("events.subscribe", "{\"topics\":[\"alarms\"]}")
        bench.perform(bench.server.changeRole(of: ConnectionID(number: 1), to: .none))
        #expect(bench.closed == [1])
        bench.event("alarms", ["alarm": .string("archive")])
        #expect(try bench.lines().isEmpty)
    }
}
