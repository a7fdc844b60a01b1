import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// What a plan says that an experiment takes, against what it took.
@Suite struct CostTests {
    /// From the present state of the bench: with the plate near or far, with references due or not.
    @Test(arguments: [140, 143, 130] as [Double], [541, 542] as [UInt64])
    func thePredictionHoldsOnAWarmBench(celsius: Double, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.run(30)
        try expectPredicted(scenario.recipe(celsius: celsius), &scenario)
    }

    @Test(arguments: [25, 139] as [Double], [543] as [UInt64])
    func thePredictionHoldsOnANewBench(plate: Double, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: plate)
        scenario.run(10)
        try expectPredicted(scenario.recipe(), &scenario)
    }

    @Test func thePredictionHoldsForReferences() throws {
        var scenario = try Scenario(seed: 544)
        scenario.run(30)
        try expectPredicted(.references, &scenario)
    }

    @Test(arguments: [545, 546, 547] as [UInt64])
    func thePredictionHoldsForPointsOfTheBox(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.run(30)
        let inputs = ["cui", "cs_oleate", "oa_cs", "oa_cui", "oam_cui", "reaction_time"]
        var point = ["temperature": 0.67]
        for input in inputs { point[input] = scenario.generator.uniform() }
        try expectPredicted(.box(BoxRecipe(x: point)), &scenario)
    }

    private func expectPredicted(_ recipe: Recipe, _ scenario: inout Scenario) throws {
        let plan = try scenario.plan(recipe)
        let before = PumpName.allCases.map { scenario.used($0) }
        let start = scenario.now
        let id = try scenario.submit(recipe)
        #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
        let took = (scenario.time(of: .done, id) ?? 0) - start
        let duration = try #require(plan.durationS)
        print("\(id): predicted \(duration) s, took \(took) s")
        // How long the controller needs to settle depends on where its integral stands, which nobody sees.
        #expect((0.4...2.5).contains(duration / took), "predicted \(duration) s, took \(took) s")
        scenario.run(20)
        var waste = 0.0
        for (index, pump) in PumpName.allCases.enumerated() {
            let used = scenario.used(pump) - before[index]
            waste += used
            let predicted = plan.reagentsUL[pump.rawValue] ?? 0
            // The screw's ripple is a microlitre.
            #expect(predicted >= used - 1, "\(pump): predicted \(predicted), used \(used)")
            #expect(predicted <= used * 1.1 + 1, "\(pump): predicted \(predicted), used \(used)")
        }
        let predicted = try #require(plan.wasteUL)
        print("\(id): predicted \(predicted) uL of waste, were \(waste)")
        #expect(predicted >= waste - 1 && predicted <= waste * 1.1 + 1)
        scenario.expectInvariants()
    }
}
