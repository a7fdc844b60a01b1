import Experiments
import Interlocks
import Quantities
import Simulation
import Testing
import VirtualBench

/// The steps of taking a dark and a reference spectrum.
enum ReferenceStep: String, CaseIterable, CustomTestStringConvertible {
    case dark, flowing, sweeping, reference, stopping

    var testDescription: String { rawValue }
}

/// Absorbance stands on a dark and a reference spectrum that are good, or is not computed.
@Suite struct ReferenceTests {
    @Test(arguments: [201, 202, 203] as [UInt64])
    func aNewBenchTakesBothFirst(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        let id = try scenario.submit()
        try scenario.finish(id)
        let taken = scenario.references(of: id)
        #expect(taken.map(\.kind) == ["dark", "reference"])
        let start = try #require(scenario.time(of: .referencing, id))
        let heating = try #require(scenario.time(of: .heating, id))
        let (dark, reference) = (Scenario.seconds(taken[0]), Scenario.seconds(taken[1]))
        #expect(start < dark && dark < reference && reference < heating)
        #expect(scenario.truth(from: start, to: dark).allSatisfy { $0.motorsStand })
        // Nothing but carrier flows until both are there, and it stands when the experiment goes on.
        let before = scenario.truth(from: start, to: heating)
        #expect(before.allSatisfy { $0.setFlows[..<7].allSatisfy { $0 == 0 } })
        let swept = scenario.truth(from: reference - 1.5, to: reference - 0.1)
        #expect(!swept.isEmpty && swept.allSatisfy { $0.setFlows[7] == 600 })
        // The cell held carrier alone.
        #expect(swept.allSatisfy { $0.absorption.absorbance300 < 0.0201 })
        #expect(scenario.truth(from: heating + 0.2, to: heating + 5).allSatisfy { $0.motorsStand })
        scenario.expectTrueFeatures(id)
        let next = try scenario.submit()
        try scenario.finish(next)
        #expect(scenario.references(of: next).isEmpty && scenario.time(of: .referencing, next) == nil)
        scenario.expectTrueFeatures(next)
        scenario.expectInvariants()
    }

    /// Two minutes are less than an experiment takes: what it began with serves it to its end, and no longer.
    @Test(arguments: [204, 205] as [UInt64])
    func anOldReferenceIsTakenAnew(seed: UInt64) throws {
        let changes = ["reference_max_age = \"4h\"": "reference_max_age = \"2min\""]
        var scenario = try Scenario(seed: seed, plate: 139, changes: changes)
        let ids = [try scenario.submit(), try scenario.submit()]
        for id in ids {
            #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
            // A reference is taken above a dark of the same minutes.
            #expect(scenario.references(of: id).map(\.kind) == ["dark", "reference"])
            scenario.expectTrueFeatures(id)
        }
        scenario.run(130)
        let shown = scenario.lab.snapshot()?.references ?? []
        #expect(shown.map(\.kind) == ["dark", "reference"])
        #expect(shown.map { $0.invalidBecause?.contains("min old") } == [nil, true])
        scenario.expectInvariants()
    }

