import Testing
import VirtualBench
import Wire

@Suite struct DeterminismTests {
    /// An hour's worth of everything, as a digest of the truth and of every byte.
    private func digest(seed: UInt64, step: Double) throws -> [UInt8] {
        var host = Host(seed: seed, rate: 10)
        _ = host.modbus(writeFloat(2782, 130))
        _ = host.modbus(write(2730, 10))
        for (pump, flow) in zip(PumpName.allCases, PlantRecipe(box: [Double](repeating: 0.5, count: 7)).flows) {
            host.run(pump.rawValue, microlitersPerMinute: flow, diameter: pump.boreMillimeters)
        }
        host.prepare("spec_pl", milliseconds: 100)
        try host.fault("cui", "slow", for: 30)
        try host.fault("pfo", "garbage", for: 60)
        var bytes: [UInt8] = []
        for _ in 0..<10 {
            bytes += Array(host.ask("pfo", "status").utf8)
            bytes += host.spectrum("spec_pl", milliseconds: 100).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
            var waited = 0.0
            while waited < 30 {
                host.wait(bench: step)
                waited += step
            }
        }
        let truth = host.bench.drainTruth()
        #expect(truth.count > 300)
        for record in truth { bytes += Array(record.jsonLine.utf8) }
        return md5(bytes)
    }

    @Test func theSameSeedGivesTheSameTruth() throws {
        let first = try digest(seed: 7, step: 30)
        #expect(try digest(seed: 7, step: 30) == first)
        #expect(try digest(seed: 8, step: 30) != first)
        // How often the clock is looked at does not matter.
        #expect(try digest(seed: 7, step: 0.5) == first)
    }

    @Test func truthIsALineASecondAndAtEachChange() {
        var host = Host()
        host.wait(bench: 10)
        host.run("cui", microlitersPerMinute: 100)
        _ = host.modbus(write(2730, 10))
        let records = host.bench.drainTruth()
        #expect(records.filter { $0.cause == .second }.count == 11)
        #expect(records.filter { $0.cause == .flows }.count == 1)
        #expect(records.filter { $0.cause == .heater }.count == 1)
        #expect(records.last?.setFlows[0] == 100)
        #expect(records.last?.jsonLine.contains("\"heater_mode\":\"auto\"") ?? false)
        #expect(host.bench.drainTruth().isEmpty)
    }
}
