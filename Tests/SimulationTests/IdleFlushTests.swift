import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// Solvent through the line of an idle bench.
@Suite struct IdleFlushTests {
    private static let flows: [Double] = [0, 0, 0, 150, 0, 0, 150, 300]

    @Test func nothingIsFlushedBeforeAnythingFlowed() throws {
        var scenario = try Scenario(seed: 501, plate: 139)
        scenario.run(900)
        #expect(scenario.lab.truth.allSatisfy { $0.motorsStand })
        // A recipe that never came to flow has left nothing in the line.
        let id = try scenario.submit()
        _ = scenario.ask(.cancel(experiment: id))
        scenario.run(700)
        #expect(scenario.lab.truth.allSatisfy { $0.motorsStand })
        scenario.expectInvariants()
    }

    @Test(arguments: [502, 503] as [UInt64])
    func itIsBookedAndDoneOnce(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.reachFlush()
        scenario.run(1500)
        let used = scenario.truth(from: 0).last?.used ?? []
        for (index, pump) in PumpName.allCases.enumerated() {
            #expect((scenario.booked(pump) - used[index]).magnitude < 4, "\(pump)")
        }
        let flushed = scenario.lab.truth.filter { $0.setFlows == Self.flows }
        let took = (flushed.last?.seconds ?? 0) - (flushed.first?.seconds ?? 0)
        #expect((298...302).contains(took), "\(took) s")
        #expect(scenario.lab.archive.ledger?.syringes.values.allSatisfy { $0.reservedUL == 0 } ?? false)
        scenario.expectInvariants()
    }

    @Test(arguments: ["submit", "trip", "shutdown", "kill"], [504, 505] as [UInt64])
    func itEndsAtOnce(by end: String, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.reachFlush()
        scenario.run(scenario.generator.uniform(0, 100))
        let start = scenario.now
        var next: String?
        switch end {
        case "submit": next = try scenario.submit()
        case "trip": _ = scenario.ask(.triggerSafeState(reason: "a drill"), as: Scenario.observer)
        case "shutdown": scenario.lab.shutDown()
        default:
            scenario.lab.kill(losingUncommitted: seed % 2 == 0)
            scenario.lab.restart()
        }
        scenario.run(25)
        let limit = end == "kill" ? 2 + Scenario.tripTime : Scenario.tripTime
        scenario.expectNoFlow(since: start, within: limit, until: start + 25)
        for pump in PumpName.allCases { #expect(scenario.booked(pump) >= scenario.used(pump) - 4, "\(pump)") }
        if let next {
            #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
            scenario.expectTrueFeatures(next)
        }
        #expect(scenario.lab.watch.violations == [])
    }

    @Test(arguments: ["ode_cui", "pfo"])
    func tooLittleSolventIsSaid(pump: String) throws {
        var scenario = try Scenario(seed: 506)
        _ = scenario.refill(pump, microliters: 700)
        scenario.run(900)
        let end = try #require(scenario.time(of: .done, "e-000001"))
        scenario.expectNoFlow(since: end)
        let alarm = try #require((scenario.lab.snapshot()?.alarms ?? []).first { $0.id == "flush" })
        #expect(alarm.text.contains(pump) && alarm.text.contains("refill"))
        // It is tried again, and done once there is enough.
        _ = scenario.refill(pump, microliters: 20_000)
        scenario.run(950)
        #expect(scenario.lab.truth.contains { $0.setFlows == Self.flows })
        #expect(scenario.shownAlarms() == [])
        scenario.expectInvariants()
    }

    /// Whoever killed the daemon left reagents in the line.
    @Test func whatAKilledDaemonLeftInTheLineIsFlushedOnceItMay() throws {
        var scenario = try Scenario(seed: 509)
        _ = try scenario.experiment(in: .flowing)
        scenario.lab.kill()
        scenario.lab.restart()
        scenario.run(700)
        let start = scenario.now
        #expect(scenario.latched.map(\.text) == ["unclean-end"])
        scenario.expectNoFlow(since: start - 600, until: start)
        _ = scenario.ask(.resetInterlock("unclean-end"), as: Scenario.technician)
        scenario.run(1300)
        #expect(scenario.lab.truth.contains { $0.seconds > start && $0.setFlows == Self.flows })
        scenario.expectInvariants()
    }

    /// The flush goes into the same waste.
    @Test func tooLittleRoomInTheWasteIsSaid() throws {
        var scenario = try Scenario(seed: 507)
        let used = try #require(scenario.lab.archive.ledger?.waste.usedUL)
        let capacity = (used + 1000) / 1000
        scenario.lab.restart(
            with: try Scenario.bench(["waste_capacity_ml = 1000": "waste_capacity_ml = \(capacity)"]))
        scenario.run(5)
        // Something must flow first: the references are 1.3 mL; then 3 mL of flush have no room.
        _ = scenario.ask(.emptyWaste(note: nil))
        let id = try scenario.finish(try scenario.submit(.references)).experiment
        #expect(scenario.state(of: id) == .done)
        let end = scenario.now
        let left = capacity * 1000 - (scenario.lab.archive.ledger?.waste.usedUL ?? 0)
        try #require(left < 3000 && left > 0, "\(left)")
        scenario.run(900)
        scenario.expectNoFlow(since: end)
        #expect(scenario.shownAlarms() == ["flush"])
    }
}

extension Scenario {
    /// Lets the warm bench stand until it flushes its line.
    mutating func reachFlush() throws {
        for _ in 0..<100 {
            run(10)
            if lab.truth.last?.motorsStand == false { return }
        }
        throw Unexpected(what: "no flush in 1000 s")
    }
}
