import DeviceModel
import Drivers
import Quantities
import Testing

struct URDashboardTests {
    @Test(arguments: try ExchangePlayer.names("ur-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "ur-dashboard")
    }

    @Test func itControlsAndCarriesNothing() throws {
        guard case .robot(let limits) = try DriverHarness("ur-dashboard", [:]).driver.limits else {
            Issue.record("not a robot's limits")
            return
        }
        #expect(limits.abilities == [.control] && limits.stations.isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies: [(String, [String])] = [
            ("PolyscopeVersion", ["URSoftware 5.12.0 (Aug 2022)"]), ("robotmode", ["Robotmode: RUNNING"]),
            ("robotmode", ["Robotmode: IDLE"]), ("robotmode", ["Robotmode: POWER_OFF"]),
            ("safetystatus", ["Safetystatus: NORMAL"]), ("safetystatus", ["Safetystatus: PROTECTIVE_STOP"]),
            ("programState", ["PLAYING x.urp"]), ("programState", ["STOPPED x.urp"]),
            ("programState", ["PAUSED x.urp"]), ("is in remote control", ["true"]),
            ("is in remote control", ["false"]), ("power on", ["Powering on"]), ("power off", ["Powering off"]),
            ("brake release", ["Brake releasing"]), ("play", ["Starting program"]), ("stop", ["Stopped"]),
            ("unlock protective stop", ["Protective stop releasing"]), ("play", ["Failed to execute: play"]),
        ]
        let lines = replies.flatMap { question, answers in answers.map { (question, Array("\($0)\n".utf8)) } }
        var input = try MalformedInput(
            "ur-dashboard", [:], corpus: lines.map(\.1) + [Array("Connected: Universal Robots\n".utf8)],
            commands: [.play, .unlock, .power(on: true), .power(on: false), .releaseBrakes, .halt].map { .robot($0) },
            seed: seed
        ) { reply, request in
            lines.contains { $0.1 == reply && Array("\($0.0)\n".utf8) == request }
        }
        try input.run()
    }
}
