import Experiments
import Interlocks
import Quantities
import Simulation
import Testing
import VirtualBench
import Wire

/// Campaigns, keys, results from elsewhere; and what becomes of an experiment whose daemon dies.
@Suite struct SubmissionTests {
    @Test func campaignsAreMadeOnceAndKept() throws {
        var scenario = try Scenario(seed: 421)
        func create(_ name: String, _ key: String?, _ caller: Caller = Scenario.optimizer) -> ControlReply? {
            scenario.ask(
                .createCampaign(name: name, key: key, metadata: .object(["goal": .string("blue")])), as: caller)
        }
        func campaign(_ reply: ControlReply?) -> String? {
            if case .campaign(let id)? = reply { id } else { nil }
        }
        #expect(campaign(create("first", "k")) == "c-000001")
        #expect(campaign(create("first", "k")) == "c-000001")
        #expect(Scenario.refusal(create("other", "k")) == "key_conflict")
        #expect(campaign(create("first", "k", Scenario.otherOptimizer)) == "c-000002")
        #expect(campaign(create("first", nil)) == "c-000003")
        #expect(campaign(create("first", nil)) == "c-000004")
        scenario.lab.restart()
        #expect(campaign(create("first", "k")) == "c-000001")
        #expect(campaign(create("fifth", "k5")) == "c-000005")
        let kept = try #require(scenario.lab.archive.campaigns["c-000001"])
        #expect(kept.name == "first" && kept.createdBy == 2000 && kept.metadata == .object(["goal": .string("blue")]))
        let recipe = scenario.recipe()
        #expect(Scenario.refusal(scenario.offer(recipe, campaign: "c-000006")) == "unknown_campaign")
        let id = try #require(Scenario.experiment(scenario.offer(recipe, campaign: "c-000005")))
        #expect(scenario.lab.archive.experiments[id]?.campaign == "c-000005")
        let told = scenario.lab.events.last { $0.topic == "experiments" && $0.data["experiment"]?.text == id }
        #expect(told?.data["campaign"]?.text == "c-000005")
        scenario.expectInvariants(unfinished: 1)
    }

    /// Three users use one key for themselves; one user who asks three times at once gets one experiment.
    @Test func keysUnderRace() throws {
        var scenario = try Scenario(seed: 422)
        let recipe = scenario.recipe()
        let submission = Submission(recipe: recipe, key: "k", metadata: nil, campaign: nil)
        let callers = [Scenario.technician, Scenario.optimizer, Scenario.otherOptimizer]
        let tokens = callers.flatMap { caller in
            (0..<3).map { _ in scenario.lab.request(.submit(submission), as: caller) }
        }
        scenario.run(0.5)
        let ids = tokens.map { Scenario.experiment(scenario.lab.replies[$0]) }
        #expect(ids == [2, 2, 2, 3, 3, 3, 4, 4, 4].map { "e-00000\($0)" })
        #expect(scenario.lab.archive.experiments.count == 4)
        // A reply that was lost with the daemon is given again by the next one.
        scenario.lab.request(.submit(Submission(recipe: recipe, key: "lost", metadata: nil, campaign: nil)))
        scenario.lab.kill(losingUncommitted: false)
        scenario.lab.restart()
        scenario.run(1)
        let again = scenario.offer(recipe, key: "lost")
        #expect(Scenario.experiment(again) == "e-000005")
        #expect(scenario.lab.watch.violations == [])
    }

    // MARK: Results from elsewhere

    @Test func aPriorResultIsKeptAsItWasGiven() throws {
        var scenario = try Scenario(seed: 423)
        let features = ["pl_peak": FeatureValue(mean: 31_000, sem: 120, n: 40, unit: "counts")]
        func attach(
            _ recipe: Recipe, key: String?, campaign: String? = nil, as caller: Caller = Scenario.optimizer
        ) -> ControlReply? {
            let submission = Submission(recipe: recipe, key: key, metadata: nil, campaign: campaign)
            return scenario.ask(
                .attach(Attachment(submission: submission, features: features, source: "bench 2, notebook 14")),
                as: caller)
        }
        let recipe = scenario.recipe()
        #expect(Scenario.refusal(attach(recipe, key: nil, campaign: "c-000009")) == "unknown_campaign")
        let first = attach(recipe, key: nil)
        #expect(Scenario.state(first) == .attached && Scenario.experiment(first) == "e-000002")
        #expect(Scenario.experiment(attach(recipe, key: nil)) == "e-000003")
        #expect(Scenario.experiment(attach(recipe, key: "k")) == "e-000004")
        #expect(Scenario.experiment(attach(recipe, key: "k")) == "e-000004")
        #expect(Scenario.refusal(attach(scenario.recipe(), key: "k")) == "key_conflict")
        #expect(Scenario.experiment(attach(recipe, key: "k", as: Scenario.otherOptimizer)) == "e-000005")
        // It ran elsewhere: what this bench could do does not matter.
        let hot = Recipe.flows(FlowsRecipe(temperatureC: 300, flowsULMin: ["nobody": 80]))
        #expect(Scenario.experiment(attach(hot, key: "hot")) == "e-000006")
        scenario.lab.restart()
        scenario.run(2)
        #expect(Scenario.experiment(attach(recipe, key: "k")) == "e-000004")
        let record = try #require(scenario.lab.archive.experiments["e-000004"])
        #expect(record.features == features && record.certificate == nil && record.sequence == 4)
        #expect(record.origin == .external && record.source == "bench 2, notebook 14" && record.data == .complete)
        #expect(record.transitions.map(\.state) == [.attached])
        #expect(scenario.truth(from: scenario.now - 1).allSatisfy { $0.motorsStand })
        #expect(scenario.lab.snapshot()?.queued == [])
        // It can be withdrawn like any other.
        #expect(Scenario.state(try scenario.abandon("e-000004", as: Scenario.optimizer)) == .abandoned)
        scenario.expectSequences()
        scenario.expectInvariants()
    }

