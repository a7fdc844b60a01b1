import DeviceModel
import Experiments
import Interlocks
import Quantities
import Simulation
import Testing
import VirtualBench

/// What the ledger books, against what really left the syringes.
@Suite struct LedgerTests {
    /// uL: the pump's display, the ripple of its screw, and what still comes after the last look at it.
    private static let tolerance = 4.0

    @Test(arguments: [301, 302, 303] as [UInt64])
    func whatIsBookedIsWhatWasUsed(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        for _ in 0..<2 { try scenario.finish(try scenario.submit()) }
        scenario.run(20)
        for pump in PumpName.allCases {
            let (booked, used) = (scenario.booked(pump), scenario.used(pump))
            print("\(pump): booked \(booked), used \(used)")
            #expect((booked - used).magnitude < Self.tolerance, "\(pump): booked \(booked), used \(used)")
        }
        let waste = try #require(scenario.lab.archive.ledger?.waste.usedUL)
        #expect((waste - PumpName.allCases.reduce(0) { $0 + scenario.booked($1) }).magnitude < 1e-6)
        let reserved = scenario.lab.archive.ledger?.syringes.values.map(\.reservedUL)
        #expect(reserved?.allSatisfy { $0 == 0 } ?? false)
        scenario.expectInvariants()
    }

