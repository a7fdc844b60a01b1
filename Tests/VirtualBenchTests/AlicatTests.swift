import Testing
import VirtualBench

@Suite struct AlicatTests {
    private static let link = "gas"

    private func frame(_ host: inout Host, _ command: String = "A") -> [Substring] {
        host.exchange(command + "\r", with: Self.link).split { $0 == " " || $0 == "\r" }
    }

    @Test func frameFollowsItsLayout() {
        var host = Host(with: Self.link)
        #expect(host.exchange("A\r", with: Self.link) == "A +044.10 +021.90 +000.00 +000.00 +000.00     N2\r")
        let layout = host.exchange("a??d*\r", with: Self.link).split(separator: "\r", omittingEmptySubsequences: false)
        #expect(layout.count == 24 && layout.suffix(2) == ["", ""], "a head, 21 rows, an empty line")
        #expect(layout[0].hasPrefix("A D00 ID_ NAME__"))
        #expect(layout[6] == "A D06 037 Mass Flow Setpt            s decimal     7/2 012 02 SCCM")
        #expect(layout[7] == "A D07 703 Gas                        string          6")
        #expect(host.exchange("A??M*\r", with: Self.link).contains("Model Number MC-500SCCM-D\r"))
        #expect(host.exchange("AVE\r", with: Self.link).hasPrefix("A   10v20"))
    }

    @Test func flowFollowsTheSetPoint() {
        var host = Host(with: Self.link)
        #expect(frame(&host, "AS12.50")[5] == "+012.50")
        host.wait(bench: 0.2)
        let early = Double(frame(&host)[4]) ?? 0
        #expect((5...10).contains(early), "a lag of 0.3 s: \(early)")
        host.wait(bench: 3)
        #expect(frame(&host)[4] == "+012.50")
        #expect(host.exchange("ALS 100\r", with: Self.link) == "A +100.00 +100.00 12 SCCM\r")
        #expect(frame(&host, "as700")[5] == "+500.00", "cut without a word")
        #expect(frame(&host, "AS-3")[5] == "+000.00")
        #expect(frame(&host, "A32000")[5] == "+250.00", "digits alone are a share of 64000")
    }

    @Test func holdsStayUntilTheyAreCancelled() {
        var host = Host(with: Self.link)
        _ = host.exchange("AS200\r", with: Self.link)
        host.wait(bench: 6)
        #expect(frame(&host, "AHC").last == "HLD")
        host.wait(bench: 6)
        #expect(frame(&host).suffix(4) == ["+000.00", "+200.00", "N2", "HLD"])
        #expect(host.truth(of: Self.link, "flow_ml_min") == 0)
        #expect(frame(&host, "AC").last == "N2")
        host.wait(bench: 6)
        #expect(frame(&host, "AHP").suffix(4) == ["+200.00", "+200.00", "N2", "HLD"])
        _ = host.exchange("AS0\r", with: Self.link)
        host.wait(bench: 6)
        #expect(frame(&host)[4] == "+200.00", "the valve is held where it is")
        #expect(frame(&host, "A$$C").last == "N2")
    }

    @Test func gasAndWhatIsNotUnderstood() {
        var host = Host(with: Self.link)
        #expect(frame(&host, "AG4").last == "CO2")
        #expect(host.exchange("AGS 8\r", with: Self.link) == "A 8 N2 Nitrogen\r")
        for wrong in ["AQQ", "AG99", "AGS 99", "ASx", "ASnan", "AS1e300", "ALS x", "A-5"] {
            #expect(host.exchange(wrong + "\r", with: Self.link) == "?\r", "\(wrong)")
        }
        #expect(host.exchange("B\r", with: Self.link) == "", "another unit")
        #expect(host.exchange("\r\r", with: Self.link) == "")
        #expect(frame(&host)[5] == "+000.00")
    }

    @Test func faults() throws {
        var host = Host(with: Self.link)
        _ = host.exchange("AS200\r", with: Self.link)
        try host.fault(Self.link, "gas_supply_lost")
        host.wait(bench: 3)
        #expect(frame(&host) == ["A", "+014.70", "+021.90", "+000.00", "+000.00", "+200.00", "N2"])
        try host.fault(Self.link, "clear")
        try host.fault(Self.link, "valve_leak", value: 7)
        _ = host.exchange("AS0\rAHC\r", with: Self.link)
        host.wait(bench: 4)
        #expect(frame(&host)[4] == "+007.00")
        #expect(host.truth(of: Self.link, "flow_ml_min") == 7)
        try host.fault(Self.link, "overload")
        #expect(frame(&host).suffix(4) == ["+000.00", "N2", "HLD", "MOV"])
    }

    @Test func piecesAndGarbage() {
        var host = Host(with: Self.link)
        for byte in "AV".utf8 { host.send([byte], to: Self.link) }
        #expect(host.exchange("E\rAVE\r", with: Self.link).split(separator: "\r").count == 2)
        host.send([UInt8](repeating: 0x41, count: 100_000), to: Self.link)
        #expect(host.exchange("\r", with: Self.link) == "")
        #expect(frame(&host).count == 7)
    }
}
