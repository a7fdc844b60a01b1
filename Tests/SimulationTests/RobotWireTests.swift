import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// The drivers of robots against the simulated ones, wire to wire under a virtual clock.
@Suite struct RobotWireTests {
    private static let arm: [String: SettingValue] = [
        "unit": .integer(255), "poll_ms": .integer(100), "heartbeat_timeout_ms": .integer(2000),
        "move_timeout_s": .number(60),
        "stations": .tables([
            "rack": DriverSettings(["number": .integer(1)]), "filler": DriverSettings(["number": .integer(2)]),
            "spectrometer": DriverSettings(["number": .integer(3)]), "shelf": DriverSettings(["number": .integer(50)]),
        ]),
    ]
    private static let panel: [String: SettingValue] = [
        "poll_ms": .integer(100), "change_timeout_s": .number(60), "serial": .text("20235500001"),
    ]

    private static func station(_ x: Double, _ y: Double) -> DriverSettings {
        DriverSettings(["x_mm": .number(x), "y_mm": .number(y), "z_mm": .number(-20), "r_deg": .number(0)])
    }

    private static let dobot: [String: SettingValue] = [
        "approach_mm": .number(40), "tool": .text("gripper"), "park": .text("source"), "poll_ms": .integer(300),
        "move_timeout_s": .number(60),
        "stations": .tables(["source": station(200, 0), "target": station(150, 150)]),
    ]

    private func bench(rate: Double = 1) throws -> WiredBench {
        var bench = WiredBench(rate: rate, accessories: ["arm", "dobot"])
        try bench.fit("universal-robots", Self.arm, on: "arm")
        try bench.fit("ur-dashboard", Self.panel, on: "arm_panel")
        try bench.fit("dobot-magician", Self.dobot, on: "dobot")
        bench.open()
        bench.run(for: 3)
        #expect(bench.states == ["arm": .ready, "arm_panel": .ready, "dobot": .ready])
        return bench
    }

    @Test(arguments: [1.0, 30]) func theArmCarriesACuvette(rate: Double) throws {
        var bench = try bench(rate: rate)
        #expect(try bench.does(.pick(station: "rack"), on: "arm") == .done)
        #expect(try bench.does(.place(station: "filler"), on: "arm") == .done)
        #expect(bench.world.table.cuvettes[2]?.number == 1)
        #expect(try bench.does(.park, on: "arm") == .done)
        #expect(bench.isSafe["arm"] == true && bench.isSafe["arm_panel"] == nil)
        guard case .failed(let empty) = try bench.does(.pick(station: "spectrometer"), on: "arm") else {
            Issue.record("picked nothing, and said so to nobody")
            return
        }
        #expect(empty.contains("found nothing at station spectrometer"))
        guard case .failed(let untaught) = try bench.does(.pick(station: "shelf"), on: "arm") else {
            Issue.record("went where it was never taught")
            return
        }
        #expect(untaught.contains("was never taught station shelf"))
    }

    @Test func whatFallsIsSeen() throws {
        var bench = try bench()
        #expect(try bench.does(.pick(station: "rack"), on: "arm") == .done)
        let id = try bench.start(.place(station: "filler"), on: "arm")
        bench.run(for: 1)
        try bench.fault("arm", "drop_cuvette")
        #expect("\(try bench.outcome(of: id))".contains("dropped what it held"))
        #expect(bench.world.table.dropped == 1)
    }

    /// Stopped, looked at, released and played again; nothing that was begun goes on.
    @Test func aProtectiveStopAndTheWayBack() throws {
        var bench = try bench()
        let id = try bench.start(.pick(station: "rack"), on: "arm")
        bench.run(for: 1)
        try bench.fault("arm", "protective_stop")
        #expect("\(try bench.outcome(of: id))".contains("protective stop"))
        #expect(bench.states["arm"]?.word == "faulted" && bench.isSafe["arm"] == true)
        #expect("\(try bench.does(.unlock, on: "arm_panel"))".contains("5.0 s at least"))
        bench.run(for: 5)
        #expect(try bench.does(.unlock, on: "arm_panel") == .done)
        #expect(try bench.does(.play, on: "arm_panel") == .done)
        bench.run(for: 5)
        #expect(bench.states["arm"] == .ready)
        #expect(bench.world.table.cuvettes[1] != nil && bench.world.table.dropped == 0)
        #expect(try bench.does(.pick(station: "rack"), on: "arm") == .done)
    }

