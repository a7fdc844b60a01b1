import Experiments
import Quantities
import Testing
import VirtualBench

/// What the spectra say, against the parcel in the cell.
@Suite struct FeatureTests {
    @Test(arguments: [561, 562, 563, 564] as [UInt64])
    func everyFeatureIsTrue(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try scenario.submit(scenario.recipe(celsius: 140 + scenario.generator.uniform(-2, 3)))
        let record = try scenario.finish(id)
        scenario.expectTrueFeatures(id)
        let features = try #require(record.features)
        let names = ["abs_300", "pl_area", "pl_centre", "pl_peak", "pl_side_380", "pl_side_600"]
        #expect(features.keys.sorted() == names)
        #expect(features.values.allSatisfy { $0.mean.isFinite && $0.sem > 0 && $0.sem.isFinite && $0.n >= 50 })
        #expect(
            features.mapValues(\.unit) == [
                "abs_300": "AU", "pl_area": "counts", "pl_centre": "nm", "pl_peak": "counts", "pl_side_380": "counts",
                "pl_side_600": "counts",
            ])
        #expect((try #require(features["pl_centre"]).mean - 450).magnitude < 3)
        #expect(record.flags == [])
        #expect(
            Set(scenario.lab.archive.spectra.filter { $0.experiment == id }.map(\.kind)) == ["absorbance", "droplet"])
        let absorbance = try #require(scenario.lab.archive.spectra.last { $0.kind == "absorbance" })
        let pixel = try #require(absorbance.wavelengthsNM.firstIndex { $0 >= 300 })
        let abs300 = try #require(features["abs_300"]).mean
        let around = absorbance.counts[pixel - 5...pixel + 5].reduce(0) { $0 + Double($1) } / 11
        #expect((around / abs300 - 1).magnitude < 0.05, "\(around) beside \(abs300)")
        scenario.expectInvariants()
    }

    /// Free ligand shines at 380 nm: the more acid beside the same caesium, the more.
    @Test func freeLigandShows() throws {
        var scenario = try Scenario(seed: 565)
        var sides: [Double] = []
        for acid in [5.0, 40, 80] {
            let flows = ["cui": 105, "oa_cui": 15, "ode_cui": 105, "cs_oleate": 120, "oa_cs": acid]
            let id = try scenario.submit(.flows(FlowsRecipe(temperatureC: 140, flowsULMin: flows)))
            let record = try scenario.finish(id)
            let side = try #require(record.features?["pl_side_380"]?.mean)
            let end = try #require(scenario.time(of: .done, id))
            let truth = try #require(scenario.truth(from: end - 3, to: end).last)
            let expected = truth.luminescence.ligandBand * Features.countsPerUnit
            print("oa_cs \(acid): \(side) for \(expected)")
            #expect((side / expected - 1).magnitude < 0.1, "\(side) for \(expected)")
            sides.append(side)
        }
        #expect(sides[0] * 1.1 < sides[1] && sides[1] * 1.1 < sides[2], "\(sides)")
        scenario.expectInvariants()
    }

    @Test(arguments: [(112, true), (116, true), (130, false), (140, false)] as [(Double, Bool)])
    func aSecondPopulationIsFlagged(celsius: Double, expected: Bool) throws {
        var scenario = try Scenario(seed: 566, plate: celsius - 1)
        let id = try scenario.submit(scenario.recipe(celsius: celsius))
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        let (side, peak) = (record.features?["pl_side_600"]?.mean ?? 0, record.features?["pl_peak"]?.mean ?? 0)
        print("\(celsius) degC: \(side) at 600 nm beside \(peak)")
        #expect(record.flags.contains("secondary_population") == expected, "\(record.flags)")
        scenario.expectInvariants()
    }
}
