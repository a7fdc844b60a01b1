import Testing
import VirtualBench

@Suite struct DC4100Tests {
    private static let link = "led"

    private func ask(_ host: inout Host, _ text: String) -> String { host.exchange(text + "\r\n", with: Self.link) }

    @Test func onlyQuestionsAreAnswered() {
        var host = Host(with: Self.link)
        #expect(ask(&host, "n?") == "DC4100\r\n")
        #expect(ask(&host, "H?") == "Thorlabs\r\n")
        #expect(ask(&host, "M 1") == "")
        #expect(ask(&host, "m?") == "1\r\n")
        #expect(host.exchange("BP 1 25.000000\nbp? 1\nO 1 1\nO? 1\nO? 0\n", with: Self.link) == "25.0\r\n1\r\n0\r\n")
        #expect(host.truth(of: Self.link, "light_2_pct") == 25)
        #expect(ask(&host, "WL? 1") == "470\r\n")
        #expect(ask(&host, "E?") == "Error 0: No error\r\n")
        #expect(ask(&host, "O -1 0") == "")
        #expect(host.truth(of: Self.link, "light_2_pct") == 0)
    }

    @Test func whatIsWrongIsAnErrorAndChangesNothing() {
        var host = Host(with: Self.link)
        for wrong in [
            "BP 0 101", "BP 0 nan", "BP 4 10", "BP 0", "O 0 2", "O 7 1", "M 3", "SM 2", "QQ 1", "BP? 9", "O?",
            "CC 0 2000",
        ] {
            #expect(ask(&host, wrong) == "", "\(wrong)")
            #expect(ask(&host, "E?").hasPrefix("Error ") && ask(&host, "E?") == "Error 0: No error\r\n", "\(wrong)")
        }
        #expect(ask(&host, "BP? 0") == "0.0\r\n" && ask(&host, "M?") == "0\r\n")
        #expect(host.exchange("\n\n\n", with: Self.link) == "")
    }

    @Test func singleSelectionAndLocks() {
        var host = Host(with: Self.link)
        #expect(host.exchange("SM 1\nO 0 1\nO 1 1\nO? 0\nO? 1\n", with: Self.link) == "0\r\n1\r\n")
        #expect(host.exchange("SM 0\nA 2 1\nO 2 1\nO? 2\nO 3 1\nO? 3\n", with: Self.link) == "0\r\n1\r\n")
    }

    @Test func faults() throws {
        var host = Host(with: Self.link)
        _ = host.exchange("M 1\nBP 0 50\nBP 2 50\nO 0 1\nO 2 1\n", with: Self.link)
        #expect(ask(&host, "R?") == "0\r\n")
        try host.fault(Self.link, "led_open", value: 3)
        #expect(ask(&host, "R?") == "\(0x20000 | 0x10000)\r\n", "open, and that it has changed")
        #expect(ask(&host, "R?") == "\(0x20000)\r\n")
        #expect(host.exchange("O 2 1\nO? 2\nO? 0\n", with: Self.link) == "0\r\n1\r\n")
        try host.fault(Self.link, "overheated")
        #expect(host.exchange("R?\nO? 0\nO 0 1\nO? 0\n", with: Self.link) == "\(0x20008 | 4)\r\n0\r\n0\r\n")
        #expect(host.truth(of: Self.link, "light_1_pct") == 0)
        try host.fault(Self.link, "clear")
        _ = ask(&host, "R?")
        #expect(host.exchange("R?\nO 0 1\nO? 0\n", with: Self.link) == "0\r\n1\r\n")
    }

    @Test func piecesAndGarbage() {
        var host = Host(with: Self.link)
        for byte in "M?\r".utf8 { host.send([byte], to: Self.link) }
        #expect(host.exchange("\n", with: Self.link) == "0\r\n")
        host.send([UInt8](repeating: 0xff, count: 100_000), to: Self.link)
        #expect(host.exchange("\nM?\n", with: Self.link) == "0\r\n")
    }
}
