import Testing
import VirtualBench
import Wire

@Suite struct RunzeValveTests {
    private func host() -> Host { Host { $0.accessories = ["outlet_valve"] } }

    /// The frames that flowchem sends to address 1 and 0.
    @Test func framesAreTheVendors() {
        #expect(runze(0x44, 3) == [0xcc, 0x01, 0x44, 0x03, 0x00, 0xdd, 0xf1, 0x01])
        #expect(runze(0x3e) == [0xcc, 0x01, 0x3e, 0x00, 0x00, 0xdd, 0xe8, 0x01])
        #expect(runze(0x49, address: 0) == [0xcc, 0x00, 0x49, 0x00, 0x00, 0xdd, 0xf2, 0x01])
        var host = host()
        host.send(runze(0x3e), to: "outlet_valve")
        #expect(host.receive().map(\.bytes) == [[0xcc, 0x01, 0x00, 0x01, 0x00, 0xdd, 0xab, 0x01]])
    }

    @Test func itTurnsTheShortestWayAndIsBusyMeanwhile() {
        var host = host()
        #expect(host.runze(0x4a)?.status == 0)
        #expect(host.runze(0x44, 3)?.status == 0xfe)
        #expect(host.runze(0x4a)?.status == 4)
        #expect(host.runze(0x3e)?.status == 4)
        #expect(host.runze(0x44, 2)?.status == 4)
        host.wait(bench: 0.6)
        #expect(host.runze(0x4a)?.status == 4)
        host.wait(bench: 0.2)
        #expect(host.runze(0x4a)?.status == 0)
        #expect(host.runze(0x3e) == RunzeReply(status: 0, value: 3))
        _ = host.runze(0x44, 1)
        host.wait(bench: 0.9)
        _ = host.runze(0x44, 6)
        host.wait(bench: 0.5)
        #expect(host.runze(0x3e) == RunzeReply(status: 0, value: 6))
        #expect(host.runze(0x44, 6)?.status == 0xfe)
        #expect(host.runze(0x4a)?.status == 0)
    }

    @Test func theOutletIsBlockedButForWasteAndFiller() {
        var host = host()
        host.run("pfo", microlitersPerMinute: 600)
        host.wait(bench: 10)
        #expect(!host.bench.plant.isOutletBlocked && host.bench.plant.pressure < 100)
        _ = host.runze(0x44, 2)
        host.wait(bench: 0.2)
        #expect(host.bench.plant.isOutletBlocked)
        host.wait(bench: 0.4)
        #expect(!host.bench.plant.isOutletBlocked)
        let before = host.bench.table.spilled
        let flow = host.bench.plant.totalFlow
        host.wait(bench: 10)
        #expect(flow > 9 && abs(host.bench.table.spilled - before - 10 * flow) < 0.3 * flow)
        _ = host.runze(0x44, 4)
        host.wait(bench: 1.2)
        #expect(host.bench.plant.isOutletBlocked)
        let spilled = host.bench.table.spilled
        host.wait(bench: 3)
        #expect(host.bench.plant.pressure > 1000 && host.bench.table.spilled == spilled)
        _ = host.runze(0x44, 1)
        host.wait(bench: 2)
        #expect(!host.bench.plant.isOutletBlocked && host.bench.table.spilled == spilled)
    }

    @Test func wrongFramesAndParametersAreTold() {
        var host = host()
        #expect(host.runze(0x44, 7)?.status == 2)
        #expect(host.runze(0x44, 0)?.status == 2)
        #expect(host.runze(0x44, 0x103)?.status == 2)
        #expect(host.runze(0x42, 100)?.status == 0xff)
        #expect(host.answers([0xcc, 0x01, 0x3e, 0x00, 0x00, 0xdd, 0xe9, 0x01]).first?.status == 1)
        #expect(host.answers([0xcc, 0x01, 0x3e, 0x00, 0x00, 0xdc, 0xe7, 0x01]).first?.status == 1)
        #expect(host.answers(runze(0x3e, address: 2)).isEmpty)
        #expect(host.answers(runze(0x3e, address: 0)).isEmpty)
        #expect(host.runze(0x20) == RunzeReply(status: 0, value: 1))
        #expect(host.runze(0x27)?.status == 0)
        #expect(host.runze(0x2b)?.status == 0)
    }

    @Test func piecesNoiseAndManyAtOnce() {
        var host = host()
        let frame = runze(0x3e)
        #expect(host.answers(Array(frame.prefix(5))).isEmpty)
        #expect(host.answers(Array(frame.dropFirst(5))) == [RunzeReply(status: 0, value: 1)])
        #expect(host.answers([0x00, 0xff] + frame + [0x0d] + frame).count == 2)
        #expect(host.answers([UInt8](repeating: 0x55, count: 100_000)).isEmpty)
        #expect(host.runze(0x3e)?.value == 1)
        #expect(host.answers(Array(frame.prefix(5))).isEmpty)
        host.bench.disconnect("outlet_valve")
        #expect(host.runze(0x3e)?.value == 1)
    }

