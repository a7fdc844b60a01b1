import Testing
import VirtualBench

@Suite struct EZZoneTests {
    private static let link = "plate2"

    private func ask(_ host: inout Host, _ pdu: [UInt8]) -> [UInt8]? { host.modbus(pdu, link: Self.link) }
    private func value(_ host: inout Host, _ address: Int) -> Float { float(ask(&host, read(address))) }

    @Test func registersOfAnIdleController() {
        var host = Host(with: Self.link)
        #expect(value(&host, 360) == 25 && value(&host, 2160) == 25 && value(&host, 1904) == 0)
        #expect(ask(&host, read(1880, 1)) == [3, 2, 0, 62])
        for (pdu, answer) in [
            ([], [0x80, 1]), ([4, 1, 104, 0, 2], [0x84, 1]), (read(359), [0x83, 2]), (read(360, 3), [0x83, 2]),
            (read(360, 0), [0x83, 3]), (write(1880, 7), [0x86, 3]), (write(360, 1), [0x86, 2]),
            (writeFloat(360, 30), [0x90, 2]), (writeFloat(2160, .nan), [0x90, 3]), (writeFloat(2160, 1e9), [0x90, 3]),
            ([16, 8, 0x70, 0, 2, 4, 0], [0x90, 3]), ([3, 0xff, 0xff, 0, 2], [0x83, 2]),
        ] as [([UInt8], [UInt8])] {
            #expect(ask(&host, pdu) == answer, "\(pdu)")
        }
    }

    @Test func itHeatsToItsSetPoint() {
        var host = Host(with: Self.link)
        #expect(ask(&host, writeFloat(2160, 80)) == [16, 8, 0x70, 0, 2])
        host.wait(bench: 60)
        #expect(value(&host, 360) == 25, "off")
        #expect(ask(&host, write(1880, 10)) == write(1880, 10))
        host.wait(bench: 20)
        #expect((40...50).contains(value(&host, 360)), "1 K/s at full power")
        #expect(value(&host, 1904) == 100)
        host.wait(bench: 600)
        #expect(abs(value(&host, 360) - 80) < 0.2)
        #expect(abs(value(&host, 1904) - 27.5) < 0.5, "what the room takes")
        #expect(host.truth(of: Self.link, "set_point_writes") == 1)
        _ = ask(&host, write(1880, 62))
        host.wait(bench: 0.2)
        #expect(value(&host, 1904) == 0)
        _ = ask(&host, writeFloat(2162, 30))
        _ = ask(&host, write(1880, 54))
        host.wait(bench: 0.2)
        #expect(value(&host, 1904) == 30)
    }

    @Test func faults() throws {
        var host = Host(with: Self.link)
        _ = ask(&host, writeFloat(2160, 80))
        _ = ask(&host, write(1880, 10))
        host.wait(bench: 10)
        try host.fault(Self.link, "sensor_open")
        host.wait(bench: 1)
        #expect(value(&host, 360) == 1e30 && value(&host, 1904) == 0)
        try host.fault(Self.link, "clear")
        _ = ask(&host, write(1880, 62))
        try host.fault(Self.link, "relay_stuck")
        host.wait(bench: 60)
        #expect(value(&host, 360) > 60 && value(&host, 1904) == 0, "it heats, and says that it does not")
    }

    @Test func itSpeaksModbusTCP() {
        var host = Host(with: Self.link)
        host.send([0, 9, 0, 0, 0, 6, 1] + read(1880, 1), to: Self.link)
        #expect(host.receive().map(\.bytes) == [[0, 9, 0, 0, 0, 5, 1, 3, 2, 0, 62]])
    }
}