    /// Cancels, trips, stalls and lost lines in mid-run: as long as a daemon watches, nothing is lost or invented.
    @Test(arguments: ["cancel", "trip", "stall", "unplug", "power_cycle", "shutdown"], [304, 305] as [UInt64])
    func endsInMidRunAreBookedToo(end: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: seed == 304 ? .settling : .flowing)
        switch end {
        case "cancel": _ = scenario.ask(.cancel(experiment: id))
        case "trip": _ = scenario.ask(.triggerSafeState(reason: "a drill"))
        case "shutdown":
            scenario.lab.shutDown()
            scenario.run(10)
            scenario.lab.restart()
        default: try scenario.fault("cs_oleate", end, for: end == "power_cycle" ? nil : 8)
        }
        scenario.run(60)
        for pump in PumpName.allCases {
            let (booked, used) = (scenario.booked(pump), scenario.used(pump))
            // A pump that lost its power has forgotten what it displaced since the last look, a tenth of a second ago.
            #expect((booked - used).magnitude < Self.tolerance, "\(pump): booked \(booked), used \(used)")
        }
    }

    /// After a kill the books may say too much, never too little.
    @Test(arguments: Stage.running, [311, 312, 313] as [UInt64])
    func aKillNeverBooksTooLittle(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: stage)
        scenario.run(stage == .settling ? 15 : 0)
        let mayUse = Planner(scenario.definition).plan(
            try #require(scenario.lab.archive.experiments[id]).recipe, from: PlanningState(plate: nil)
        ).execution?.volumes
        scenario.lab.kill(losingUncommitted: seed % 2 == 0)
        scenario.run(scenario.generator.uniform(1, 200))
        scenario.lab.restart()
        scenario.run(30)
        for pump in PumpName.allCases {
            let (booked, used) = (scenario.booked(pump), scenario.used(pump))
            #expect(booked >= used - Self.tolerance, "\(pump): booked \(booked), used \(used)")
            // What was reserved, and what was seen to flow on until the pump was stopped.
            let most = 2 * (mayUse?[pump.rawValue]?.microliters ?? 0) + Self.tolerance
            #expect(booked <= used + most, "\(pump): booked \(booked), used \(used)")
        }
        let flowed = stage == .settling || stage == .measuring
        let uncertain = scenario.lab.archive.ledger?.syringes["pfo"]?.uncertainUL ?? 0
        if flowed { #expect(uncertain > 0 && scenario.lab.archive.reagentActs.contains { $0.kind == .charge }) }
        scenario.expectInvariants()
    }

    /// A pump on a torn cable runs on to the end of its volume. The daemon dies before it has seen that.
    @Test(arguments: [314, 315, 316] as [UInt64])
    func aLostPumpThatRunsOnStaysReserved(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.experiment(in: .settling)
        try scenario.fault("cui", "unplug", for: 700)
        scenario.run(20)
        #expect(scenario.state(of: id) == .failed)
        let reserved = scenario.lab.archive.ledger?.syringes["cui"]?.reservedUL ?? 0
        #expect(reserved > 0)
        #expect(scenario.lab.archive.ledger?.syringes["pfo"]?.reservedUL == 0)
        scenario.lab.kill(losingUncommitted: seed % 2 == 0)
        scenario.run(600)
        scenario.lab.restart()
        scenario.run(150)
        #expect(scenario.booked(.cui) >= scenario.used(.cui) - Self.tolerance)
    }

    /// The cable is mended while the daemon lives: what was delivered meanwhile is read from the pump, and kept.
    @Test(arguments: [317, 318] as [UInt64])
    func whatALostPumpDeliveredIsBookedAndKept(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        _ = try scenario.experiment(in: .settling)
        try scenario.fault("cui", "unplug", for: 60)
        scenario.run(120)
        #expect((scenario.booked(.cui) - scenario.used(.cui)).magnitude < Self.tolerance)
        scenario.lab.kill()
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.booked(.cui) >= scenario.used(.cui) - Self.tolerance)
    }

    @Test func theLedgerSurvivesARestart() throws {
        var scenario = try Scenario(seed: 319)
        guard case .refilled("cui", 20_000)? = scenario.refill("cui", microliters: 20_000, batch: "B7") else {
            Issue.record("no refill")
            return
        }
        try scenario.finish(try scenario.submit())
        scenario.run(10)
        let before = try #require(scenario.lab.archive.ledger)
        #expect(before.syringes["cui"]?.batch == "B7" && before.syringes["cui"]?.filledBy == 1000)
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.lab.archive.ledger == before)
        let shown = scenario.lab.snapshot()?.ledger
        #expect(shown?.syringes.first { $0.device == "cui" }?.contents == before.syringes["cui"])
        #expect(shown?.waste == before.waste)
        scenario.expectInvariants()
    }

    // MARK: Short reagents

    @Test(arguments: ["cs_oleate", "pfo", "ode_cs"])
    func aNearlyEmptySyringeIsRefusedWhenPlanned(pump: String) throws {
        var scenario = try Scenario(seed: 321)
        let recipe = scenario.recipe()
        let need = try #require(try scenario.plan(recipe).reagentsUL[pump])
        guard case .refilled? = scenario.refill(pump, microliters: need) else {
            Issue.record("no refill")
            return
        }
        let report = try scenario.plan(recipe)
        #expect(!report.feasible && report.executed == nil && report.problems.count == 1)
        let problem = try #require(report.problems.first)
        #expect(problem.kind == "reagent_short" && problem.name == pump && problem.unit == "uL")
        #expect((try #require(problem.limit) - need).magnitude < 0.01)
        #expect(try #require(problem.value) > need)
        #expect(problem.hint.contains("refill \(pump)"))
        #expect(Scenario.refusal(scenario.offer(recipe)) == "infeasible")
        #expect(scenario.shownAlarms().isEmpty)
        _ = scenario.refill(pump)
        #expect(try scenario.plan(recipe).feasible)
        scenario.expectInvariants()
    }

    /// Steady state comes late, because the plate was disturbed: the syringe would be empty before it.
    @Test(arguments: ["cs_oleate", "pfo", "cui"], [322, 323] as [UInt64])
    func aSyringeThatRunsOutEndsTheExperiment(pump: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let recipe = scenario.recipe()
        let need = try #require(try scenario.plan(recipe).reagentsUL[pump])
        let filled = need * 1.101
        _ = scenario.refill(pump, microliters: filled)
        let name = try #require(PumpName(rawValue: pump))
        scenario.run(20)
        let before = scenario.used(name)
        let id = try scenario.submit(recipe)
        try scenario.reach(.settling, of: id)
        scenario.run(20)
        try scenario.fault("heater", "plate_temperature", value: 137)
        let record = try scenario.finish(id)
        #expect(record.state == .failed && record.error?.kind == "reagent_empty", "\(scenario.describe(id))")
        #expect(record.error?.device == pump && record.error?.hint.contains("refill") ?? false)
        let end = scenario.now
        scenario.run(20)
        scenario.expectNoFlow(since: end)
        // Not a drop of air: what left it is what was in it, at most.
        #expect(scenario.used(name) - before <= filled + Self.tolerance)
        #expect(scenario.shownAlarms() == ["reagent-low:\(pump)"])
        #expect(Scenario.refusal(scenario.offer(recipe)) == "infeasible")
        _ = scenario.refill(pump)
        scenario.run(1)
        #expect(scenario.shownAlarms() == [])
        let next = try scenario.submit(recipe)
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        scenario.expectInvariants()
    }

    /// What was enough when it was submitted is not when its turn comes.
    @Test func aShortSyringeIsSeenAgainWhenItsTurnComes() throws {
        var scenario = try Scenario(seed: 324)
        let recipe = scenario.recipe()
        let need = try #require(try scenario.plan(recipe).reagentsUL["cui"])
        _ = scenario.refill("cui", microliters: need * 1.5)
        let first = try scenario.submit(recipe)
        let report = try scenario.plan(recipe)
        let second = try scenario.submit(recipe)
        #expect(report.feasible)
        #expect(try scenario.finish(first).state == .done)
        let record = try scenario.finish(second)
        #expect(record.state == .failed && record.error?.kind == "infeasible" && record.error?.device == "cui")
        scenario.expectInvariants()
    }

    @Test func aRefillIsRefusedWhileThePumpRuns() throws {
        var scenario = try Scenario(seed: 325)
        let id = try scenario.experiment(in: .settling)
        #expect(Scenario.refusal(scenario.refill("cui")) == "device_busy")
        #expect(Scenario.refusal(scenario.refill("nobody")) == "unknown_device")
        // This one does not run.
        guard case .refilled? = scenario.refill("oam_cui") else {
            Issue.record("a standing pump was refused")
            return
        }
        _ = scenario.ask(.cancel(experiment: id))
        scenario.run(5)
        for volume in [-1, 50_001, .nan, .infinity] as [Double] {
            #expect(Scenario.refusal(scenario.refill("cui", microliters: volume)) == "out_of_range", "\(volume)")
        }
        guard case .refilled("cui", 0)? = scenario.refill("cui", microliters: 0) else {
            Issue.record("an empty syringe cannot be recorded")
            return
        }
        #expect(Scenario.refusal(scenario.refill("cui", components: ["cu": -1])) == "out_of_range")
        #expect(Scenario.refusal(scenario.refill("cui", components: ["cu": .nan])) == "out_of_range")
        scenario.expectInvariants()
    }

    @Test func theLowAlarmComesAndGoes() throws {
        var scenario = try Scenario(seed: 326)
        scenario.lab.restart(with: try Scenario.bench(["low_percent = 10 ": "low_percent = 40 "]))
        scenario.run(5)
        let recipe = scenario.recipe()
        let need = try #require(try scenario.plan(recipe).reagentsUL["oa_cs"])
        // More than six tenths of it will be used.
        _ = scenario.refill("oa_cs", microliters: need * 1.105)
        #expect(scenario.shownAlarms().isEmpty)
        try scenario.finish(try scenario.submit(recipe))
        #expect(scenario.shownAlarms() == ["reagent-low:oa_cs"])
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.shownAlarms() == ["reagent-low:oa_cs"])
        _ = scenario.refill("oa_cs")
        #expect(scenario.shownAlarms().isEmpty)
        let told = scenario.lab.events.filter { $0.data["alarm"]?.text == "reagent-low:oa_cs" }
        #expect(told.count == 3)
        scenario.expectInvariants()
    }
}
