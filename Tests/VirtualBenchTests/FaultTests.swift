import FoundationEssentials
import Testing
import VirtualBench

@Suite struct FaultTests {
    @Test func commandsAreDecodedStrictly() throws {
        let decoder = JSONDecoder()
        let line = Data(#"{"device":"cui","fault":"stall","for_s":20}"#.utf8)
        #expect(
            try decoder.decode(FaultCommand.self, from: line)
                == FaultCommand(device: "cui", fault: "stall", forSeconds: 20))
        for line in [#"{"device":"cui","fault":"stall","fors":20}"#, #"{"device":"cui"}"#, "{}", "[]"] {
            #expect(throws: DecodingError.self) { try decoder.decode(FaultCommand.self, from: Data(line.utf8)) }
        }
    }

    @Test func whatDoesNotExistIsToldWithWhatDoes() {
        var host = Host()
        func refusal(_ command: FaultCommand) -> String {
            do {
                _ = try host.bench.apply(command, at: host.moment)
                return ""
            } catch { return error.description }
        }
        #expect(refusal(FaultCommand(device: "cuj", fault: "stall")).contains("oa_cui"))
        #expect(refusal(FaultCommand(device: "heater", fault: "stall")).contains("sensor_frozen"))
        #expect(refusal(FaultCommand(fault: "stall")).contains("device"))
        #expect(refusal(FaultCommand(device: "cui", fault: "stall", forSeconds: -1)).contains("-1"))
        #expect(refusal(FaultCommand(device: "cui", fault: "slow", value: 7)).contains("0.0 to 1.0"))
        #expect(refusal(FaultCommand(device: "cui", fault: "stall", value: 7)).contains("no value"))
        #expect(refusal(FaultCommand(device: "nobody", fault: "clear")).contains("nobody"))
    }

    @Test func aStallIsSeenInStatusAndOutlivesItsCause() throws {
        var host = Host()
        host.run("cui", microlitersPerMinute: 600)
        host.wait(bench: 10)
        try host.fault("cui", "stall", for: 20)
        host.wait(bench: 15)
        #expect(host.ask("cui", "status").contains("\r4\r"))
        #expect(host.bench.plant.flows[0] < 0.05)
        host.wait(bench: 10)
        #expect(host.ask("cui", "status").contains("\r4\r"))
        _ = host.ask("cui", "start")
        host.wait(bench: 10)
        #expect(host.ask("cui", "status").contains("\r1\r"))
        #expect(host.bench.plant.flows[0] > 9)
    }

    @Test func aDrySyringeIsNotNoticedByItsPump() throws {
        var host = Host()
        host.run("cui", microlitersPerMinute: 600)
        host.wait(bench: 10)
        try host.fault("cui", "dry_syringe")
        host.wait(bench: 20)
        #expect(host.ask("cui", "status").contains("\r1\r"))
        #expect(host.bench.plant.flows[0] < 0.01)
        try host.fault("cui", "clear")
        host.wait(bench: 20)
        #expect(host.bench.plant.flows[0] > 9)
    }

    @Test func stictionBubblesAndClogsShowInTheFlow() throws {
        var host = Host()
        host.run("cui", microlitersPerMinute: 600)
        host.run("oa_cui", microlitersPerMinute: 600)
        try host.fault("cui", "slow", value: 0.8)
        try host.fault("oa_cui", "bubble", value: 30)
        host.wait(bench: 10)
        #expect(abs(host.bench.plant.flows[0] - 8) < 0.2)
        #expect(host.bench.plant.flows[1] < 4)
        try host.fault("reactor", "clog", value: 20)
        host.wait(bench: 200)
        #expect(host.ask("cui", "status").contains("\r4\r"))
    }

