import DeviceModel
import Experiments
import Testing
import VirtualBench

/// Plugs that are pulled and put in again, on a host that tells the daemon so.
@Suite struct PlugTests {
    /// Away for so long that it is looked for every 30 s only.
    private static let away = 100.0

    @Test(arguments: [(true, 3.0), (false, 25)] as [(Bool, Double)])
    func aPlugThatIsPutInIsFound(toldOf: Bool, after seconds: Double) throws {
        var scenario = try Scenario(seed: 901)
        scenario.lab.tellsOfPlugs = toldOf
        try scenario.fault("cui", "unplug", for: Self.away)
        scenario.run(Self.away - 1)
        #expect(scenario.device("cui")?.word == "offline")
        scenario.run(1 + seconds)
        #expect(scenario.device("cui") == .ready)
        scenario.expectInvariants()
    }

    /// Without word of the host it takes its turn, which these tests would else not tell from being heard.
    @Test func unheardOfItIsNotFoundThatSoon() throws {
        var scenario = try Scenario(seed: 902)
        try scenario.fault("cui", "unplug", for: Self.away)
        scenario.run(Self.away + 3)
        #expect(scenario.device("cui")?.word == "offline")
    }

    /// Its node is there before it answers, or while it still says things of its own: it comes to ready by itself.
    @Test(arguments: ["mute", "garbage"], ["cui", "heater", "io", "spec_pl"])
    func aDeviceThatBootsIsWaitedFor(saying fault: String, device: DeviceName) throws {
        var scenario = try Scenario(seed: 903)
        scenario.lab.tellsOfPlugs = true
        try scenario.fault(device.text, fault, for: Self.away + 8)
        try scenario.fault(device.text, "unplug", for: Self.away)
        scenario.run(Self.away + 8)
        scenario.run(12)
        #expect(scenario.device(device) == .ready, "\(String(describing: scenario.device(device)))")
    }

    /// What a device says while it boots is not taken for an answer.
    @Test(arguments: [906, 907, 908] as [UInt64])
    func garbageIsNoReading(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.lab.tellsOfPlugs = true
        let volume = scenario.value("pump.cui.volume")
        let stood = try #require(volume)
        for device in ["cui", "heater"] {
            try scenario.fault(device, "garbage", for: Self.away + 30)
            try scenario.fault(device, "unplug", for: Self.away)
        }
        scenario.run(Self.away)
        for _ in 0..<100 {
            scenario.run(0.5)
            #expect(scenario.value("pump.cui.volume") ?? stood == stood)
            #expect(scenario.value("pump.cui.flow") ?? 0 == 0)
            #expect((80...145).contains(scenario.value("heater.heater.temperature") ?? 140))
        }
    }

    /// It ran when its plug was pulled: it is told to stop, not to go on.
    @Test(arguments: [904, 905] as [UInt64])
    func aPumpThatRanIsStoppedAtOnce(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.lab.tellsOfPlugs = true
        let id = try scenario.experiment(in: .settling)
        // Between two of the tries that come every 2 s.
        try scenario.fault("cui", "unplug", for: 9.5)
        let start = scenario.now
        scenario.run(25)
        scenario.expectNoFlow(since: start + 9.5, within: Scenario.tripTime, until: start + 25)
        #expect(scenario.state(of: id) == .failed)
        scenario.expectInvariants()
    }
}

extension Scenario {
    fileprivate mutating func device(_ name: DeviceName) -> DeviceState? {
        lab.snapshot()?.devices.first { $0.name == name }?.state
    }

    /// The last reading of a signal; nil where it is none to go by.
    fileprivate mutating func value(_ signal: String) -> Double? {
        lab.snapshot()?.readings.first { $0.signal.text == signal && $0.quality == .good }?.value
    }
}
