import Testing
import VirtualBench

@Suite struct ChemyxPumpTests {
    /// The exchange that a user logged on a Fusion (without the channel prefix of two-channel models).
    @Test func repliesAreEchoLinesAndPrompt() {
        var host = Host()
        #expect(host.ask("cui", "set diameter 20") == "set diameter 20\rdiameter = 20.000\r\n>")
        #expect(host.ask("cui", "set units 2") == "set units 2\runits = 2\r\n>")
        #expect(host.ask("cui", "set rate 650") == "set rate 650\rrate = 650.000000\r\n>")
        #expect(host.ask("cui", "set volume 110") == "set volume 110\rvolume = 110.000000\r\n>")
        #expect(host.ask("cui", "set delay 0") == "set delay 0\rdelay = 0.000000\r\n>")
        #expect(host.ask("cui", "status") == "status\r0\r\n>")
        #expect(host.ask("cui", "start 0") == "start 0\rPump start running...\r\n>")
        #expect(host.ask("cui", "pump status") == "pump status\r1\r\n>")
        #expect(host.ask("cui", "stop ") == "stop \rPump stop!\r\n>")
        #expect(host.ask("cui", "nonsense") == "nonsense\rInvalid Command!\r\n>")
        #expect(host.ask("cui", " status") == " status\rInvalid Command!\r\n>")
        #expect(host.ask("cui", "STATUS") == "STATUS\rInvalid Command!\r\n>")
        #expect(host.ask("cui", "set rate abc") == "set rate abc\rInvalid Command!\r\n>")
        #expect(host.ask("cui", "set rate nan") == "set rate nan\rInvalid Command!\r\n>")
        #expect(host.ask("cui", "set rate 1e300") == "set rate 1e300\rInvalid Command!\r\n>")
    }

    @Test func echoEndsAsConfiguredAndCanBeSwitchedOff() {
        var host = Host { $0.echoStyle = .crlf }
        #expect(host.ask("pfo", "status") == "status\r\n0\r\n>")
        #expect(host.ask("pfo", "status", end: "\r\n") == "status\r\n0\r\n>")
        _ = host.ask("pfo", "echo off")
        #expect(host.ask("pfo", "status") == "0\r\n>")
    }

    @Test func aLineFeedAloneIsNoEnd() {
        var host = Host()
        #expect(host.ask("cui", "status", end: "\n") == "")
        #expect(host.ask("cui", "", end: "\r") == "status\n\rInvalid Command!\r\n>")
    }