    @Test func linksFailInTheirWays() throws {
        var host = Host(seed: 5)
        let whole = "status\r0\r\n>"
        try host.fault("cui", "mute", for: 1)
        #expect(host.ask("cui", "status") == "")
        host.wait(bench: 1.1)
        #expect(host.ask("cui", "status") == whole)
        try host.fault("cui", "duplicate")
        #expect(host.ask("cui", "status") == whole + whole)
        _ = try host.bench.apply(FaultCommand(fault: "clear"), at: host.moment)
        try host.fault("cui", "truncate")
        let cut = host.ask("cui", "status")
        #expect(whole.hasPrefix(cut) && cut != whole)
        try host.fault("cui", "clear")
        try host.fault("cui", "delay", value: 1)
        #expect(host.ask("cui", "status") == "")
        host.wait(wire: 1)
        #expect(host.bench.drainOutputs(upTo: host.now).count == 1)
        try host.fault("cui", "clear")
        try host.fault("cui", "unplug")
        #expect(!host.bench.isPlugged("pump_cui") && host.bench.isPlugged("pump_pfo"))
        #expect(host.ask("cui", "status") == "")
        try host.fault("cui", "clear")
        try host.fault("cui", "corrupt")
        host.send(Array("status\r".utf8), to: "pump_cui")
        let bytes = host.receive().flatMap(\.bytes)
        let differing = zip(bytes, Array(whole.utf8)).filter { $0 != $1 }.count
        #expect(bytes.count == whole.utf8.count && differing == 1)
        try host.fault("cui", "clear")
        try host.fault("cui", "garbage")
        host.send(Array("status\r".utf8), to: "pump_cui")
        #expect(host.receive().flatMap(\.bytes).count > whole.utf8.count)
    }

    /// The figures of the reference plant: from 150 degC a stuck relay takes 43 s to 160 and 185 s to 200 degC.
    @Test func aStuckRelayHeatsAtThePlantsPace() throws {
        var host = Host { $0.limitSetPoint = nil }
        _ = host.modbus(writeFloat(2782, 150))
        _ = host.modbus(write(2730, 10))
        host.wait(bench: 2400)
        try host.fault("heater", "relay_stuck_on")
        host.wait(bench: 43)
        #expect(abs(host.bench.plant.plate.plate - 160) < 2)
        host.wait(bench: 142)
        #expect(abs(host.bench.plant.plate.plate - 200) < 3)
        _ = host.modbus(write(2730, 62))
        host.wait(bench: 100)
        #expect(host.bench.plant.plate.plate > 210)
    }

    @Test func sensorsFreezeAndOpen() throws {
        var host = Host()
        _ = host.modbus(writeFloat(2782, 120))
        _ = host.modbus(write(2730, 10))
        host.wait(bench: 10)
        try host.fault("heater", "sensor_frozen", for: 100)
        let shown = float(host.modbus(read(2820)))
        host.wait(bench: 90)
        #expect(float(host.modbus(read(2820))) == shown)
        #expect(host.bench.plant.plate.plate > 50)
        host.wait(bench: 20)
        try host.fault("heater", "sensor_open")
        host.wait(bench: 1)
        #expect(float(host.modbus(read(2820))) == 850)
        #expect(host.modbus(read(11288, 1)) == [3, 2, 0, 28])
        try host.fault("heater", "plate_temperature", value: 180)
        #expect(host.bench.plant.plate.plate == 180)
    }

    @Test func spectrometersFailInTheirWays() throws {
        var host = Host()
        host.prepare("spec_abs", milliseconds: 20)
        try host.fault("spec_abs", "stale_frame")
        #expect(host.spectrum("spec_abs", milliseconds: 20) == host.spectrum("spec_abs", milliseconds: 20))
        try host.fault("spec_abs", "clear")
        let before = host.spectrum("spec_abs", milliseconds: 20)
        #expect(before != host.spectrum("spec_abs", milliseconds: 20))
        try host.fault("spec_abs", "saturate")
        #expect(host.spectrum("spec_abs", milliseconds: 20).allSatisfy { $0 == 65535 })
        try host.fault("spec_abs", "clear")
        try host.fault("spec_abs", "lamp_step", value: -0.5)
        let dim = host.spectrum("spec_abs", milliseconds: 20)
        let share = (Double(dim[1200]) - 1500) / (Double(before[1200]) - 1500)
        #expect(abs(share - 0.5) < 0.05)
        try host.fault("spec_abs", "dropout")
        #expect(host.spectrum("spec_abs", milliseconds: 20) == [])
        #expect(host.obp(obp(0x101), link: "spec_abs").count == 64)
    }
}
