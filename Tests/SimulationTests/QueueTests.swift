import Experiments
import Testing
import VirtualBench

/// What clients may do to experiments.
@Suite struct QueueTests {
    @Test(arguments: Stage.allCases, [121, 122] as [UInt64])
    func cancelWorksInEveryState(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage, as: Scenario.optimizer)
        let start = scenario.now
        let stranger = scenario.lab.request(.cancel(experiment: id), as: Scenario.otherOptimizer)
        let owner = seed % 2 == 0 ? Scenario.optimizer : Scenario.technician
        let cancel = scenario.lab.request(.cancel(experiment: id), as: owner)
        scenario.run(0.05)
        #expect(Scenario.refusal(scenario.lab.replies[stranger]) == "forbidden")
        guard case .experiment(id, state: .cancelled)? = scenario.lab.replies[cancel] else {
            Issue.record("not cancelled: \(scenario.describe(id))")
            return
        }
        scenario.run(20)
        if stage != .queued { scenario.expectNoFlow(since: start) }
        #expect(Scenario.refusal(scenario.ask(.cancel(experiment: id))) == "not_cancellable")
        let next = stage == .queued ? "e-000002" : try scenario.submit()
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        #expect(scenario.latched.isEmpty)
        scenario.expectInvariants()
    }

    /// However many of other clients' are under way: who was answered finds what he asked for.
    @Test func whatWasAnsweredIsShown() throws {
        var scenario = try Scenario(seed: 123)
        var looked = 0
        var asked: [RequestToken] = []
        for index in 0..<60 {
            let submission = Submission(recipe: scenario.recipe(), key: "k-\(index)", metadata: nil, campaign: nil)
            asked.append(scenario.lab.request(.submit(submission), as: Scenario.technician))
            scenario.run(0.0007)
            let snapshot = scenario.lab.snapshot()
            let shown = try #require(snapshot)
            for case .submitted(let id, _, _) in asked.compactMap({ scenario.lab.replies[$0] }) {
                looked += 1
                #expect(shown.queued.contains(id) || shown.running?.experiment == id, "\(id) is nowhere")
            }
        }
        #expect(looked > 60)
        scenario.run(1)
        scenario.expectInvariants(unfinished: 60)
    }

    @Test func keysAreUsedOnce() throws {
        var scenario = try Scenario(seed: 131)
        let (recipe, other) = (scenario.recipe(), scenario.recipe())
        func submit(_ recipe: Recipe, _ caller: Caller = Scenario.optimizer) -> ControlReply? {
            scenario.ask(.submit(Submission(recipe: recipe, key: "k", metadata: nil, campaign: nil)), as: caller)
        }
        let bad = Recipe.flows(FlowsRecipe(temperatureC: 500, flowsULMin: ["cui": 80]))
        #expect(Scenario.refusal(submit(bad)) == "infeasible")
        guard case .submitted("e-000002", .queued, 1)? = submit(recipe) else {
            Issue.record("a refused submit used up its key")
            return
        }
        guard case .submitted("e-000002", _, _)? = submit(recipe) else {
            Issue.record("the same key with the same recipe gave something else")
            return
        }
        #expect(Scenario.refusal(submit(other)) == "key_conflict")
        guard case .submitted("e-000003", .queued, _)? = submit(other, Scenario.otherOptimizer) else {
            Issue.record("keys of two users met")
            return
        }
        try scenario.finish("e-000003")
        guard case .submitted("e-000002", .done, 0)? = submit(recipe) else {
            Issue.record("the key was forgotten when its experiment was done")
            return
        }
        scenario.expectInvariants()
    }

    @Test(arguments: [0, 0.25, 1])
    func anInputStandsForWhatThePlanMakesOfIt(_ x: Double) throws {
        var scenario = try Scenario(seed: 133)
        guard case .recipeForms(let forms)? = scenario.ask(.recipeForms), let box = forms.kinds["box"] else {
            Issue.record("no box")
            return
        }
        let inputs = box.parameters.filter { $0.name.hasPrefix("x.") }
        let point = inputs.map { (String($0.name.dropFirst("x.".count)), x) }
        let recipe = Recipe.box(BoxRecipe(x: Dictionary(uniqueKeysWithValues: point)))
        guard case .plan(let plan)? = scenario.ask(.plan(recipe)), plan.feasible else {
            Issue.record("no plan")
            return
        }
        let stream = plan.flowsULMin.values.reduce(0, +) / 4
        for quantity in inputs.compactMap(\.standsFor) {
            let stated = quantity.minimum + x * (quantity.maximum - quantity.minimum)
            let pump = String(quantity.name.dropFirst("share_".count))
            let planned =
                switch quantity.name {
                case "temperature_c": plan.temperatureC
                case "reaction_time_s": plan.reactionTimeS
                default: plan.flowsULMin[pump].map { $0 / stream }
                }
            let difference = (try #require(planned, "\(quantity.name)") - stated).magnitude
            #expect(difference < 1e-3 * max(1, stated), "\(quantity.name)")
        }
        #expect(inputs.count == 7 && inputs.allSatisfy { $0.standsFor != nil })
    }

    @Test func everythingInfeasibleIsSaidAtOnce() throws {
        var scenario = try Scenario(seed: 132)
        let flows = ["cui": -1.0, "oa_cui": 20, "ode_cui": 50, "cs_oleate": 100, "nobody": 5]
        let recipe = Recipe.flows(FlowsRecipe(temperatureC: 500, flowsULMin: flows))
        guard case .plan(let report)? = scenario.ask(.plan(recipe)) else {
            Issue.record("no plan")
            return
        }
        #expect(!report.feasible && report.executed == nil)
        let found = Dictionary(grouping: report.problems, by: \.name).mapValues { $0.map(\.kind) }
        #expect(found["temperature_c"] == ["above_limit"])
        #expect(found["flows_ul_min.nobody"] == ["unknown_pump"])
        #expect(found["flows_ul_min.cui"] == ["below_limit"])
        #expect(found["flows_ul_min.ode_cs"] != nil, "\(found)")
        #expect(report.problems.allSatisfy { !$0.hint.isEmpty })
        guard
            case .refused(let error)? = scenario.ask(
                .submit(.init(recipe: recipe, key: nil, metadata: nil, campaign: nil)))
        else {
            Issue.record("it was taken")
            return
        }
        #expect(
            error.kind == "infeasible" && error.problems.map(\.name).sorted() == report.problems.map(\.name).sorted())
        scenario.expectInvariants()
    }
}
