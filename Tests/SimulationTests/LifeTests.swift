import Experiments
import Interlocks
import Simulation
import Testing
import VirtualBench

/// The daemon dies, or is asked to end, at any time.
@Suite struct LifeTests {
    @Test(arguments: Stage.running, [101, 102, 103] as [UInt64])
    func aKilledDaemonLeavesAHeldBench(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        let waiting = try scenario.submit()
        scenario.lab.kill(losingUncommitted: seed % 2 == 0)
        scenario.run(10)
        #expect(!scenario.lab.isDaemonRunning)
        let alone = try #require(scenario.lab.truth.last)
        #expect(alone.heaterMode == .automatic)
        if stage == .settling || stage == .measuring { #expect(!alone.motorsStand) }
        scenario.lab.restart()
        let start = scenario.now
        scenario.run(30)
        // The devices are asked who they are first.
        scenario.expectSafe(since: start, within: 2 + Scenario.tripTime)
        let interrupted = try #require(scenario.lab.archive.experiments[id])
        #expect(interrupted.error?.kind == "interrupted", "\(scenario.describe(id))")
        #expect(interrupted.data == .none && interrupted.partialFeatures == nil && interrupted.measured == nil)
        #expect(scenario.state(of: waiting) == .queued)
        #expect(scenario.shownLatches() == [InterlockEngine.uncleanEnd])
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd)))
        try scenario.expectStarts(waiting)
        #expect(try scenario.submit() == "e-000004")
        scenario.expectInvariants(unfinished: 2)
    }

    /// A daemon that dies before anything ran has left nothing unclean.
    @Test(arguments: [104, 105, 106] as [UInt64])
    func queuedExperimentsSurviveAKill(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        let id = try scenario.submit()
        #expect(scenario.state(of: id) == .queued)
        scenario.lab.restart()
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        #expect(scenario.shownLatches() == [])
        let again = Submission(recipe: record.recipe, key: record.key, metadata: nil, campaign: nil)
        scenario.lab.restart()
        guard case .submitted(id, .done, 0)? = scenario.ask(.submit(again)) else {
            Issue.record("the key was forgotten")
            return
        }
        #expect(scenario.shownLatches() == [])
        scenario.expectInvariants()
    }

    /// What was committed is there, whatever happens later; a latch is, too.
    @Test(arguments: [107, 108, 109] as [UInt64])
    func resultsAndLatchesSurviveKills(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let done = try #require(scenario.lab.archive.experiments["e-000001"])
        #expect(done.state == .done)
        let spectra = scenario.lab.archive.spectra
        #expect(spectra.map(\.kind).sorted() == ["absorbance", "dark", "droplet", "droplet", "reference"])
        let running = try scenario.experiment(in: .heating)
        _ = scenario.ask(.triggerSafeState(reason: "a drill"), as: Scenario.observer)
        for _ in 0..<3 {
            scenario.lab.restart()
            scenario.run(scenario.generator.uniform(0, 3))
        }
        #expect(scenario.shownLatches() == [InterlockEngine.manualTrigger])
        #expect(scenario.lab.archive.experiments[done.experiment] == done)
        #expect(scenario.lab.archive.spectra == spectra)
        #expect(scenario.lab.archive.experiments[running]?.error?.kind == "trip")
        scenario.run(20)
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.manualTrigger)))
        scenario.expectInvariants()
    }

    /// Kills in a row while the first one's harm is not yet undone: the bench is safe in the end, and still held.
    @Test(arguments: [111, 112, 113] as [UInt64])
    func killsInARowEndSafe(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        for _ in 0..<5 {
            scenario.lab.kill(losingUncommitted: scenario.generator.uniform() < 0.5)
            scenario.lab.restart()
            scenario.run(scenario.generator.uniform(0, 0.05))
        }
        scenario.lab.restart()
        let start = scenario.now
        scenario.run(30)
        scenario.expectSafe(since: start, within: 2 + Scenario.tripTime)
        #expect(scenario.state(of: id) == .interrupted)
        #expect(scenario.shownLatches() == [InterlockEngine.uncleanEnd])
        #expect(scenario.lab.watch.violations == [])
    }

    @Test(arguments: Stage.allCases, [114, 115] as [UInt64])
    func anOrderlyEndIsSafeAndLeavesNoLatch(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        let waiting = try scenario.submit()
        scenario.lab.shutDown()
        let start = scenario.now
        scenario.run(Scenario.tripTime + 1)
        #expect(scenario.lab.isShutDown)
        scenario.run(20)
        scenario.expectSafe(since: start)
        #expect(scenario.state(of: id) == (stage == .queued ? .queued : .interrupted), "\(scenario.describe(id))")
        scenario.lab.restart()
        try scenario.expectStarts(stage == .queued ? id : waiting)
        #expect(scenario.shownLatches() == [])
        scenario.expectInvariants(unfinished: stage == .queued ? 2 : 1)
    }
}
