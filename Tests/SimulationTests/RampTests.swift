import Experiments
import Simulation
import Testing
import VirtualBench

/// A set point that moves slowly, judged by what the controller held and the plate did.
@Suite struct RampTests {
    private static func slowly(_ recipe: Recipe, _ rate: Double) -> Recipe {
        guard case .flows(var flows) = recipe else { return recipe }
        flows.rampKMin = rate
        return .flows(flows)
    }

    /// The moves of the set point between two moments: time and height.
    private static func moves(_ scenario: Scenario, from start: Double, to end: Double) -> [(at: Double, to: Double)] {
        var moves: [(at: Double, to: Double)] = []
        for record in scenario.truth(from: start, to: end) where record.setPointCelsius != moves.last?.to {
            moves.append((record.seconds, record.setPointCelsius))
        }
        return moves
    }

    /// How much faster than that rate the plate itself got anywhere, in K: the largest change towards the goal between any
    /// two moments, beyond what the rate allows for the time between them.
    private static func haste(
        _ scenario: Scenario, from start: Double, to end: Double, towards sign: Double, rate: Double
    ) -> Double {
        var (least, most) = (Double.infinity, 0.0)
        for record in scenario.truth(from: start, to: end) {
            let ahead = sign * record.plateCelsius - rate * record.seconds / 60
            least = min(least, ahead)
            most = max(most, ahead - least)
        }
        return most
    }

    @Test(
        arguments: [(561, 140.0, 155.0, 3.0), (562, 140, 146, 0.5), (563, 140, 128, 2)]
            as [(UInt64, Double, Double, Double)])
    func theSetPointFollowsItsLine(seed: UInt64, from cold: Double, to goal: Double, rate: Double) throws {
        var scenario = try Scenario(seed: seed)
        let recipe = Self.slowly(scenario.recipe(celsius: goal), rate)
        guard case .plan(let plan)? = scenario.ask(.plan(recipe)) else { throw Unexpected(what: "no plan") }
        let way = (goal - cold).magnitude / rate * 60
        #expect((plan.cost?.heatingS ?? 0) > way - 5)
        let id = try scenario.submit(recipe)
        try scenario.reach(.heating, of: id, within: 30)
        let start = scenario.now
        try scenario.reach(.flowing, of: id, within: way + 1500)
        let moves = Self.moves(scenario, from: start, to: scenario.now)
        // It begins where the plate is, ends at the goal, never runs ahead of its line, and takes half of the hour's writes.
        #expect(moves.last?.to == goal)
        let steps = moves.filter { $0.to != moves.first?.to }
        #expect(steps.count >= 5 && steps.count <= 30, "\(steps.count) steps")
        for move in steps {
            let line = (move.at - start) * rate / 60 + 0.5
            #expect((move.to - cold).magnitude <= line, "\(move) after \(move.at - start) s")
        }
        #expect((steps.last?.at ?? 0) - start >= way - 15 / rate * 60 / 30)
        // The plate follows with one step and a little overshoot to make up for.
        let step = zip(moves, moves.dropFirst()).map { ($1.to - $0.to).magnitude }.max() ?? 0
        let haste = Self.haste(scenario, from: start, to: scenario.now, towards: goal < cold ? -1 : 1, rate: rate)
        print("ramp to \(goal) degC at \(rate) K/min: \(steps.count) steps of \(step) K, plate ahead by \(haste) K")
        #expect(haste < step + 1, "the plate was \(haste) K ahead")
        #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
        #expect(scenario.lab.archive.experiments[id]?.executed == plan.executed)
        scenario.expectTrueFeatures(id)
        scenario.expectInvariants()
    }

    /// What the ramps are judged by does see a plate that is heated at once.
    @Test func aHoldIsFasterThanThat() throws {
        var scenario = try Scenario(seed: 568)
        let id = try scenario.submit(scenario.recipe(celsius: 155))
        try scenario.reach(.heating, of: id, within: 30)
        let start = scenario.now
        try scenario.reach(.flowing, of: id, within: 1500)
        #expect(Self.haste(scenario, from: start, to: scenario.now, towards: 1, rate: 3) > 5)
    }

    @Test func aTripEndsIt() throws {
        var scenario = try Scenario(seed: 564)
        let id = try scenario.submit(Self.slowly(scenario.recipe(celsius: 155), 2))
        try scenario.reach(.heating, of: id, within: 30)
        let began = scenario.now
        scenario.run(120)
        let start = scenario.now
        // In the middle of it: steps were made, most are to come, and it heats.
        let made = Self.moves(scenario, from: began, to: start)
        #expect(made.count > 3 && (made.last?.to ?? 155) < 147)
        #expect(scenario.lab.truth.last?.heaterMode == .automatic)
        _ = scenario.ask(.triggerSafeState(reason: "a drill"), as: Scenario.observer)
        scenario.run(600)
        scenario.expectSafe(since: start)
        #expect(Self.moves(scenario, from: start + Scenario.tripTime, to: scenario.now).count == 1)
        #expect(scenario.state(of: id) == .failed)
        scenario.expectInvariants()
    }

    /// As a hold does, it goes on when its experiment is withdrawn, until another one says otherwise or nobody wants
    /// anything for long enough.
    @Test func anIdleBenchEndsIt() throws {
        var scenario = try Scenario(seed: 567)
        let id = try scenario.submit(Self.slowly(scenario.recipe(celsius: 155), 0.5))
        try scenario.reach(.heating, of: id, within: 30)
        _ = scenario.ask(.cancel(experiment: id))
        scenario.run(620)
        let start = scenario.now
        scenario.run(900)
        #expect(!scenario.truth(from: start).contains { !$0.heaterIsOff })
        #expect(Self.moves(scenario, from: start, to: scenario.now).count == 1)
        let next = try scenario.submit()
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        scenario.expectInvariants()
    }

    @Test func whatTheHeaterCannotDoIsSaidWhenPlanned() throws {
        var scenario = try Scenario(
            seed: 565, plate: 100,
            changes: ["driver = \"watlow-f4t\"": "driver = \"watlow-f4t\"\nset_point_writes_per_hour = 6"])
        func problems(_ rate: Double) -> [PlanProblem] {
            guard case .plan(let plan)? = scenario.ask(.plan(Self.slowly(scenario.recipe(celsius: 150), rate))) else {
                return []
            }
            return plan.problems
        }
        let fast = problems(50)
        #expect(fast.map(\.kind) == ["above_limit"] && fast.first?.name == "ramp_k_min" && fast.first?.limit == 10)
        let slow = problems(0.01)
        #expect(slow.map(\.kind) == ["below_limit"] && slow.first?.limit == 0.05)
        // 3 writes an hour: two steps of 5 K at most.
        let many = problems(5)
        #expect(many.map(\.kind) == ["too_many_writes"])
        #expect(try #require(many.first?.limit) <= 10.0 / 60)
        #expect(problems(many.first?.limit ?? 0) == [])
    }

    @Test func aBenchMayHaveNoRamps() throws {
        var scenario = try Scenario(
            seed: 566, plate: 100, changes: ["driver = \"watlow-f4t\"": "driver = \"watlow-f4t\"\nramp_max_k_min = 0"])
        guard case .plan(let plan)? = scenario.ask(.plan(Self.slowly(scenario.recipe(), 2))),
            case .recipeForms(let forms)? = scenario.ask(.recipeForms)
        else { throw Unexpected(what: "no answer") }
        #expect(plan.problems.map(\.kind) == ["no_ramp"])
        #expect(forms.kinds["flows"]?.parameters.contains { $0.name == "ramp_k_min" } == false)
    }
}
