import Quantities
import Testing
import VirtualBench
import Wire

/// A request as a client of the protocol writes it.
func obp(_ message: UInt32, _ data: [UInt8] = [], flags: UInt8 = 0, md5Checked: Bool = false) -> [UInt8] {
    var frame: [UInt8] = [0xc1, 0xc0, 0x00, 0x11, flags, 0, 0, 0]
    frame += (0..<4).map { UInt8(truncatingIfNeeded: message >> (8 * $0)) }
    frame += [0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0, 0, 0, md5Checked ? 1 : 0, UInt8(data.count)]
    frame += data + [UInt8](repeating: 0, count: 16 - data.count) + [20, 0, 0, 0]
    frame += md5Checked ? md5(frame) : [UInt8](repeating: 0, count: 16)
    return frame + [0xc5, 0xc4, 0xc3, 0xc2]
}

func u32(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

extension Host {
    mutating func obp(_ frame: [UInt8], link: String = "spec_pl", within seconds: Double = 0.01) -> [UInt8] {
        send(frame, to: link)
        return receive(within: seconds).flatMap(\.bytes)
    }

    /// Lamp on, an integration time in force, and then one frame's counts.
    mutating func prepare(_ link: String, milliseconds: Int, lamp: Bool = true) {
        _ = obp(VirtualBenchTests.obp(0x110410, [lamp ? 1 : 0], flags: 4), link: link)
        _ = obp(VirtualBenchTests.obp(0x110010, u32(UInt32(milliseconds * 1000)), flags: 4), link: link)
        _ = spectrum(link, milliseconds: 10_000)
    }

    mutating func spectrum(_ link: String, milliseconds: Int) -> [UInt16] {
        send(VirtualBenchTests.obp(0x101000), to: link)
        let reply = receive(within: Double(milliseconds) / 1000 / rate + 0.002).flatMap(\.bytes)
        guard reply.count == 4200 else { return [] }
        return (0..<2068).map { UInt16(reply[44 + 2 * $0]) | UInt16(reply[45 + 2 * $0]) << 8 }
    }
}

func errorNumber(_ frame: [UInt8]) -> Int { frame.count >= 64 ? Int(frame[6]) : -1 }

@Suite struct OceanHDXTests {
    @Test func settingIsAcknowledgedByteForByte() {
        var host = Host()
        let acknowledgement =
            [0xc1, 0xc0, 0x00, 0x11, 0x03, 0, 0, 0, 0x10, 0, 0x11, 0, 0xde, 0xad, 0xbe, 0xef]
            + [UInt8](repeating: 0, count: 24) + [20, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
            + [0xc5, 0xc4, 0xc3, 0xc2]
        #expect(host.obp(obp(0x110010, u32(20_000), flags: 4)) == acknowledgement)
        #expect(host.obp(obp(0x110010, u32(20_000))) == [])
        #expect(Array(host.obp(obp(0x110000))[24..<28]) == u32(20_000))
    }

    /// Level and direction go pin by pin, under their mask; a pin that is no output drives nothing.
    @Test func pinsOfTheGPIO() {
        var host = Host()
        func pins(_ message: UInt32) -> [UInt8] { Array(host.obp(obp(message))[24..<28]) }
        #expect(Array(host.obp(obp(0x200000))[23...24]) == [1, 8])
        #expect(pins(0x200100) == u32(0) && pins(0x200300) == u32(0))
        #expect(errorNumber(host.obp(obp(0x200310, u32(0xff) + u32(0x0c), flags: 4))) == 0)
        #expect(pins(0x200300) == u32(0x0c))
        #expect(errorNumber(host.obp(obp(0x200310, u32(0) + u32(0x04), flags: 4))) == 0)
        #expect(pins(0x200300) == u32(0x08))
        #expect(errorNumber(host.obp(obp(0x200110, u32(0x08) + u32(0x08), flags: 4))) == 0)
        #expect(pins(0x200100) == u32(0x08))
        #expect(errorNumber(host.obp(obp(0x200110, u32(1), flags: 4))) == 5)
        #expect(errorNumber(host.obp(obp(0x200310, u32(0) + u32(0x100), flags: 4))) == 6)
    }

    @Test func questionsAreAnswered() {
        var host = Host()
        func data(_ message: UInt32, _ argument: [UInt8] = []) -> [UInt8] {
            let reply = host.obp(obp(message, argument))
            return Array(reply[24..<24 + Int(reply[23])])
        }
        #expect(String(decoding: data(0x100), as: UTF8.self) == "HDX00101")
        #expect(data(0x101) == [8])
        #expect(data(0xe01) == [0x03, 0x20])
        #expect(data(0x110001) == u32(6000))
        #expect(data(0x110002) == u32(10_000_000))
        #expect(data(0x110220) == u32(2068))
        #expect(data(0x180100) == [4])
        #expect(data(0x180101, [0]) == u32(Float(200).bitPattern))
        #expect(data(0x180101, [1]) == u32(Float(600.0 / 2067).bitPattern))
        #expect(data(0x110400) == [0])
        #expect(data(0x120000) == [1, 0])
    }

    @Test func md5IsAnsweredWithMD5() {
        var host = Host()
        let reply = host.obp(obp(0x100, md5Checked: true))
        #expect(reply.count == 64 && reply[22] == 1)
        #expect(Array(reply[44..<60]) == md5(reply[0..<44]))
        var wrong = obp(0x100, md5Checked: true)
        wrong[50] ^= 1
        #expect(errorNumber(host.obp(wrong)) == 3)
        _ = host.obp(obp(0x10, [1], flags: 4))
        let checked = host.obp(obp(0x100))
        #expect(Array(checked[44..<60]) == md5(checked[0..<44]))
    }

    @Test func whatCannotBeDoneIsRefused() {
        var host = Host()
        #expect(errorNumber(host.obp(obp(0x100980, u32(3)))) == 2)
        #expect(errorNumber(host.obp(obp(0x110010, u32(5999), flags: 4))) == 6)
        #expect(errorNumber(host.obp(obp(0x110010, u32(10_000_001), flags: 4))) == 6)
        #expect(errorNumber(host.obp(obp(0x110010, [1], flags: 4))) == 5)
        #expect(errorNumber(host.obp(obp(0x180101, [9]))) == 12)
        #expect(errorNumber(host.obp(obp(0x110110, [2], flags: 4))) == 6)
        var frame = obp(0x100)
        frame[3] = 0x20
        #expect(errorNumber(host.obp(frame)) == 1)
        frame = obp(0x100)
        frame[22] = 7
        #expect(errorNumber(host.obp(frame)) == 8)
        frame = obp(0x100)
        frame[40] = 3
        #expect(errorNumber(host.obp(frame)) == 5)
        frame[42] = 9
        #expect(errorNumber(host.obp(frame)) == 4)
        #expect(host.obp(obp(0x100)).count == 64)
    }

    /// Whatever stands before a frame, and however a frame is cut up, the frame is found.
    @Test func theStartMarkIsFoundAgain() {
        var host = Host()
        #expect(host.obp([0, 1, 0xc1, 2, 0xc1, 0xc1] + obp(0x101)).count == 64)
        var broken = obp(0x101)
        broken[63] = 0
        #expect(host.obp(broken + obp(0x101)).count == 64)
        for byte in obp(0x101) { host.send([byte], to: "spec_pl") }
        #expect(host.receive().flatMap(\.bytes).count == 64)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func noiseOnTheLinkHarmsNothing(seed: UInt64) {
        var generator = Generator(seed: seed)
        var host = Host(seed: seed)
        for _ in 0..<200 {
            var frame = obp(UInt32(truncatingIfNeeded: generator.next() % 0x200000), [1, 0, 0, 0])
            for _ in 0..<4 { frame[Int(generator.next() % 64)] = UInt8(truncatingIfNeeded: generator.next()) }
            host.send(frame, to: "spec_abs")
        }
        // Enough to push any false start out of the parser.
        host.send([UInt8](repeating: 0, count: 8300), to: "spec_abs")
        _ = host.receive(within: 11)
        let reply = host.obp(obp(0x101), link: "spec_abs", within: 11)
        #expect(reply.count >= 64, "seed \(seed)")
    }

    @Test func aFrameComesAfterItsIntegrationTimeOnTheBenchClock() {
        var host = Host(rate: 30)
        _ = host.obp(obp(0x110010, u32(3_000_000), flags: 4))
        _ = host.spectrum("spec_pl", milliseconds: 100)
        host.send(obp(0x101000), to: "spec_pl")
        #expect(host.receive(within: 0.099).isEmpty)
        let outputs = host.receive(within: 0.01)
        #expect(outputs.map(\.bytes.count) == [4200])
    }

    @Test func theFirstFrameStillHasTheOldIntegrationTime() {
        var host = Host()
        host.prepare("spec_abs", milliseconds: 20)
        let short = host.spectrum("spec_abs", milliseconds: 20)
        _ = host.obp(obp(0x110010, u32(40_000), flags: 4), link: "spec_abs")
        let late = host.spectrum("spec_abs", milliseconds: 40)
        let long = host.spectrum("spec_abs", milliseconds: 40)
        func light(_ pixels: [UInt16]) -> Double { pixels.map { Double($0) - 1500 }.reduce(0, +) }
        #expect(abs(light(late) / light(short) - 1) < 0.02)
        #expect(abs(light(long) / light(short) - 2) < 0.04)
    }

    @Test func withoutTheLampThereIsDarkOnly() {
        var host = Host()
        host.prepare("spec_abs", milliseconds: 100, lamp: false)
        let pixels = host.spectrum("spec_abs", milliseconds: 100).map { Double($0) }
        let mean = pixels.reduce(0, +) / 2068
        let spread = (pixels.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 2067).squareRoot()
        #expect(abs(mean - 1500) < 2)
        #expect(abs(spread - 18) < 1.5)
    }

    @Test func averagingTakesAsManyFramesAndLessNoise() {
        var host = Host()
        _ = host.obp(obp(0x120010, [16, 0], flags: 4))
        host.prepare("spec_pl", milliseconds: 10, lamp: false)
        let pixels = host.spectrum("spec_pl", milliseconds: 160).map { Double($0) }
        let mean = pixels.reduce(0, +) / 2068
        let spread = (pixels.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 2067).squareRoot()
        #expect(abs(spread - 18 / 4) < 0.5)
    }

    @Test func abortDropsWhatIsUnderWay() {
        var host = Host()
        _ = host.obp(obp(0x110010, u32(5_000_000), flags: 4))
        _ = host.obp(obp(0x101000))
        #expect(host.obp(obp(0x100000, flags: 4)).count == 64)
        #expect(host.receive(within: 12).isEmpty)
    }
}