    // MARK: Interruptions

    static let requeue = ["interrupted = \"fail\" ": "interrupted = \"requeue\" "]

    @Test(arguments: Stage.running, [431, 432] as [UInt64])
    func anInterruptedOneWaitsAgainThreeTimesAtMost(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.lab.restart(with: try Scenario.bench(Self.requeue))
        scenario.run(5)
        let id = try scenario.submit()
        let other = try scenario.submit()
        // Put off and taken up again: that is no run.
        for _ in 0..<3 {
            _ = scenario.ask(.hold(experiment: other, reason: ""))
            _ = scenario.ask(.release(experiment: other))
        }
        for run in 1...3 {
            try scenario.reach(stage.state, of: id)
            scenario.run(stage.delay(&scenario.generator))
            scenario.lab.kill(losingUncommitted: seed % 2 == 0)
            scenario.lab.restart()
            let start = scenario.now
            scenario.run(30)
            scenario.expectSafe(since: start, within: 2 + Scenario.tripTime)
            // Held until somebody has looked.
            #expect(scenario.shownLatches() == [InterlockEngine.uncleanEnd])
            #expect(scenario.state(of: id) == (run < 3 ? .queued : .interrupted), "\(run): \(scenario.describe(id))")
            #expect(scenario.lab.snapshot()?.queued == (run < 3 ? [id, other] : [other]))
            #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd)))
        }
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "interrupted")
        try scenario.reach(.heating, of: other)
        scenario.lab.restart()
        scenario.run(30)
        #expect(scenario.state(of: other) == .queued, "\(scenario.describe(other))")
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd)))
        #expect(try scenario.finish(other).state == .done, "\(scenario.describe(other))")
        scenario.expectTrueFeatures(other)
        scenario.expectInvariants()
        scenario.expectSequences()
    }

    // MARK: What was seen before the end

    @Test(arguments: ["fail", "cancel", "shutdown"], [441, 442] as [UInt64])
    func whatWasSeenBeforeABadEndIsKept(end: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.submit()
        try scenario.reach(.measuring, of: id)
        // Probes have been taken when it begins to measure.
        scenario.run(1)
        try Self.end(id, by: end, &scenario)
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == Self.state(after: end), "\(scenario.describe(id))")
        #expect(record.data == .partial && record.features == nil)
        let partial = try #require(record.partialFeatures)
        #expect(partial["pl_peak"] != nil && partial["abs_300"] != nil)
        let measured = try #require(record.measured)
        #expect((measured.temperatureC - 140).magnitude < 1 && measured.volumesUL["pfo"] ?? 0 > 100)
        #expect(record.certificate?.verdict == "steady")
        scenario.expectInvariants()
    }

    @Test(arguments: ["fail", "cancel", "shutdown"])
    func nothingIsKeptOfNothing(end: String) throws {
        var scenario = try Scenario(seed: 443)
        let id = try scenario.experiment(in: .heating)
        try Self.end(id, by: end, &scenario)
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == Self.state(after: end), "\(scenario.describe(id))")
        #expect(record.data == .none && record.features == nil && record.partialFeatures == nil)
        #expect(record.measured == nil && record.certificate == nil)
        scenario.expectInvariants()
    }

    private static func end(_ id: String, by end: String, _ scenario: inout Scenario) throws {
        switch end {
        case "fail": try scenario.fault("spec_pl", "unplug", for: 5)
        case "cancel": _ = scenario.ask(.cancel(experiment: id))
        default: scenario.lab.shutDown()
        }
        scenario.run(10)
    }

    private static func state(after end: String) -> ExperimentState {
        switch end {
        case "fail": .failed
        case "cancel": .cancelled
        default: .interrupted
        }
    }
}
