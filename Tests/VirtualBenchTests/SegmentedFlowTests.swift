import Testing
import VirtualBench

/// Bursts of frames through the wire, and what estimators make of them.
@Suite struct SegmentedFlowTests {
    /// A bench whose tubes are filled with product at 600 uL/min.
    private func flowing(seed: UInt64) -> Host {
        var host = Host(seed: seed) { $0.plateTemperature = 135 }
        _ = host.modbus(writeFloat(2782, 135))
        _ = host.modbus(write(2730, 10))
        let recipe = PlantRecipe(box: [0.5, 0.7, 0.5, 0.3, 0.2, 0.1, 1])
        for (pump, flow) in zip(PumpName.allCases, recipe.flows) {
            host.run(pump.rawValue, microlitersPerMinute: flow, diameter: pump.boreMillimeters)
        }
        host.wait(bench: 300)
        host.prepare("spec_pl", milliseconds: 30)
        return host
    }

    /// The 450 nm signal of the frames of a two-second burst.
    private func burst(_ host: inout Host) -> [Double] {
        (0..<60).map { _ in
            let pixels = host.spectrum("spec_pl", milliseconds: 30)
            return pixels[840..<885].reduce(0) { $0 + Double($1) } / 45 - 1500
        }
    }

    private func spread(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count - 1)).squareRoot() / mean
    }

    /// Short frames split in two classes scatter by about 1 %, the plain mean by more; and the droplet frames agree
    /// with the truth within the run's offset.
    @Test(arguments: [UInt64(11), 12])
    func dropletFramesScatterLessThanThePlainMean(seed: UInt64) {
        var host = flowing(seed: seed)
        var classes: [Double] = []
        var means: [Double] = []
        for _ in 0..<25 {
            let frames = burst(&host)
            let level = frames.sorted()[frames.count * 95 / 100] * 0.9
            let droplets = frames.filter { $0 > level }
            classes.append(droplets.reduce(0, +) / Double(droplets.count))
            means.append(frames.reduce(0, +) / Double(frames.count))
            host.wait(bench: 3)
        }
        #expect((0.003...0.013).contains(spread(classes)), "seed \(seed): \(spread(classes))")
        #expect((0.01...0.045).contains(spread(means)), "seed \(seed): \(spread(means))")
        print("seed \(seed): droplet frames scatter by \(spread(classes)), plain means by \(spread(means))")
        let truth = host.bench.plant.luminescenceFeatures.peakCounts * 0.3
        let ratio = classes.reduce(0, +) / Double(classes.count) / truth
        #expect((0.94...1.04).contains(ratio), "seed \(seed): \(ratio)")
        let half = means.reduce(0, +) / Double(means.count) / truth
        #expect((0.46...0.54).contains(half), "seed \(seed): \(half)")
    }

    @Test func unequalStreamsBreakTheTrainUp() {
        var host = flowing(seed: 3)
        #expect(host.bench.plant.isSegmentationStable)
        _ = host.ask("pfo", "stop")
        host.wait(bench: 30)
        #expect(!host.bench.plant.isSegmentationStable)
    }
}
