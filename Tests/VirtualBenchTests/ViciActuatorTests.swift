import Testing
import VirtualBench
import Wire

@Suite struct ViciActuatorTests {
    private func host() -> Host { Host { $0.accessories = ["feed_valve", "reagent_selector"] } }

    @Test func aTwoPositionValveTakesItsTimeAndLeadsTheLoop() {
        var host = host()
        #expect(host.vici("CP") == "CPA\r")
        #expect(host.vici("GOB") == "")
        #expect(host.vici("CP") == "CPA\r")
        #expect(!host.bench.plant.isLoopInline)
        host.wait(bench: 0.4)
        #expect(host.vici("CP") == "CPB\r")
        #expect(host.bench.plant.isLoopInline)
        #expect(host.vici("CW") == "")
        host.wait(bench: 0.4)
        #expect(host.vici("CP") == "CPA\r")
        #expect(!host.bench.plant.isLoopInline)
    }

    @Test func actionsAreEchoedWhenAskedFor() {
        var host = host()
        _ = host.vici("IFM1")
        #expect(host.vici("GOB") == "GOB\r")
        host.wait(bench: 0.4)
        #expect(host.vici("GOB") == "")
        #expect(host.vici("GOC") == "")
        #expect(host.vici("GO2") == "")
        #expect(host.vici("CC5") == "")
        #expect(host.vici("HM") == "")
        #expect(host.vici("TO") == "TO\r")
        host.wait(bench: 0.4)
        #expect(host.vici("CP") == "CPA\r")
        #expect(host.vici("GO") == "GO\r")
        #expect(host.vici("IFM0") == "")
        #expect(host.vici("GOA") == "")
    }

    @Test func whatItDoesNotKnowItLeavesWithoutAnAnswer() {
        var host = host()
        for command in ["", "cp", "XY", "CPX", "NP7", "NP42", "AM4", "IFM3", "LG2", "IDab", "ID?", "CNT70000", "GO-1"] {
            #expect(host.vici(command) == "", "\(command)")
        }
        #expect(host.vici("AM") == "AM1\r")
        #expect(host.vici("ID") == "ID = not used\r")
        #expect(host.vici("VR") == "I-PD-EDF56RC.7\r08/19/2010\r")
    }

    @Test func aSelectorGoesTheShortestWayAndCounts() {
        var host = host()
        func selector(_ command: String) -> String { host.vici(command, link: "reagent_selector") }
        #expect(selector("CP") == "Position is  = 1\r")
        #expect(selector("NP") == "NP = 10\r")
        #expect(selector("GO9") == "")
        host.wait(bench: 0.4)
        #expect(selector("CP") == "Position is  = 9\r")
        #expect(selector("CNT") == "CNT = 2\r")
        #expect(selector("CW3") == "")
        host.wait(bench: 0.4)
        #expect(selector("CNT") == "CNT = 6\r")
        _ = selector("CC")
        host.wait(bench: 0.4)
        _ = selector("LG0")
        #expect(selector("CP") == "CP02\r")
        _ = selector("GO11")
        _ = selector("HM")
        host.wait(bench: 0.4)
        #expect(selector("CP") == "CP01\r")
        _ = selector("CC")
        host.wait(bench: 0.4)
        #expect(selector("CP") == "CP10\r")
        #expect(selector("NP8") == "")
        #expect(selector("NP") == "NP10\r")
        #expect(selector("NP12") == "")
        _ = selector("GO")
        host.wait(bench: 0.4)
        #expect(selector("CP") == "CP11\r")
        _ = selector("CNT0")
        #expect(selector("CNT") == "CNT0\r")
        _ = selector("AM1")
        #expect(selector("CP") == "CPB\r")
        #expect(selector("AM") == "AM1\r")
    }

