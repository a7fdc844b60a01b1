import Experiments
import Interlocks
import Quantities
import Simulation
import Testing
import VirtualBench

/// The order in which experiments run, and what their submitters may do to those that wait.
@Suite struct PriorityTests {
    @Test func theMoreUrgentGoesFirstAndEqualsKeepTheirOrder() throws {
        var scenario = try Scenario(seed: 401)
        _ = try scenario.experiment(in: .heating)
        var positions: [Int] = []
        for priority in [0, 5, 5, -1, 100, 0, -100] {
            let reply = scenario.offer(scenario.recipe(), priority: priority)
            guard case .submitted(_, .queued, let position)? = reply else { continue }
            positions.append(position)
        }
        #expect(positions == [1, 1, 2, 4, 1, 5, 7])
        let order = ["e-000007", "e-000004", "e-000005", "e-000003", "e-000008", "e-000006", "e-000009"]
        #expect(scenario.lab.snapshot()?.queued == order)
        // The queue is taken over in the same order; what ran is not in it.
        scenario.lab.restart()
        scenario.run(20)
        #expect(scenario.lab.snapshot()?.queued == order)
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd)))
        try scenario.expectStarts("e-000007")
        scenario.expectInvariants(unfinished: 7)
    }

    @Test(arguments: Stage.allCases, [402, 403] as [UInt64])
    func onlyWhatWaitsCanBeHeld(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage, as: Scenario.optimizer)
        let held = scenario.ask(.hold(experiment: id, reason: "wait for the new batch"), as: Scenario.optimizer)
        guard stage == .queued else {
            #expect(Scenario.refusal(held) == "not_waiting")
            let reply = scenario.ask(.release(experiment: id), as: Scenario.optimizer)
            #expect(Scenario.refusal(reply) == "not_waiting")
            return
        }
        #expect(Scenario.state(held) == .held && scenario.state(of: id) == .held)
        let again = scenario.ask(.hold(experiment: id, reason: ""), as: Scenario.optimizer)
        #expect(Scenario.state(again) == .held)
        for request in [
            ControlRequest.hold(experiment: id, reason: ""), .release(experiment: id), .cancel(experiment: id),
        ] {
            #expect(Scenario.refusal(scenario.ask(request, as: Scenario.otherOptimizer)) == "forbidden")
        }
        #expect(Scenario.refusal(try scenario.abandon(id, as: Scenario.otherOptimizer)) == "forbidden")
        // It is passed over, also by a daemon that starts anew.
        let behind = try scenario.submit()
        try scenario.finish("e-000002")
        try scenario.reach(.heating, of: behind)
        if seed % 2 == 0 { scenario.lab.shutDown() }
        scenario.run(10)
        scenario.lab.restart()
        scenario.run(20)
        #expect(scenario.state(of: id) == .held)
        #expect(scenario.lab.snapshot()?.heldBecause == nil)
        if !scenario.latched.isEmpty { #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd))) }
        let end = scenario.now
        scenario.run(20)
        scenario.expectNoFlow(since: end)
        #expect(Scenario.state(scenario.ask(.release(experiment: id), as: Scenario.technician)) == .queued)
        #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
        #expect(Scenario.refusal(scenario.ask(.hold(experiment: id, reason: ""))) == "not_waiting")
        scenario.expectInvariants()
        scenario.expectSequences()
    }

    /// A held one can be cancelled and abandoned as it is.
    @Test func aHeldOneCanBeWithdrawn() throws {
        var scenario = try Scenario(seed: 404)
        _ = try scenario.experiment(in: .heating)
        let ids = [try scenario.submit(), try scenario.submit()]
        for id in ids { _ = scenario.ask(.hold(experiment: id, reason: "")) }
        #expect(Scenario.state(scenario.ask(.cancel(experiment: ids[0]))) == .cancelled)
        #expect(Scenario.state(try scenario.abandon(ids[1])) == .abandoned)
        #expect(scenario.lab.snapshot()?.queued == [])
        scenario.expectInvariants(unfinished: 1)
        scenario.expectSequences()
    }

    // MARK: Abandoning

    @Test(arguments: Stage.allCases, [405, 406] as [UInt64])
    func whatRunsIsNotAbandoned(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage, as: Scenario.optimizer)
        #expect(Scenario.refusal(try scenario.abandon(id, as: Scenario.otherOptimizer)) == "forbidden")
        let reply = try scenario.abandon(id, as: seed % 2 == 0 ? Scenario.technician : Scenario.optimizer)
        if stage == .queued {
            #expect(Scenario.state(reply) == .abandoned)
        } else {
            #expect(Scenario.refusal(reply) == "running" && scenario.state(of: id) == stage.state)
            _ = scenario.ask(.cancel(experiment: id))
            #expect(Scenario.state(try scenario.abandon(id)) == .abandoned)
        }
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == .abandoned && record.error == nil)
        #expect(record.transitions.last?.cause.contains("a bad batch") ?? false)
        scenario.expectSequences()
        scenario.expectInvariants(unfinished: stage == .queued ? 1 : 0)
    }

    @Test func aDoneOneThatIsAbandonedIsNews() throws {
        var scenario = try Scenario(seed: 407)
        let second = try scenario.finish(try scenario.submit(as: Scenario.optimizer))
        #expect(second.sequence == 2 && second.state == .done)
        #expect(Scenario.state(try scenario.abandon(second.experiment, as: Scenario.optimizer)) == .abandoned)
        let record = try #require(scenario.lab.archive.experiments[second.experiment])
        #expect(record.state == .abandoned && record.sequence == 3)
        // What was measured is kept for people.
        #expect(record.features == second.features && record.certificate == second.certificate)
        // Once is enough: the second time nothing happens.
        #expect(Scenario.state(try scenario.abandon(second.experiment)) == .abandoned)
        #expect(scenario.lab.archive.experiments[second.experiment] == record)
        let third = try scenario.finish(try scenario.submit())
        #expect(third.sequence == 4)
        let key = try #require(record.key)
        let again = scenario.offer(record.recipe, key: key, as: Scenario.optimizer)
        #expect(Scenario.experiment(again) == second.experiment && Scenario.state(again) == .abandoned)
        scenario.expectSequences()
        scenario.expectInvariants()
    }

    /// Two ask at once, both with the record as it was before.
    @Test func twoWhoAbandonAtOnceEndItOnce() throws {
        var scenario = try Scenario(seed: 408)
        let record = try #require(scenario.lab.archive.experiments["e-000001"])
        for caller in [Scenario.technician, Scenario.technician] {
            scenario.lab.request(.abandon(record, reason: "twice"), as: caller)
        }
        scenario.run(1)
        let after = try #require(scenario.lab.archive.experiments["e-000001"])
        #expect(after.sequence == 2 && after.transitions.count { $0.state == .abandoned } == 1)
        scenario.expectSequences()
    }

    // MARK: Sequences

    /// Ends of all kinds, with kills between them.
    @Test(arguments: [411, 412, 413] as [UInt64])
    func endsAreNumberedWithoutHolesAcrossKills(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        for round in 0..<6 {
            let id = try scenario.submit()
            switch scenario.generator.next() % 4 {
            case 0: _ = scenario.ask(.cancel(experiment: id))
            case 1: _ = try scenario.abandon("e-000001")
            case 2: _ = scenario.ask(.triggerSafeState(reason: "a drill"))
            default: scenario.run(scenario.generator.uniform(0, 40))
            }
            if round % 2 == 0 {
                scenario.lab.kill(losingUncommitted: scenario.generator.uniform() < 0.5)
                scenario.lab.restart()
            }
            scenario.run(20)
            for interlock in scenario.latched { _ = scenario.reset(interlock) }
            scenario.expectSequences()
        }
        #expect(scenario.lab.watch.violations == [])
    }
}