    @Test func anOldDarkIsTakenAlone() throws {
        let changes = ["dark_max_age = \"8h\"": "dark_max_age = \"2min\""]
        var scenario = try Scenario(seed: 206, plate: 139, changes: changes)
        let first = try scenario.finish(try scenario.submit()).experiment
        let second = try scenario.finish(try scenario.submit()).experiment
        #expect(scenario.references(of: first).count == 2)
        #expect(scenario.references(of: second).map(\.kind) == ["dark"])
        let (start, heating) = (scenario.time(of: .referencing, second), scenario.time(of: .heating, second))
        let judged = scenario.truth(from: try #require(start) + 1, to: try #require(heating))
        #expect(judged.allSatisfy { $0.motorsStand })
        scenario.expectTrueFeatures(second)
        scenario.expectInvariants()
    }

    /// Age is counted across a restart, by the calendar.
    @Test func referencesSurviveARestartUntilTheyAreTooOld() throws {
        var scenario = try Scenario(seed: 207)
        scenario.lab.restart()
        scenario.run(5)
        let id = try scenario.finish(try scenario.submit()).experiment
        #expect(scenario.references(of: id).isEmpty)
        scenario.expectTrueFeatures(id)
        let changed = try Scenario.bench(["reference_max_age = \"4h\"": "reference_max_age = \"1min\""])
        scenario.lab.restart(with: changed)
        scenario.run(5)
        let next = try scenario.finish(try scenario.submit()).experiment
        #expect(scenario.references(of: next).count == 2)
        scenario.expectTrueFeatures(next)
        scenario.expectInvariants()
    }

    @Test func anotherIntegrationTimeNeedsAnotherReference() throws {
        var scenario = try Scenario(seed: 208)
        let changed = try Scenario.bench([
            "frames = 40, integration = \"15ms\"": "frames = 40, integration = \"20ms\"",
            "frames = 24, integration = \"15ms\"": "frames = 24, integration = \"20ms\"",
        ])
        scenario.lab.restart(with: changed)
        scenario.run(5)
        let shown = scenario.lab.snapshot()?.references ?? []
        #expect(shown.map { $0.invalidBecause?.hasPrefix("taken with 0.015 s") } == [true, true])
        let id = try scenario.finish(try scenario.submit()).experiment
        #expect(scenario.references(of: id).map(\.integrationS) == [0.02, 0.02])
        scenario.expectTrueFeatures(id)
        scenario.expectInvariants()
    }

    @Test(arguments: ["dark", "reference"], [211, 212] as [UInt64])
    func aSaturatedReferenceIsNotKept(step: String, seed: UInt64) throws {
        let step = try #require(ReferenceStep(rawValue: step))
        try expectRefused(seed, in: step, fault: "saturate")
    }

    /// A cell without light shows what a shut lamp shows: whatever is divided by it is noise.
    @Test(arguments: [213, 214, 215, 216] as [UInt64])
    func aReferenceWithoutLightIsNotKept(seed: UInt64) throws {
        try expectRefused(seed, in: .sweeping, fault: "lamp_step", value: -1)
    }

    /// The lamp is knocked, or the window gets dirty, after the reference was taken: what would be computed with it is wrong
    /// by as much, and nothing else shows it.
    @Test(
        arguments: [("lamp_step", -0.2), ("lamp_step", 0.2), ("fouling", 0.05)] as [(String, Double)],
        [234, 235, 236] as [UInt64])
    func aReferenceThatIsNoLongerTrueIsNotUsed(fault: (String, Double), seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        let first = try scenario.submit()
        try scenario.finish(first)
        try scenario.fault("spec_abs", fault.0, value: fault.1)
        let record = try scenario.finish(try scenario.submit())
        #expect(
            record.error?.kind == "reference_drift" && record.error?.device == "spec_abs",
            "\(scenario.describe(record.experiment))")
        #expect(record.features == nil)
        let shown = scenario.lab.snapshot()?.references.first { $0.kind == "reference" }
        #expect(shown?.invalidBecause?.contains("the carrier absorbs") == true)
        guard fault.0 == "lamp_step" else { return }
        // The light stays as it is now: a new reference is true to it, without anybody's help.
        let next = try scenario.submit()
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        #expect(scenario.references(of: next).map(\.kind) == ["reference"] || scenario.references(of: next).count == 2)
        scenario.expectTrueFeatures(next)
        scenario.expectInvariants()
    }

    /// In the middle of a measurement, too.
    @Test(arguments: [237, 238] as [UInt64])
    func lightThatChangesWhileMeasuringIsNoResult(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        let id = try scenario.submit()
        try scenario.reach(.measuring, of: id)
        scenario.run(0.5)
        try scenario.fault("spec_abs", "lamp_step", value: -0.3)
        let record = try scenario.finish(id)
        #expect(record.error?.kind == "reference_drift", "\(scenario.describe(id))")
        scenario.expectInvariants()
    }

    /// The lamp says that it is shut, and shines.
    @Test(arguments: [217, 218, 219] as [UInt64])
    func aDarkWithLightIsNotBelieved(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        try scenario.fault("spec_abs", "lamp_stuck_on")
        let record = try scenario.finish(Self.take(&scenario))
        #expect(record.state == .failed && record.error?.kind == "spectrum", "\(scenario.describe(record.experiment))")
        try scenario.lab.apply(FaultCommand(fault: "clear"))
        scenario.run(2)
        let next = try scenario.finish(try scenario.submit()).experiment
        scenario.expectTrueFeatures(next)
        scenario.expectInvariants()
    }

    /// The reference is still good, so that only the dark is taken: in the light it is no dark.
    @Test func aDarkWithLightBesideAGoodReferenceIsNotKept() throws {
        var scenario = try Scenario(
            seed: 221, plate: 139, changes: ["dark_max_age = \"8h\"": "dark_max_age = \"1min\""])
        try scenario.finish(try scenario.submit())
        scenario.run(60)
        try scenario.fault("spec_abs", "lamp_stuck_on")
        let record = try scenario.finish(try scenario.submit())
        #expect(record.state == .failed && record.error?.kind == "spectrum", "\(scenario.describe(record.experiment))")
        #expect(scenario.references(of: record.experiment).isEmpty)
        scenario.expectInvariants()
    }

    @Test(arguments: ReferenceStep.allCases, [222, 223] as [UInt64])
    func aLostSpectrometerFailsIt(step: ReferenceStep, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.references(in: step)
        try scenario.fault("spec_abs", "unplug", for: 5)
        let start = scenario.now
        scenario.run(30)
        let record = try #require(scenario.lab.archive.experiments[id])
        #expect(record.state == .failed && record.error?.kind == "device_lost", "\(scenario.describe(id))")
        #expect(record.error?.device == "spec_abs")
        scenario.expectNoFlow(since: start)
        try expectGoodAfterwards(&scenario)
    }

