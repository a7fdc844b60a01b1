import Quantities
import Testing
import VirtualBench

@Suite struct ModbusSerialTests {
    /// Frames of other programs and of real controllers.
    static let golden: [[UInt8]] = [
        [0x01, 0x03, 0x0b, 0x04, 0x00, 0x02, 0x87, 0xee],
        [0x01, 0x10, 0x0a, 0xde, 0x00, 0x02, 0x04, 0x00, 0x00, 0x41, 0xc8, 0x30, 0x19],
        [0x01, 0x06, 0x0a, 0xaa, 0x00, 0x3e, 0x2b, 0xe2],
        [0x01, 0x83, 0x02, 0xc0, 0xf1],
    ]

    @Test(arguments: golden) func checkSumsAreThoseOfOthers(_ frame: [UInt8]) {
        #expect(ModbusRTUServer.frame(frame[0], Array(frame[1..<frame.count - 2])) == frame)
        #expect(modbusCheckSum(frame) == 0)
    }

    /// The check value of CRC-16/MODBUS.
    @Test func theCheckValueOfTheStandard() { #expect(modbusCheckSum("123456789".utf8) == 0x4b37) }

    @Test func theHeaterAnswersBySerialLine() {
        var line = SerialHost()
        let reply = line.ask(Self.golden[0])
        #expect(modbusCheckSum(reply) == 0)
        #expect(abs(float(Array(reply.dropFirst().dropLast(2))) - 25) < 0.5)
        #expect(line.ask(Self.golden[1]) == ModbusRTUServer.frame(1, [16, 0x0a, 0xde, 0, 2]))
        #expect(float(line.host.modbus(read(2782))) == 25)
        #expect(line.ask(Self.golden[2]) == Self.golden[2])
        #expect(line.ask(ModbusRTUServer.frame(1, read(900))) == Self.golden[3])
    }

    @Test func whatIsForOthersGetsNoAnswer() {
        var line = SerialHost()
        for unit in [0, 2, 247, 255] as [UInt8] {
            #expect(line.ask(ModbusRTUServer.frame(unit, writeFloat(2782, 99))) == [])
        }
        #expect(float(line.host.modbus(read(2782))) == 25)
        #expect(line.ask(Self.golden[2]) == Self.golden[2])
    }

    @Test func aWrongCheckSumIsSilenceUntilThereIsSilence() {
        var line = SerialHost()
        for index in Self.golden[0].indices {
            var frame = Self.golden[0]
            frame[index] ^= 0x10
            #expect(line.ask(frame) == [])
        }
        // Without a pause the next frame belongs to the bad one.
        line.host.send([1, 3, 11, 4, 0, 2, 0, 0] + Self.golden[2], to: "heater")
        line.host.wait(wire: 0.01)
        line.host.send(Self.golden[2], to: "heater")
        #expect(line.host.receive() == [])
        #expect(line.ask(Self.golden[2]) == Self.golden[2])
    }

    @Test func aFrameMayComeInPieces() {
        var line = SerialHost()
        for byte in Self.golden[1].dropLast() {
            line.host.send([byte], to: "heater")
            #expect(line.host.receive(within: 0.01) == [])
        }
        #expect(line.ask([0x19]) == ModbusRTUServer.frame(1, [16, 0x0a, 0xde, 0, 2]))
        // A pause within it spoils it.
        line.host.send(Array(Self.golden[2][..<5]), to: "heater")
        #expect(line.host.receive() == [])
        #expect(line.ask(Array(Self.golden[2][5...])) == [])
        #expect(line.ask(Self.golden[2]) == Self.golden[2])
    }

    @Test func anUnknownFunctionIsAnException() {
        var line = SerialHost()
        #expect(line.ask(ModbusRTUServer.frame(1, [0x2b, 0x0e, 1, 0])) == ModbusRTUServer.frame(1, [0xab, 1]))
        #expect(line.ask(ModbusRTUServer.frame(1, [1, 0, 0, 0, 1])) == ModbusRTUServer.frame(1, [0x81, 1]))
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func noiseIsNeverAnswered(seed: UInt64) {
        print("noise on a serial line, seed \(seed)")
        var generator = SplitMix(seed: seed)
        var line = SerialHost()
        for _ in 0..<2000 {
            let noise = (0..<Int(generator.next() % 300)).map { _ in UInt8(generator.next() >> 56) }
            #expect(line.ask([1] + noise) == [])
        }
        #expect(line.ask(Self.golden[2]) == Self.golden[2])
    }

    @Test func faultsDamageWholeFrames() throws {
        var line = SerialHost()
        try line.host.fault("heater", "duplicate", for: 1)
        #expect(line.ask(Self.golden[2]) == Self.golden[2] + Self.golden[2])
        line.host.wait(bench: 2)
        try line.host.fault("heater", "corrupt", for: 1)
        #expect(modbusCheckSum(line.ask(Self.golden[2])) != 0)
        line.host.wait(bench: 2)
        try line.host.fault("heater", "mute", for: 1)
        #expect(line.ask(Self.golden[2]) == [])
    }
}

/// A master on the heater's serial line; each question comes after a pause.
private struct SerialHost {
    var host = Host { $0.heaterLink = .rtu }

    mutating func ask(_ bytes: [UInt8]) -> [UInt8] {
        host.send(bytes, to: "heater")
        return host.receive().flatMap(\.bytes)
    }
}

/// Chance from a seed.
private struct SplitMix {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