    /// Each makes safe without the other.
    @Test func theArmIsHaltedAndTheProgramStopped() throws {
        var bench = try bench()
        let first = try bench.start(.pick(station: "rack"), on: "arm")
        bench.run(for: 1)
        #expect(bench.isSafe["arm"] == false)
        #expect(try bench.does(.halt, on: "arm") == .done)
        #expect(bench.isSafe["arm"] == true)
        #expect("\(try bench.outcome(of: first))".contains("made safe"))
        let second = try bench.start(.pick(station: "rack"), on: "arm")
        bench.run(for: 1)
        #expect(try bench.does(.halt, on: "arm_panel") == .done)
        #expect(bench.isSafe["arm_panel"] == true)
        #expect("\(try bench.outcome(of: second))".contains("its program does not run"))
        #expect(bench.isSafe["arm"] == true)
        #expect(try bench.does(.play, on: "arm_panel") == .done)
        bench.run(for: 1)
        #expect(try bench.does(.pick(station: "rack"), on: "arm") == .done)
    }

    @Test func anEmergencyStopAndTheWayBack() throws {
        var bench = try bench()
        try bench.fault("arm", "emergency_stop")
        bench.run(for: 1)
        #expect(bench.states["arm"]?.detail?.contains("emergency stop") ?? false)
        #expect("\(try bench.does(.power(on: true), on: "arm_panel"))".contains("ROBOT_EMERGENCY_STOP"))
        try bench.fault("arm", "clear")
        for command in [.power(on: true), .releaseBrakes, .play] as [RobotCommand] {
            #expect(try bench.does(command, on: "arm_panel") == .done, "\(command)")
        }
        bench.run(for: 1)
        #expect(try bench.does(.park, on: "arm") == .done)
        #expect(try bench.does(.power(on: false), on: "arm_panel") == .done)
    }

    @Test func aHungProgramAndLocalControl() throws {
        var bench = try bench()
        try bench.fault("arm", "heartbeat_lost")
        bench.run(for: 3)
        #expect(bench.states["arm"]?.detail?.contains("its program does not run") ?? false)
        try bench.fault("arm", "clear")
        bench.run(for: 1)
        #expect(bench.states["arm"] == .ready)
        try bench.fault("arm", "local_control")
        #expect("\(try bench.does(.halt, on: "arm_panel"))".contains("Not in remote control"))
        #expect(bench.isSafe["arm_panel"] == false)
    }

    @Test(arguments: [1.0, 30]) func theMagicianCarriesACuvette(rate: Double) throws {
        var bench = try bench(rate: rate)
        #expect(try bench.does(.pick(station: "source"), on: "dobot") == .done)
        #expect(try bench.does(.place(station: "target"), on: "dobot") == .done)
        #expect(bench.world.table.cuvettes[11] == nil && bench.world.table.cuvettes[12] != nil)
        #expect(try bench.does(.park, on: "dobot") == .done)
        #expect(bench.isSafe["dobot"] == true)
    }

    @Test func theMagicianStopsAndStandsInAnAlarm() throws {
        var bench = try bench()
        let id = try bench.start(.pick(station: "source"), on: "dobot")
        bench.run(for: 1.5)
        #expect(try bench.does(.halt, on: "dobot") == .done)
        #expect("\(try bench.outcome(of: id))".contains("made safe"))
        bench.run(for: 3)
        #expect(bench.world.table.cuvettes[11] != nil, "what waited in the queue is gone")
        try bench.fault("dobot", "alarm")
        bench.run(for: 2)
        #expect(bench.states["dobot"]?.word == "faulted")
        #expect("\(try bench.does(.park, on: "dobot"))".contains("alarms 0"))
    }
}