    @Test func aFactoryFrameSetsTheAddress() {
        var host = host()
        var frame: [UInt8] = [0xcc, 0x01, 0x00, 0xff, 0xee, 0xbb, 0xaa, 0x07, 0, 0, 0, 0xdd]
        let sum = frame.reduce(0) { $0 + Int($1) }
        frame += [UInt8(sum & 0xff), UInt8(sum >> 8)]
        #expect(host.answers(frame) == [RunzeReply(status: 0, value: 0)])
        #expect(host.runze(0x3e) == nil)
        #expect(host.answers(runze(0x20, address: 7)) == [RunzeReply(status: 0, value: 7)])
        frame[1] = 7
        frame[2] = 1
        #expect(host.answers(frame).first?.status == 1)
    }

    @Test func stoppedBetweenPortsItIsNowhere() {
        var host = host()
        _ = host.runze(0x44, 4)
        host.wait(bench: 0.3)
        #expect(host.runze(0x49)?.status == 0)
        #expect(host.runze(0x4a)?.status == 6)
        #expect(host.runze(0x3e)?.status == 6)
        #expect(host.bench.plant.isOutletBlocked)
        _ = host.runze(0x44, 1)
        host.wait(bench: 2.5)
        #expect(host.runze(0x3e) == RunzeReply(status: 0, value: 1))
        #expect(host.runze(0x49)?.status == 0)
        #expect(host.runze(0x3e)?.value == 1)
    }

    @Test func homeConnectsNothing() {
        var host = host()
        #expect(host.runze(0x45)?.status == 0xfe)
        host.wait(bench: 0.5)
        #expect(host.runze(0x4a)?.status == 0)
        #expect(host.runze(0x3e)?.status == 6)
        #expect(host.bench.plant.isOutletBlocked)
    }

    @Test func aStallStaysUntilItMoves() throws {
        var host = host()
        try host.fault("outlet_valve", "stuck")
        #expect(host.runze(0x44, 3)?.status == 0xfe)
        host.wait(bench: 0.5)
        #expect(host.runze(0x4a)?.status == 4)
        host.wait(bench: 0.5)
        #expect(host.runze(0x4a)?.status == 5)
        #expect(host.runze(0x3e) == RunzeReply(status: 0, value: 1))
        try host.fault("outlet_valve", "clear")
        host.wait(bench: 10)
        #expect(host.runze(0x4a)?.status == 5)
        _ = host.runze(0x44, 3)
        host.wait(bench: 1)
        #expect(host.runze(0x4a)?.status == 0)
        #expect(host.runze(0x3e)?.value == 3)
    }

    @Test func aLostPositionIsFoundByAMove() throws {
        var host = host()
        try host.fault("outlet_valve", "lost_position")
        #expect(host.runze(0x4a)?.status == 6)
        #expect(host.runze(0x3e)?.status == 6)
        #expect(!host.bench.plant.isOutletBlocked)
        _ = host.runze(0x44, 2)
        host.wait(bench: 3)
        #expect(host.runze(0x3e)?.status == 6)
        try host.fault("outlet_valve", "clear")
        #expect(host.runze(0x3e)?.status == 6)
        _ = host.runze(0x44, 1)
        host.wait(bench: 3)
        #expect(host.runze(0x3e) == RunzeReply(status: 0, value: 1))
        #expect(host.runze(0x4a)?.status == 0)
    }
}

/// What a Runze valve answered: its status and its number.
struct RunzeReply: Equatable {
    let status: UInt8
    let value: UInt16
}

/// A common frame.
func runze(_ function: UInt8, _ value: UInt16 = 0, address: UInt8 = 1) -> [UInt8] {
    let frame = [0xcc, address, function, UInt8(value & 0xff), UInt8(value >> 8), 0xdd]
    let sum = frame.reduce(0) { $0 + Int($1) }
    return frame + [UInt8(sum & 0xff), UInt8(sum >> 8)]
}

extension Host {
    mutating func runze(_ function: UInt8, _ value: UInt16 = 0) -> RunzeReply? {
        let frame = VirtualBenchTests.runze(function, value)
        return answers(frame).first
    }

    /// The whole frames that come back; a wrong one makes the list empty.
    mutating func answers(_ bytes: [UInt8]) -> [RunzeReply] {
        send(bytes, to: "outlet_valve")
        let frames = receive(within: 0.03).map(\.bytes)
        let areRight = frames.allSatisfy { frame in
            let sum = frame.prefix(6).reduce(0) { $0 + Int($1) }
            return frame.count == 8 && frame[0] == 0xcc && frame[5] == 0xdd && Int(frame[6]) == sum & 0xff
                && Int(frame[7]) == sum >> 8
        }
        return areRight ? frames.map { RunzeReply(status: $0[2], value: UInt16($0[3]) | UInt16($0[4]) << 8) } : []
    }
}
