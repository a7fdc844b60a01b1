import Experiments
import Quantities
import Testing
import VirtualBench

/// Pumps and their links misbehave in mid-run.
@Suite struct PumpFaultTests {
    /// An unplugged pump cannot be told to stop; it ends by itself at the volume that it was given.
    @Test(arguments: [71, 72, 73] as [UInt64])
    func anUnpluggedPumpStopsByItself(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        try scenario.fault("cui", "unplug", for: 700)
        let start = scenario.now
        scenario.run(600)
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == .failed && record.error?.kind == "device_lost" && record.error?.device == "cui")
        let others = scenario.truth(from: start + Scenario.tripTime)
        #expect(others.allSatisfy { $0.setFlows[1...].allSatisfy { $0 == 0 } })
        let last = try #require(scenario.lab.truth.last)
        #expect(last.setFlows[0] == 0)
        let planned = try #require(scenario.plannedVolume(of: record, pump: "cui"))
        let flowing = try #require(scenario.time(of: .flowing, id))
        let used = last.used[0] - (scenario.truth(from: 0, to: flowing).last?.used[0] ?? 0)
        #expect(used > 0.9 * planned && used < 1.02 * planned)
        scenario.run(150)
        // The others may flush the line of the idle bench meanwhile.
        #expect(scenario.truth(from: start + 600).allSatisfy { $0.setFlows[0] == 0 })
        scenario.expectInvariants()
    }

    /// Back in time it is found running, and told to stop before anything else is asked of it.
    @Test(arguments: [74, 75, 76] as [UInt64])
    func aPumpThatComesBackRunningIsStopped(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        let next = try scenario.submit()
        try scenario.fault("cui", "unplug", for: 10)
        let start = scenario.now
        scenario.run(9)
        #expect(try #require(scenario.lab.truth.last).setFlows[0] > 0)
        scenario.run(16)
        // Tries after 1, 3, 5, 7 and 9 s fail, the one after 11 s finds it.
        scenario.expectNoFlow(since: start + 11, within: Scenario.tripTime, until: start + 25)
        #expect(scenario.state(of: id) == .failed)
        #expect(scenario.lab.events.contains { $0.data["alarm"]?.text == "unproven:cui" })
        #expect(!scenario.shownAlarms().contains("unproven:cui"))
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        scenario.expectInvariants()
    }

    /// However long it was away: what may run is looked for every 2 s.
    @Test(arguments: [77, 78] as [UInt64])
    func aPumpThatComesBackLateIsStoppedAsSoon(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        _ = try scenario.experiment(in: .settling)
        try scenario.fault("cui", "unplug", for: 100)
        let start = scenario.now
        scenario.run(100)
        #expect(try #require(scenario.lab.truth.last).setFlows[0] > 0)
        scenario.run(30)
        scenario.expectNoFlow(since: start + 102, within: Scenario.tripTime, until: start + 130)
        scenario.expectInvariants()
    }

    /// A pump whose answers do not come through hears what it is told: it is told to stop whenever its link is open, and
    /// an alarm says that nobody has seen it stand.
    @Test(arguments: ["truncate", "corrupt"], [87, 88] as [UInt64])
    func aPumpThatIsNotUnderstoodIsStopped(fault: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        try scenario.fault("cui", fault)
        scenario.run(60)
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == .failed, "\(scenario.describe(id))")
        let failed = try #require(record.transitions.last).benchS
        let running = scenario.truth(from: failed).filter { $0.setFlows[0] != 0 }
        print("\(fault): cui ran on for \((running.last?.seconds ?? failed) - failed) s")
        #expect((running.last?.seconds ?? failed) - failed < 20)
        scenario.expectInvariants()
    }

    /// Somebody presses stop on the pump itself: no reply shows it but the status.
    @Test(arguments: [81, 82, 83] as [UInt64], ["settling", "measuring"])
    func aPumpStoppedAtItsPanelFailsTheExperiment(seed: UInt64, stage: String) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.submit()
        try scenario.reach(stage == "settling" ? .settling : .measuring, of: id)
        scenario.lab.bench.send(Array("stop\r".utf8), to: "pump_oa_cs", connection: 1, at: scenario.lab.now)
        let start = scenario.now
        scenario.run(20)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "flow_lost", "\(scenario.describe(id))")
        #expect(scenario.lab.archive.experiments[id]?.error?.device == "oa_cs")
        scenario.expectNoFlow(since: start)
        scenario.expectInvariants()
    }

    /// A line that lies for a while: the experiment is done rightly or fails cleanly, and what flows keeps the rules.
    @Test(arguments: ["corrupt", "duplicate", "garbage", "truncate", "delay"], ["cui", "pfo", "heater", "spec_pl"])
    func aBadLineDoesNoHarm(fault: String, device: String) throws {
        for seed in [91, 92] as [UInt64] {
            var scenario = try Scenario(seed: seed)
            let id = try scenario.experiment(in: seed == 91 ? .settling : .heating)
            try scenario.fault(device, fault, for: 15)
            let record = try scenario.finish(id)
            #expect([.done, .failed].contains(record.state), "\(seed) \(scenario.describe(id))")
            scenario.expectRules(id)
            if record.state == .done { scenario.expectTruePeak(record) }
            let end = scenario.now
            scenario.run(40)
            // A link that was given up is tried again after 15 s at the latest.
            scenario.expectNoFlow(since: end, within: 20)
            scenario.expectInvariants()
        }
    }
}

extension Scenario {
    /// uL; the finite volume that the daemon gives this pump for this experiment.
    func plannedVolume(of record: ExperimentRecord, pump: String) -> Double? {
        let empty = PlanningState(plate: nil)
        return Planner(definition).plan(record.recipe, from: empty).execution?.volumes[pump]?.microliters
    }
}