    @Test func limitsFollowFromTheBore() {
        var host = Host()
        _ = host.ask("cui", "set diameter 30")
        #expect(
            host.ask("cui", "read limit parameter")
                == "read limit parameter\r125.9622 0.0002 106.0288 0.0141\r\n>")
    }

    @Test func whatIsOutOfRangeIsCutWithoutAWord() {
        var host = Host()
        #expect(host.ask("cui", "set diameter 55") == "set diameter 55\rdiameter = 40.000\r\n>")
        #expect(host.ask("cui", "set diameter 30") == "set diameter 30\rdiameter = 30.000\r\n>")
        #expect(host.ask("cui", "set rate 5000").contains("rate = 125.96"))
        #expect(host.ask("cui", "set volume -5000").contains("volume = -106.02"))
        #expect(host.ask("cui", "set units 7") == "set units 7\runits = 0\r\n>")
    }

    @Test func anotherUnitShowsTheSameSettings() {
        var host = Host()
        _ = host.ask("cui", "set units 0")
        _ = host.ask("cui", "set rate 0.6")
        _ = host.ask("cui", "set volume 1.5")
        _ = host.ask("cui", "set units 3")
        let view = host.ask("cui", "view parameter")
        #expect(view.contains("unit = 3\r\n"))
        #expect(view.contains("rate = 36000.000000\r\n"))
        #expect(view.contains("volume = 1500.000000\r\n"))
        #expect(view.contains("dia = 20.000\r\n"))
    }

    @Test func aRunEndsAtItsVolume() {
        var host = Host()
        for command in ["set units 2", "set diameter 28.6", "set rate 600", "set volume 100", "start"] {
            _ = host.ask("cui", command)
        }
        host.wait(bench: 5)
        #expect(host.ask("cui", "status") == "status\r1\r\n>")
        let half = host.ask("cui", "dispensed volume").split(separator: " ").dropFirst(4).first.flatMap { text in
            Double(text.prefix { $0.isNumber || $0 == "." })
        }
        #expect(half.map { abs($0 - 50) < 1 } ?? false)
        host.wait(bench: 10)
        #expect(host.ask("cui", "status") == "status\r0\r\n>")
        #expect(host.ask("cui", "dispensed volume") == "dispensed volume\rdispensed volume = 100.0000\r\n>")
        #expect(host.ask("cui", "elapsed time") == "elapsed time\relapsed time = 0.16667\r\n>")
        host.wait(bench: 20)
        #expect(abs(host.bench.plant.used[0] - 100) < 0.5)
        #expect(host.bench.plant.totalFlow < 1e-4)
    }

    @Test func pauseKeepsThePlaceAndStopForgetsIt() {
        var host = Host()
        host.run("cui", microlitersPerMinute: 600)
        host.wait(bench: 6)
        _ = host.ask("cui", "pause")
        #expect(host.ask("cui", "status").contains("\r2\r"))
        host.wait(bench: 60)
        _ = host.ask("cui", "start")
        host.wait(bench: 6)
        let volume = host.ask("cui", "dispensed volume")
        #expect(volume.contains("= 120.") || volume.contains("= 121."), "\(volume)")
        _ = host.ask("cui", "stop")
        _ = host.ask("cui", "start")
        #expect(host.ask("cui", "dispensed volume").contains("= 0."))
    }

    @Test func stepsRunOneAfterAnotherWithTheirDelays() {
        var host = Host()
        for command in [
            "set units 2", "set diameter 28.6", "set rate 600,1200", "set volume 100,100,100", "set delay 0.1",
        ] { _ = host.ask("cui", command) }
        #expect(host.ask("cui", "start 1") == "start 1\rPump delay...\r\n>")
        #expect(host.ask("cui", "status").contains("\r3\r"))
        // Three delays of 6 s, 10 s at 600 and twice 5 s at 1200 uL/min.
        host.wait(bench: 36)
        #expect(host.ask("cui", "status").contains("\r1\r"))
        host.wait(bench: 3)
        #expect(host.ask("cui", "status").contains("\r0\r"))
        #expect(host.ask("cui", "dispensed volume").contains("= 300.0000"))
    }

    @Test func aRateSetWhileRunningTakesEffect() {
        var host = Host()
        host.run("cui", microlitersPerMinute: 600)
        host.wait(bench: 20)
        _ = host.ask("cui", "set rate 300")
        host.wait(bench: 20)
        #expect(abs(host.bench.plant.flows[0] * 60 - 300) < 3)
    }

    @Test func aPowerCycleForgetsEverything() throws {
        var host = Host()
        host.run("cui", microlitersPerMinute: 600)
        host.wait(bench: 5)
        try host.fault("cui", "power_cycle")
        #expect(host.ask("cui", "status") == "")
        host.wait(wire: 3)
        #expect(host.ask("cui", "status") == "status\r0\r\n>")
        let view = host.ask("cui", "view parameter")
        #expect(view.contains("unit = 0\r\n") && view.contains("rate = 0.000000") && view.contains("dia = 20.000"))
        _ = host.ask("cui", "start")
        host.wait(bench: 30)
        #expect(host.bench.plant.flows[0] < 1e-4)
    }

    /// Set for half the area, the pump moves the plunger twice as far.
    @Test func aWrongDiameterGivesAWrongFlow() {
        var host = Host()
        host.run("cui", microlitersPerMinute: 300, diameter: 20.223)
        host.wait(bench: 20)
        #expect(abs(host.bench.plant.flows[0] * 60 - 600) < 6)
    }

    @Test func withdrawingFillsTheSyringe() {
        var host = Host()
        host.run("cui", microlitersPerMinute: 6000)
        host.wait(bench: 100)
        let left = host.bench.plant.remaining[0]
        _ = host.ask("cui", "stop")
        host.wait(bench: 20)
        _ = host.ask("cui", "set volume -2000")
        _ = host.ask("cui", "start")
        host.wait(bench: 30)
        #expect(host.bench.plant.flows[0] < 1e-4)
        #expect(host.bench.plant.remaining[0] > left + 1500)
    }

    @Test func anEmptySyringeStallsThePump() {
        var host = Host()
        host.run("cui", microlitersPerMinute: 60000)
        _ = host.ask("cui", "set volume 90000")
        _ = host.ask("cui", "start")
        host.wait(bench: 100)
        #expect(host.ask("cui", "status").contains("\r4\r"))
        #expect(host.bench.plant.remaining[0] == 0)
    }

    @Test func anEndlessLineDoesNotGrow() {
        var host = Host()
        host.send([UInt8](repeating: UInt8(ascii: "x"), count: 100_000), to: "pump_cui")
        let reply = host.ask("cui", "")
        #expect(reply.hasSuffix("Invalid Command!\r\n>") && reply.count < 300)
        #expect(host.ask("cui", "status") == "status\r0\r\n>")
    }
}
