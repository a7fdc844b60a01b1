import Testing
import VirtualBench

@Suite struct WatlowF4TTests {
    @Test(arguments: WatlowF4T.WordOrder.allCases)
    func floatsComeInEitherWordOrder(order: WatlowF4T.WordOrder) {
        var host = Host { $0.wordOrder = order }
        let lowFirst = order == .lowFirst
        #expect(host.modbus(writeFloat(2782, 140.5, lowFirst: lowFirst)) == [16, 0x0a, 0xde, 0, 2])
        #expect(float(host.modbus(read(2782)), lowFirst: lowFirst) == 140.5)
        #expect(abs(float(host.modbus(read(2820, function: 4)), lowFirst: lowFirst) - 25) < 0.2)
        host.wait(bench: 1)
        #expect(abs(float(host.modbus(read(2820)), lowFirst: lowFirst) - 25) < 0.2)
    }

    @Test func theLoopIsOffUntilAskedAndGoesOffAgain() {
        var host = Host()
        #expect(host.modbus(read(2730, 1)) == [3, 2, 0, 62])
        _ = host.modbus(writeFloat(2782, 100))
        host.wait(bench: 60)
        #expect(host.bench.plant.plate.output == 0)
        #expect(host.modbus(write(2730, 10)) == write(2730, 10))
        #expect(host.modbus(read(2814, 1)) == [3, 2, 0, 10])
        host.wait(bench: 600)
        #expect(abs(float(host.modbus(read(2820))) - 100) < 0.5)
        #expect(float(host.modbus(read(2810))) == 100)
        #expect(float(host.modbus(read(2808))) > 1)
        _ = host.modbus(write(2730, 62))
        host.wait(bench: 1)
        #expect(float(host.modbus(read(2808))) == 0)
        host.wait(bench: 600)
        #expect(host.bench.plant.plate.plate < 90)
    }

    @Test func manualPowerIsHeld() {
        var host = Host()
        _ = host.modbus(writeFloat(2784, 30))
        _ = host.modbus(write(2730, 54))
        host.wait(bench: 1)
        #expect(float(host.modbus(read(2808))) == 30)
    }

    @Test func identityUnitsAlarmsAndIdleProfile() {
        var host = Host()
        let part = host.modbus(read(16, 15)) ?? []
        let text = stride(from: 3, to: part.count, by: 2).map { part[$0] }.filter { $0 != 0 }
        #expect(String(decoding: text, as: UTF8.self).hasPrefix("F4T"))
        for (address, value) in [(6730, 15), (14080, 15), (1356, 61), (11288, 61), (11264, 138), (16568, 253)] {
            #expect(host.modbus(read(address, 1)) == [3, 2, 0, UInt8(value)], "register \(address)")
        }
        #expect(host.modbus(read(2730, 100))?.count == 202)
    }

    @Test func wrongRequestsGetTheirExceptions() {
        var host = Host()
        #expect(host.modbus([1, 0, 0, 0, 1]) == [0x81, 1])
        #expect(host.modbus([]) == [0x80, 1])
        #expect(host.modbus(read(900)) == [0x83, 2])
        #expect(host.modbus(read(2820, 0)) == [0x83, 3])
        #expect(host.modbus(read(2820, 126)) == [0x83, 3])
        #expect(host.modbus([3, 0x0b]) == [0x83, 3])
        #expect(host.modbus(write(2820, 1)) == [0x86, 2])
        #expect(host.modbus(writeFloat(2820, 1)) == [0x90, 2])
        #expect(host.modbus(write(2730, 77)) == [0x86, 3])
        #expect(host.modbus(writeFloat(2782, Float.nan)) == [0x90, 3])
        #expect(host.modbus(writeFloat(2782, 1000)) == [0x90, 3])
        #expect(host.modbus([16, 0x0a, 0xde, 0, 2, 4, 0, 0]) == [0x90, 3])
        // Half a float, at its start or at its end.
        #expect(host.modbus(write(2782, 1)) == [0x86, 2])
        #expect(host.modbus(write(2783, 1)) == [0x86, 2])
        #expect(float(host.modbus(read(2782))) == 25)
    }

    @Test func setPointLimitsAreKept() {
        var host = Host()
        #expect(host.modbus(writeFloat(2776, 150))?.first == 16)
        #expect(host.modbus(writeFloat(2782, 151)) == [0x90, 3])
        #expect(host.modbus(writeFloat(2774, 160)) == [0x90, 3])
    }

    @Test func mbapIsCutOutOfTheStreamAndEchoed() {
        var host = Host()
        let request: [UInt8] = [0x12, 0x34, 0, 0, 0, 6, 1] + read(2730, 1)
        for byte in request + request { host.send([byte], to: "heater") }
        let answer: [UInt8] = [0x12, 0x34, 0, 0, 0, 5, 1, 3, 2, 0, 62]
        #expect(host.receive().map(\.bytes) == [answer, answer])
    }

    @Test(arguments: [
        [0, 1, 0, 9, 0, 6, 1, 3, 0, 0, 0, 1], [0, 1, 0, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1, 1], [0, 1, 0, 0, 1, 4, 1, 3],
        [UInt8](repeating: 0xff, count: 300),
    ])
    func aBrokenHeaderClosesTheConnection(bytes: [UInt8]) {
        var host = Host()
        host.send(bytes, to: "heater")
        let outputs = host.receive()
        #expect(outputs.count == 1 && outputs[0].closes && outputs[0].bytes.isEmpty)
    }

    /// Over-temperature opens the contactor by the module's own sensor, and stays so until someone resets it.
    @Test func theLimitModuleCutsAStuckRelay() throws {
        var host = Host()
        try host.fault("heater", "heater_runaway")
        host.wait(bench: 1200)
        #expect(host.bench.plant.plate.plate < 206)
        #expect(host.modbus(read(11264, 1)) == [3, 2, 0, 32])
        try host.fault("heater", "limit_reset")
        #expect(host.modbus(read(11264, 1)) == [3, 2, 0, 138])
    }
}
