import DeviceModel
import Experiments
import Interlocks
import Testing
import VirtualBench

/// A proof test trips for real, once, on a bench that does nothing else.
@Suite struct ProofTests {
    private func prove(_ name: InterlockName, _ scenario: inout Scenario) -> ControlReply? {
        scenario.ask(.proveInterlock(name, person: "Ada"))
    }

    @Test(arguments: [721, 722] as [UInt64])
    func everyRowTripsAndIsReset(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 25)
        scenario.run(10)
        for rule in scenario.definition.interlocks {
            guard case .interlockProving(let injection, _)? = prove(rule.name, &scenario) else {
                Issue.record("\(rule.name) is not tested")
                continue
            }
            #expect(injection.effects == rule.effects && !injection.text.isEmpty)
            let start = scenario.now
            scenario.run(rule.cause.delay.seconds + 0.2)
            let latch = try #require(scenario.lab.archive.latches.first)
            #expect(latch.interlock == rule.name && latch.cause.hasSuffix("(proof test)"), "\(latch.cause)")
            #expect(latch.at.bench.seconds - start <= rule.cause.delay.seconds + 0.1)
            scenario.run(5)
            #expect(scenario.lab.archive.latches.count == 1 && Scenario.isReset(scenario.reset(rule.name)))
        }
        scenario.run(5)
        #expect(scenario.lab.archive.latches.isEmpty)
        scenario.expectInvariants()
    }

    /// What runs is brought down by it as by the cause itself: the read-back is of the device, not of the test.
    @Test(arguments: [723, 724] as [UInt64])
    func itRefusesABusyBenchAndOneThatHasTripped(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        #expect(Scenario.refusal(prove("plate-over-temperature", &scenario)) == "bench_busy")
        _ = scenario.ask(.cancel(experiment: id))
        scenario.run(30)
        #expect(Scenario.refusal(prove("no-such-row", &scenario)) == "unknown_interlock")
        _ = scenario.ask(.triggerSafeState(reason: "a test"))
        scenario.run(10)
        #expect(Scenario.refusal(prove("plate-over-temperature", &scenario)) == "not_testable")
        #expect(scenario.lab.archive.latches.map(\.interlock) == [InterlockEngine.manualTrigger])
        scenario.expectInvariants()
    }

    /// The plate that an experiment left hot is switched off by the test, as the truth shows.
    @Test(arguments: [725, 726] as [UInt64])
    func itsEffectIsReal(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.run(2)
        #expect(scenario.lab.truth.last?.heaterMode == .automatic)
        guard case .interlockProving? = prove("plate-over-temperature", &scenario) else {
            Issue.record("not tested")
            return
        }
        let start = scenario.now
        scenario.run(10)
        scenario.expectSafe(since: start, within: 0.5 + Scenario.tripTime)
        #expect(scenario.lab.truth.last?.heaterMode == .off && scenario.lab.truth.last?.contactorClosed == false)
    }
}
