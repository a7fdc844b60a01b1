import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// Good runs: what is measured is right, and was allowed to be measured.
@Suite struct CampaignTests {
    @Test(arguments: [11, 12, 13] as [UInt64])
    func everyExperimentIsDoneAndTrue(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        let temperatures = (0..<3).map { _ in scenario.generator.uniform(139, 146) }
        let ids = try temperatures.sorted().map { try scenario.submit(scenario.recipe(celsius: $0)) }
        for id in ids {
            let record = try scenario.finish(id)
            #expect(record.state == .done, "\(scenario.describe(id))")
            scenario.expectRules(id)
            scenario.expectNoFlowBeforeSteadyPlate(record)
            scenario.expectTruePeak(record)
            scenario.expectSweptByTruth(record)
        }
        scenario.run(20)
        scenario.expectNoFlow(since: scenario.now - 15)
        scenario.expectInvariants()
    }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func theSameSeedReplaysExactly(seed: UInt64) throws {
        func digest(_ seed: UInt64) throws -> EventDigest {
            var scenario = try Scenario(seed: seed, plate: 139)
            _ = try scenario.submit()
            scenario.run(60)
            return scenario.lab.digest
        }
        let first = try digest(seed)
        #expect(try digest(seed) == first)
        #expect(try digest(seed + 100) != first)
    }

    /// Nothing to do for long enough: the plate is let cool, and the line is flushed with solvent, once.
    @Test func anIdleBenchTurnsItsHeaterOffAndFlushes() throws {
        var scenario = try Scenario(seed: 31)
        let flush = try #require(scenario.definition.procedure.flush)
        let ended = try #require(scenario.time(of: .done, "e-000001"))
        scenario.run(1700)
        let idle = ended + scenario.definition.procedure.idleAfter.seconds
        let judged = scenario.truth(from: idle + Scenario.tripTime)
        #expect(judged.allSatisfy { $0.heaterIsOff })
        let flushing = scenario.truth(
            from: idle + Scenario.tripTime, to: idle + flush.duration.seconds - Scenario.plantStep)
        #expect(flushing.allSatisfy { $0.setFlows == [0, 0, 0, 150, 0, 0, 150, 300] })
        scenario.expectNoFlow(since: idle + flush.duration.seconds)
        scenario.expectInvariants()
    }
}

extension Scenario {
    /// While it heated, nothing flowed; and when the flows began, the plate had been within its band for the hold time.
    func expectNoFlowBeforeSteadyPlate(_ record: ExperimentRecord) {
        let id = record.experiment
        guard let heating = time(of: .heating, id), let flowing = time(of: .flowing, id) else { return }
        let before = truth(from: heating + Self.plantStep, to: flowing - Self.plantStep)
        #expect(before.allSatisfy { $0.motorsStand }, "\(id)")
        guard case .flows(let executed) = record.executed else { return }
        let hold = definition.procedure.temperatureHold.seconds
        // The sensor's noise and lag stand between the plate and what is read of it.
        let band = definition.procedure.temperatureBandKelvin + 0.2
        let held = truth(from: flowing - hold + Self.plantStep, to: flowing)
        #expect(held.allSatisfy { ($0.plateCelsius - executed.temperatureC).magnitude <= band }, "\(id)")
    }

    private static let darkNoiseCounts = 150.0

    /// What really left the syringes between the start of settling and the measurement is 1.2 times the volume on the way,
    /// but for the second between two records of truth.
    func expectSweptByTruth(_ record: ExperimentRecord) {
        func used(at state: ExperimentState) -> Double? {
            time(of: state, record.experiment).flatMap { time in lab.truth.last { $0.seconds <= time } }
                .map { $0.used.reduce(0, +) }
        }
        guard let start = used(at: .settling), let end = used(at: .measuring), let tau = record.plan.residenceTimeS
        else {
            return
        }
        let swept = (end - start) / Geometry().equivalentVolume
        #expect(swept >= 1.2 - 1 / tau, "\(record.experiment): \(swept) tau by truth")
    }

    /// The reported peak is that of the parcel in the cell, within a tenth; near darkness within the noise of the largest
    /// of many pixels.
    func expectTruePeak(_ record: ExperimentRecord) {
        guard let end = time(of: .done, record.experiment), let peak = record.features?["pl_peak"]?.mean,
            let truth = truth(from: end - 3, to: end).last
        else {
            Issue.record("\(record.experiment) has no result")
            return
        }
        let allowed = max(truth.luminescence.peakCounts * 0.1, Self.darkNoiseCounts)
        let error = (peak - truth.luminescence.peakCounts).magnitude
        #expect(error <= allowed, "\(record.experiment): \(peak) for \(truth.luminescence.peakCounts)")
    }
}
