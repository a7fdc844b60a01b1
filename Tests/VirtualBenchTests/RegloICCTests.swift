import Testing
import VirtualBench

@Suite struct RegloICCTests {
    private static let link = "tubing_pump"

    /// Channels have their numbers and nobody speaks unasked.
    private func quiet() -> Host {
        var host = Host(with: Self.link)
        #expect(host.exchange("1~1\r1xE0\r", with: Self.link) == "**")
        return host
    }

    private func start(_ host: inout Host, flow: String, volume: String, channel: Int = 2) {
        for command in ["O", "f\(flow)", "v\(volume)"] { _ = host.exchange("\(channel)\(command)\r", with: Self.link) }
        #expect(host.exchange("\(channel)H\r", with: Self.link) == "*")
    }

    /// The start of the PyPI client, with CR LF.
    @Test func clientStarts() {
        var host = Host(with: Self.link)
        let said = [
            "@1\r", "1~\r\n", "1~1\r\n", "1xE0\r\n", "1xE\r\n", "1L\r\n", "1S001250\r\n", "1I\r\n", "1H\r\n", "1I\r\n",
        ]
        .map { host.exchange($0, with: Self.link) }
        #expect(said == ["*", "0\r\n", "*", "*", "0\r\n", "*", "*", "*", "*", "*"])
    }

    @Test func numbersComeBackAsTheyWereKept() {
        var host = quiet()
        #expect(host.exchange("1f1300-3\r", with: Self.link) == "1300E-3\r\n")
        #expect(host.exchange("1f\r", with: Self.link) == "1300E-3\r\n")
        #expect(host.exchange("2v1200+1\r2v\r1v\r", with: Self.link) == "1200E+1\r\n1200E+1\r\n0000E+0\r\n")
        #expect(host.exchange("3+0317\r3+\r3?\r", with: Self.link) == "*3.17 mm\r\n35.00 ml/min\r\n")
        #expect(host.exchange("4K\r4xD\r4xM\r", with: Self.link) == "*K\r\nL\r\n")
        for wrong in [
            "1f13000-3", "1f-1.5", "1fabcd+1", "1f", "1S999999999", "1+", "1xT-5", "1zz", "9H", "H", "1\u{7f}",
        ] {
            let reply = host.exchange(wrong + "\r", with: Self.link)
            #expect(reply == "#" || reply.hasSuffix("\r\n") || wrong == "9H" && reply.isEmpty, "\(wrong): \(reply)")
        }
        #expect(host.exchange("1f\r", with: Self.link) == "1300E-3\r\n", "what was refused changed nothing")
    }

    @Test func volumeAtRateStopsByItself() {
        var host = quiet()
        start(&host, flow: "1200+1", volume: "1000+0")
        #expect(host.exchange("2E\r", with: Self.link) == "+")
        #expect(host.exchange("2H\r", with: Self.link) == "#", "it runs already")
        #expect(host.truth(of: Self.link, "flow_2_ul_min") == 12_000)
        host.wait(bench: 4.2)
        #expect(host.exchange("2E\r1E\r", with: Self.link) == "--")
        #expect(host.truth(of: Self.link, "flow_2_ul_min") == 0)
        #expect(abs((host.truth(of: Self.link, "pumped_2_ul") ?? 0) - 1000) < 1e-6)
    }

    @Test func otherWayIsDrawnBack() {
        var host = quiet()
        _ = host.exchange("1K\r", with: Self.link)
        start(&host, flow: "6000+0", volume: "1000+0", channel: 1)
        #expect(host.truth(of: Self.link, "flow_1_ul_min") == -6000)
        #expect(host.exchange("1J\r1L\r", with: Self.link) == "##", "not while it runs")
        #expect(host.exchange("1I\r1E\r1I\r", with: Self.link) == "*-*")
    }