    @Test(arguments: ReferenceStep.allCases, [224, 225] as [UInt64])
    func itCanBeCancelled(step: ReferenceStep, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.references(in: step)
        let start = scenario.now
        #expect(Scenario.state(scenario.ask(.cancel(experiment: id))) == .cancelled)
        scenario.run(20)
        scenario.expectNoFlow(since: start)
        #expect(scenario.lab.archive.experiments[id]?.data == ExperimentRecord.DataCompleteness.none)
        try expectGoodAfterwards(&scenario)
    }

    @Test(arguments: ReferenceStep.allCases, [226, 227] as [UInt64])
    func aTripEndsIt(step: ReferenceStep, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.references(in: step)
        let start = scenario.now
        _ = scenario.ask(.triggerSafeState(reason: "a drill"), as: Scenario.observer)
        scenario.run(20)
        scenario.expectSafe(since: start)
        #expect(scenario.lab.archive.experiments[id]?.error?.kind == "trip", "\(scenario.describe(id))")
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.manualTrigger)))
        try expectGoodAfterwards(&scenario)
    }

    @Test(arguments: ReferenceStep.allCases, [228, 229] as [UInt64])
    func aKillEndsIt(step: ReferenceStep, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.references(in: step)
        scenario.lab.kill(losingUncommitted: seed % 2 == 0)
        scenario.run(3)
        scenario.lab.restart()
        let start = scenario.now
        scenario.run(30)
        scenario.expectSafe(since: start, within: 2 + Scenario.tripTime)
        #expect(scenario.state(of: id) == .interrupted, "\(scenario.describe(id))")
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.uncleanEnd)))
        try expectGoodAfterwards(&scenario)
        scenario.run(20)
        #expect(scenario.booked(.pfo) >= scenario.used(.pfo) - 5)
    }

    /// Somebody presses stop on the carrier pump: the cell is not flushed, whatever the clock says.
    @Test(arguments: [231, 232, 233] as [UInt64])
    func aCarrierPumpThatIsStoppedFailsIt(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.references(in: .sweeping)
        scenario.lab.bench.send(Array("stop\r".utf8), to: "pump_pfo", connection: 1, at: scenario.lab.now)
        let record = try scenario.finish(id)
        #expect(record.error?.kind == "flow_lost" && record.error?.device == "pfo", "\(scenario.describe(id))")
        #expect(scenario.references(of: id).map(\.kind) == [])
        try expectGoodAfterwards(&scenario)
    }

    // MARK: Making

    /// References that are asked for, though those at hand are good.
    private static func take(_ scenario: inout Scenario) throws -> String { try scenario.submit(.references) }

    /// With this fault nothing is kept; without it the next experiment is right.
    private func expectRefused(_ seed: UInt64, in step: ReferenceStep, fault: String, value: Double? = nil) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.references(in: step)
        let kept = scenario.references(of: id).count
        try scenario.fault("spec_abs", fault, value: value)
        let record = try scenario.finish(id)
        #expect(record.state == .failed && record.error?.kind == "spectrum", "\(scenario.describe(id))")
        #expect(record.error?.device == "spec_abs")
        #expect(scenario.references(of: id).count == kept)
        let end = scenario.now
        scenario.run(20)
        scenario.expectNoFlow(since: end)
        try scenario.lab.apply(FaultCommand(fault: "clear"))
        scenario.run(2)
        try expectGoodAfterwards(&scenario)
    }

    /// The next experiment runs to a result that is true.
    private func expectGoodAfterwards(_ scenario: inout Scenario) throws {
        let next = try scenario.submit()
        #expect(try scenario.finish(next).state == .done, "\(scenario.describe(next))")
        scenario.expectTrueFeatures(next)
        scenario.expectInvariants()
    }
}

extension Scenario {
    /// A recipe `references` that has reached this step. Where that is, a copy of the bench is asked, which runs it to its
    /// end first: the same seed does the same again.
    mutating func references(in step: ReferenceStep) throws -> String {
        let id = try submit(.references)
        var ahead = self
        guard try ahead.finish(id).state == .done else {
            throw Unexpected(what: "no references: \(ahead.describe(id))")
        }
        let taken = ahead.references(of: id)
        guard taken.count == 2 else { throw Unexpected(what: "\(taken.map(\.kind)) were taken") }
        let (dark, reference) = (Self.seconds(taken[0]), Self.seconds(taken[1]))
        let moment =
            switch step {
            case .dark: dark - generator.uniform(0.1, 1.3)
            case .flowing: dark + generator.uniform(0.05, 5)
            case .sweeping: generator.uniform(dark + 10, reference - 5)
            case .reference: reference - generator.uniform(0.1, 1.3)
            case .stopping: reference + 0.01
            }
        run(moment - now)
        guard state(of: id) == .referencing else { throw Unexpected(what: "\(id) left \(step): \(describe(id))") }
        return id
    }
}