    @Test func anAddressMustStandInFront() {
        var host = host()
        _ = host.vici("ID5")
        #expect(host.vici("CP") == "")
        #expect(host.vici("6CP") == "")
        #expect(host.vici("5CP") == "CPA\r")
        #expect(host.vici("/5CP") == "CPA\r")
        #expect(host.vici("5ID") == "ID5\r")
        #expect(host.vici("*GOB") == "")
        host.wait(bench: 0.4)
        #expect(host.vici("5CP") == "CPB\r")
        #expect(host.vici("*ID*") == "")
        #expect(host.vici("CP") == "CPB\r")
        _ = host.vici("IDZ")
        _ = host.vici("ZID*")
        #expect(host.vici("CP") == "CPB\r")
    }

    @Test func linesComeInPiecesTogetherAndWithNoise() {
        var host = host()
        host.send(Array("C".utf8), to: "feed_valve")
        #expect(host.receive().isEmpty)
        host.send(Array("P\rNP\r\nAM\r".utf8), to: "feed_valve")
        let replies = host.receive()
        #expect(replies.map { String(decoding: $0.bytes, as: UTF8.self) } == ["CPA\r", "NP06\r", "AM1\r"])
        #expect(zip(replies, replies.dropFirst()).allSatisfy { $0.due < $1.due })
        host.send([UInt8](repeating: 0x43, count: 100_000), to: "feed_valve")
        #expect(host.vici("P") == "")
        #expect(host.vici("\u{0}\u{7f}CP") == "")
        #expect(host.vici("CP") == "CPA\r")
        host.send(Array("GO".utf8), to: "feed_valve")
        host.bench.disconnect("feed_valve")
        #expect(host.vici("CP") == "CPA\r")
    }

    @Test func aStuckValveStays() throws {
        var host = host()
        try host.fault("feed_valve", "stuck")
        _ = host.vici("GOB")
        host.wait(bench: 10)
        #expect(host.vici("CP") == "CPA\r")
        #expect(host.vici("CNT") == "CNT0\r")
        try host.fault("feed_valve", "clear")
        host.wait(bench: 1)
        #expect(host.vici("CP") == "CPA\r")
        _ = host.vici("GOB")
        host.wait(bench: 0.4)
        #expect(host.vici("CP") == "CPB\r")
    }

    @Test func aSlowOneComesLate() throws {
        var host = host()
        try host.fault("feed_valve", "slow_move", value: 4)
        _ = host.vici("GOB")
        host.wait(bench: 3.5)
        #expect(host.vici("CP") == "CPA\r")
        host.wait(bench: 0.6)
        #expect(host.vici("CP") == "CPB\r")
    }

    @Test func oneShortIsSeen() throws {
        var host = host()
        try host.fault("reagent_selector", "wrong_position")
        _ = host.vici("GO4", link: "reagent_selector")
        host.wait(bench: 0.4)
        #expect(host.vici("CP", link: "reagent_selector") == "Position is  = 3\r")
        _ = host.vici("GO10", link: "reagent_selector")
        host.wait(bench: 0.4)
        #expect(host.vici("CP", link: "reagent_selector") == "Position is  = 1\r")
        try host.fault("feed_valve", "wrong_position")
        _ = host.vici("GOB")
        host.wait(bench: 0.4)
        #expect(host.vici("CP") == "CPA\r")
    }

    @Test func theTruthLogShowsTheMove() throws {
        var host = host()
        _ = host.bench.drainTruth()
        _ = host.vici("GOB")
        host.wait(bench: 0.5)
        let shown = host.bench.drainTruth().filter { $0.cause == .accessories }.map { $0.accessories["feed_valve"] }
        let states: [JSONValue] = [
            .object(["position": .integer(1), "moving": .bool(true), "cycles": .integer(0)]),
            .object(["position": .integer(2), "moving": .bool(false), "cycles": .integer(1)]),
        ]
        #expect(shown == states)
    }
}

extension Host {
    /// One line to a VICI actuator; what it says within a tenth of a second.
    mutating func vici(_ command: String, link: String = "feed_valve") -> String {
        send(Array((command + "\r").utf8), to: link)
        return receive(within: 0.02).map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }
}