    @Test func cyclesPauseBetween() {
        var host = quiet()
        for command in ["Q", "f6000+0", "v1000-1", "xP00000020", "\"0002"] {
            _ = host.exchange("3\(command)\r", with: Self.link)
        }
        // One second each, two between.
        #expect(host.exchange("3H\r", with: Self.link) == "*")
        host.wait(bench: 1.4)
        #expect(host.exchange("3E\r", with: Self.link) == "+", "it pauses")
        host.wait(bench: 4)
        #expect(host.exchange("3E\r", with: Self.link) == "-")
        #expect(host.exchange("3\"0000\r3H\r3xe\r", with: Self.link) == "*-C 0\r\n")
    }

    @Test func itSaysWhyItDoesNotStart() {
        var host = quiet()
        #expect(host.exchange("1O\r1v1000+0\r1H\r1xe\r", with: Self.link) == "*1000E+0\r\n-R 27.11\r\n")
        #expect(host.exchange("1f3000+1\r1H\r1xe\r", with: Self.link) == "3000E+1\r\n-R 27.11\r\n")
        #expect(
            host.exchange("1f1000+0\r1v1000+5\r1H\r1xe\r", with: Self.link) == "1000E+0\r\n1000E+5\r\n-V 9999.00\r\n")
    }

    @Test func eventsComeUnaskedUntilTheyAreSwitchedOff() {
        var host = Host(with: Self.link)
        _ = host.exchange("1~1\r", with: Self.link)
        _ = host.exchange("4O\r4f6000+0\r4v1000-1\r", with: Self.link)
        #expect(host.exchange("4H\r", with: Self.link) == "*^U4|A|0|0|0\r\n")
        host.wait(bench: 2)
        #expect(host.exchange("4E\r", with: Self.link) == "^X4|A\r\n-")
        #expect(host.exchange("1xE0\r1H\r", with: Self.link) == "*-")
        host.wait(bench: 2)
        #expect(host.exchange("1xE\r", with: Self.link) == "0\r\n")
    }

    /// Until channel addressing is on, the number is the pump's, and a start is for all.
    @Test func withoutAddressingOneNumberMeansAllChannels() {
        var host = Host(with: Self.link)
        #expect(host.exchange("1xE0\r2E\r1L\r1S001000\r1H\r", with: Self.link) == "****", "nobody is number 2")
        #expect(host.truth(of: Self.link, "flow_4_ul_min") ?? 0 > 0)
        #expect(host.exchange("@3\r1E\r3E\r3I\r3E\r", with: Self.link) == "*+*-")
        #expect(host.exchange("3#\r3xA\r", with: Self.link) == "REGLO ICC 208 408\r\n4\r\n")
    }

    @Test func faults() throws {
        var host = quiet()
        start(&host, flow: "1000+0", volume: "1000+1")
        try host.fault(Self.link, "jammed")
        #expect(host.exchange("2E\r2H\r", with: Self.link) == "--")
        #expect(host.exchange("2xe\r", with: Self.link).hasPrefix("R "))
        try host.fault(Self.link, "clear")
        #expect(host.exchange("2H\r", with: Self.link) == "*")
        try host.fault(Self.link, "restart")
        #expect(host.exchange("2E\r", with: Self.link) == "", "the number is the pump's again")
        #expect(host.exchange("1E\r1~\r1xE\r1xM\r1f\r", with: Self.link) == "-0\r\n1\r\nL\r\n0000E+0\r\n")
    }

    @Test func piecesAndGarbage() {
        var host = quiet()
        for byte in "1xA\r\n".utf8 { host.send([byte], to: Self.link) }
        #expect(host.exchange("", with: Self.link) == "4\r\n")
        host.send([UInt8](repeating: 0x31, count: 100_000), to: Self.link)
        #expect(host.exchange("\r", with: Self.link) == "", "nobody writes such a request")
        host.send(Array("1x".utf8), to: Self.link)
        host.bench.disconnect(Self.link)
        #expect(host.exchange("1xA\r", with: Self.link) == "4\r\n", "half a request is gone with its connection")
    }
}
