import Testing
import VirtualBench
import Wire

@Suite struct DobotMagicianTests {
    private static func host() -> Host {
        var host = Host { $0.accessories = ["dobot"] }
        host.wait(bench: 0.2)
        return host
    }

    private static func frame(_ id: UInt8, _ control: UInt8, _ parameters: [UInt8] = []) -> [UInt8] {
        let body = [id, control] + parameters
        return [0xaa, 0xaa, UInt8(body.count)] + body + [0 &- body.reduce(0, &+)]
    }

    private static func move(_ x: Float, _ y: Float, _ z: Float) -> [UInt8] {
        frame(84, 3, [2] + [x, y, z, 0].flatMap { bytes($0) })
    }

    private static func bytes(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }

    private func ask(_ bytes: [UInt8], _ host: inout Host) -> [UInt8] {
        host.send(bytes, to: "dobot")
        return host.receive(within: 0.02).flatMap(\.bytes)
    }

    private func index(_ host: inout Host) -> UInt8 { ask(Self.frame(246, 0), &host)[5] }

    private func pose(_ host: inout Host) -> [Float] {
        let reply = ask(Self.frame(10, 0), &host)
        return (0..<4).map { index in
            Float(bitPattern: reply[(5 + 4 * index)..<(9 + 4 * index)].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }

    @Test func theFramesAreTheCapturedOnes() {
        #expect(Self.frame(10, 0) == [0xaa, 0xaa, 2, 0x0a, 0, 0xf6])
        #expect(Self.frame(240, 1) == [0xaa, 0xaa, 2, 0xf0, 1, 0x0f])
        #expect(Self.frame(245, 1) == [0xaa, 0xaa, 2, 0xf5, 1, 0x0a])
        #expect(
            Self.move(200, 0, 50) == [
                0xaa, 0xaa, 0x13, 0x54, 3, 2, 0, 0, 0x48, 0x43, 0, 0, 0, 0, 0, 0, 0x48, 0x42, 0, 0, 0, 0, 0x92,
            ])
    }

    @Test func itSaysWhoItIs() {
        var host = Self.host()
        #expect(ask(Self.frame(0, 0), &host) == Self.frame(0, 0, Array("DT2021000001".utf8)))
        #expect(ask(Self.frame(1, 0), &host) == Self.frame(1, 0, Array("Magician".utf8)))
        #expect(ask(Self.frame(20, 0), &host) == Self.frame(20, 0, [UInt8](repeating: 0, count: 16)))
        #expect(pose(&host) == [220, 0, 80, 0])
        #expect(ask(Self.frame(99, 0), &host) == [])
    }

    @Test func whatIsNoFrameIsSkipped() {
        var host = Self.host()
        let question = Self.frame(1, 0)
        let answer = Self.frame(1, 0, Array("Magician".utf8))
        #expect(ask([0xaa, 1, 2, 3] + question + [0xaa, 0xaa, 2, 1, 0, 7] + question, &host) == answer + answer)
        for byte in question.dropLast() { #expect(ask([byte], &host) == []) }
        #expect(ask(question.suffix(1), &host) == answer)
        #expect(ask(Self.frame(84, 3, [2, 0]), &host) == [], "a move without its target")
        #expect(ask(Self.frame(84, 3, [2] + [UInt8](repeating: 0xff, count: 16)), &host) == [], "to nowhere")
    }

    @Test func itWorksThroughItsQueue() {
        var host = Self.host()
        #expect(ask(Self.move(200, 0, 80), &host) == Self.frame(84, 3, [1, 0, 0, 0, 0, 0, 0, 0]))
        #expect(ask(Self.move(200, 0, -20), &host)[5] == 2)
        #expect(ask(Self.frame(63, 3, [1, 1]), &host)[5] == 3)
        #expect(ask(Self.move(200, 0, 80), &host)[5] == 4)
        host.wait(bench: 5)
        #expect(index(&host) == 0, "the queue stands")
        #expect(ask(Self.frame(240, 1), &host) == Self.frame(240, 1))
        host.wait(bench: 0.7)
        let half = pose(&host)
        #expect(half[0] == 200 && half[2] < 80 && half[2] > -20, "100 mm/s")
        #expect(index(&host) == 1)
        host.wait(bench: 2.3)
        #expect(index(&host) == 4)
        #expect(host.bench.table.cuvettes[11] == nil)
        #expect(host.bench.drainTruth().last?.accessories["dobot"]?["holding"] == .integer(2))
        for step in [
            Self.move(150, 150, 80), Self.move(150, 150, -20), Self.frame(63, 3, [1, 0]), Self.move(150, 150, 80),
        ] { _ = ask(step, &host) }
        host.wait(bench: 6)
        #expect(index(&host) == 8)
        #expect(host.bench.table.cuvettes[12]?.number == 2)
    }

    @Test func aStopLetsTheMotionEnd() {
        var host = Self.host()
        _ = ask(Self.move(220, 0, 0) + Self.move(220, 0, 80) + Self.frame(240, 1), &host)
        host.wait(bench: 0.2)
        #expect(ask(Self.frame(241, 1) + Self.frame(245, 1), &host) == Self.frame(241, 1) + Self.frame(245, 1))
        host.wait(bench: 5)
        #expect(pose(&host)[2] == 0 && index(&host) == 1)
        _ = ask(Self.frame(240, 1), &host)
        host.wait(bench: 5)
        #expect(pose(&host)[2] == 0, "what was cleared is gone")
    }

    @Test func itStandsInAnAlarmAndDropsWhatFalls() throws {
        var host = Self.host()
        _ = ask(
            Self.move(200, 0, -20) + Self.frame(63, 3, [1, 1]) + Self.move(220, 0, 80) + Self.frame(240, 1), &host)
        host.wait(bench: 4)
        try host.fault("dobot", "alarm")
        #expect(ask(Self.frame(20, 0), &host)[5] != 0)
        _ = ask(Self.move(220, 50, 80), &host)
        host.wait(bench: 4)
        #expect(pose(&host)[1] == 0)
        try host.fault("dobot", "clear")
        host.wait(bench: 4)
        #expect(pose(&host)[1] == 50)
        try host.fault("dobot", "drop_cuvette")
        host.wait(bench: 0.2)
        #expect(host.bench.table.dropped == 1)
    }
}
