import Testing
import VirtualBench

@Suite struct IOModuleTests {
    private static let contactorOn: [UInt8] = [5, 0, 0, 0xff, 0]
    private static let contactorOff: [UInt8] = [5, 0, 0, 0, 0]
    private static let coils: [UInt8] = [1, 0, 0, 0, 8]
    private static let inputs: [UInt8] = [2, 0, 0, 0, 8]
    private static let loops: [UInt8] = [4, 0, 0, 0, 4]

    private func module(_ host: inout Host, _ pdu: [UInt8]) -> [UInt8]? { host.modbus(pdu, link: "io") }

    @Test func relaysAreSwitchedAndTheContactFollows() {
        var host = Host { $0.hasContactor = true }
        #expect(module(&host, Self.coils) == [1, 1, 0])
        #expect(module(&host, Self.inputs) == [2, 1, 0])
        #expect(module(&host, Self.contactorOn) == Self.contactorOn)
        #expect(module(&host, [5, 0, 7, 0xff, 0]) == [5, 0, 7, 0xff, 0])
        #expect(module(&host, Self.coils) == [1, 1, 0x81])
        #expect(module(&host, Self.inputs) == [2, 1, 2])
        #expect(module(&host, Self.contactorOff) == Self.contactorOff)
        #expect(module(&host, Self.inputs) == [2, 1, 0])
    }

    @Test func wrongRequestsGetTheirExceptions() {
        var host = Host()
        for (pdu, answer) in [
            ([], [0x80, 1]), ([15, 0, 0, 0, 1], [0x8f, 1]), ([1, 0, 0], [0x81, 3]), ([1, 0, 0, 0, 0], [0x81, 3]),
            ([1, 0, 1, 0, 8], [0x81, 2]), ([2, 0, 8, 0, 1], [0x82, 2]), ([3, 0, 99, 0, 1], [0x83, 2]),
            ([3, 0, 100, 0, 2], [0x83, 2]), ([4, 0, 4, 0, 1], [0x84, 2]), ([4, 0, 0, 0, 126], [0x84, 3]),
            ([5, 0, 8, 0xff, 0], [0x85, 2]), ([5, 0, 0, 0x55, 0], [0x85, 3]), ([6, 0, 1, 0, 1], [0x86, 2]),
            ([4, 0xff, 0xff, 0, 2], [0x84, 2]),
        ] as [([UInt8], [UInt8])] {
            #expect(module(&host, pdu) == answer, "\(pdu)")
        }
    }

    /// The wire's clock is the module's, also when the chemistry runs faster.
    @Test(arguments: [1.0, 30]) func theWatchdogDropsTheRelays(rate: Double) {
        var host = Host(rate: rate) { $0.hasContactor = true }
        #expect(module(&host, [3, 0, 100, 0, 1]) == [3, 2, 0, 0])
        _ = module(&host, Self.contactorOn)
        host.wait(wire: 100)
        #expect(host.bench.plant.plate.supplyClosed, "no watchdog is set")
        #expect(module(&host, [6, 0, 100, 0, 2]) == [6, 0, 100, 0, 2])
        for _ in 0..<5 {
            host.wait(wire: 1.9)
            #expect(module(&host, Self.inputs) == [2, 1, 2], "any question is a sign of life")
        }
        host.wait(wire: 1.9)
        #expect(host.bench.plant.plate.supplyClosed)
        host.wait(wire: 0.2)
        #expect(!host.bench.plant.plate.supplyClosed)
        #expect(module(&host, Self.coils) == [1, 1, 0], "they stay open until they are written")
        #expect(host.bench.drainTruth().contains { $0.cause == .contactor && !$0.contactorClosed })
    }

    /// Controller, limit module and contactor must all allow it.
    @Test func withoutTheContactorNothingHeats() {
        var host = Host { $0.hasContactor = true }
        _ = host.modbus(writeFloat(2782, 100))
        _ = host.modbus(write(2730, 10))
        host.wait(bench: 300)
        #expect(host.bench.plant.plate.output > 50)
        #expect(host.bench.plant.plate.plate < 26)
        _ = module(&host, Self.contactorOn)
        host.wait(bench: 300)
        #expect(host.bench.plant.plate.plate > 60)
        _ = module(&host, Self.contactorOff)
        host.wait(bench: 60)
        let warm = host.bench.plant.plate.plate
        host.wait(bench: 60)
        #expect(host.bench.plant.plate.plate < warm)
    }

    @Test func aWeldedContactorStaysClosed() throws {
        var host = Host { $0.hasContactor = true }
        try host.fault("io", "contactor_stuck")
        #expect(module(&host, Self.coils) == [1, 1, 0])
        #expect(module(&host, Self.inputs) == [2, 1, 2])
        #expect(host.bench.plant.plate.supplyClosed)
        try host.fault("io", "clear")
        #expect(!host.bench.plant.plate.supplyClosed)
    }

    @Test func theLoopShowsThePressure() throws {
        var host = Host()
        func current() -> Int {
            let answer = module(&host, Self.loops) ?? []
            #expect(answer.count == 10 && answer[4...].allSatisfy { $0 == 0 }, "only the first loop is wired")
            return Int(answer[2]) << 8 | Int(answer[3])
        }
        #expect(current() == 4000)
        host.run("pfo", microlitersPerMinute: 2000, diameter: 40)
        host.wait(bench: 30)
        let pressure = host.bench.plant.pressure
        #expect(pressure > 5)
        #expect(abs(Double(current()) - (4000 + pressure * 16)) < 2, "0 to 1000 kPa on 4 to 20 mA")
        for (bar, microamperes) in [(0, 4000), (5, 12_000), (10, 20_000), (15, 20_500)] as [(Double, Int)] {
            try host.fault("io", "pressure", value: bar)
            #expect(current() == microamperes)
        }
        try host.fault("io", "input_broken")
        #expect(current() == 0)
        try host.fault("io", "leak_detected")
        #expect((module(&host, Self.inputs) ?? [])[2] & 1 == 1)
    }

    @Test func itSpeaksModbusTCP() {
        var host = Host()
        let request: [UInt8] = [0x12, 0x34, 0, 0, 0, 6, 1] + Self.coils
        for byte in request + request { host.send([byte], to: "io") }
        let answer: [UInt8] = [0x12, 0x34, 0, 0, 0, 4, 1, 1, 1, 0]
        let outputs = host.receive()
        #expect(outputs.map(\.bytes) == [answer, answer] && outputs.allSatisfy { $0.link == "io" })
    }
}
