import Quantities
import Testing
import VirtualBench
import Wire

/// The simulated arm by its registers and by its Dashboard.
@Suite struct RobotArmTests {
    private static let panel = "arm_panel"

    private static func host(rate: Double = 1) -> Host {
        var host = Host(rate: rate) { $0.accessories = ["arm"] }
        host.wait(bench: 1)
        return host
    }

    private func register(_ address: Int, _ host: inout Host) -> Int {
        let answer = host.modbus(read(address, 1), link: "arm") ?? []
        return answer.count == 4 ? Int(answer[2]) << 8 | Int(answer[3]) : -1
    }

    private func command(_ code: UInt8, _ argument: UInt8, _ sequence: UInt8, _ host: inout Host) {
        let request: [UInt8] = [16, 0, 128, 0, 3, 6, 0, code, 0, argument, 0, sequence]
        #expect(host.modbus(request, link: "arm") == [16, 0, 128, 0, 3])
    }

    private func ask(_ text: String, _ host: inout Host, end: String = "\n") -> String {
        host.send(Array((text + end).utf8), to: Self.panel)
        return host.receive(within: 0.02).map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }

    /// done, accepted, result
    private func state(_ host: inout Host) -> [Int] { (131...133).map { register($0, &host) } }

    private func truth(_ host: inout Host) -> JSONValue { host.bench.drainTruth().last?.accessories["arm"] ?? .null }

    private func table(_ host: inout Host) -> JSONValue { host.bench.drainTruth().last?.accessories["table"] ?? .null }

    @Test func itCarriesACuvetteFromTheRackToTheFiller() {
        var host = Self.host()
        #expect(register(137, &host) == 1 && register(136, &host) == 1 && register(258, &host) == 7)
        command(1, 1, 1, &host)
        host.wait(bench: 1)
        #expect(state(&host) == [0, 1, 0] && register(136, &host) == 0)
        #expect(truth(&host)["moving"] == .bool(true))
        host.wait(bench: 1.3)
        #expect(register(135, &host) == 1, "gripped, and on its way back")
        #expect(register(131, &host) == 0)
        host.wait(bench: 1)
        #expect(state(&host) == [1, 1, 0])
        command(2, 2, 2, &host)
        host.wait(bench: 3.3)
        #expect(state(&host) == [2, 2, 0] && register(135, &host) == 0)
        #expect(host.bench.table.cuvettes[2]?.number == 1)
        command(3, 0, 3, &host)
        host.wait(bench: 1.2)
        #expect(state(&host) == [3, 3, 0] && register(136, &host) == 1)
        #expect(truth(&host)["done"] == .integer(3))
    }

    @Test func itSaysWhyItCannot() {
        var host = Self.host()
        for (sequence, (code, argument, result))
            in ([
                (1, 2, 1), (2, 1, 7), (1, 77, 4), (9, 0, 6), (4, 0, 0), (1, 1, 0), (1, 1, 7), (2, 2, 0), (1, 1, 0),
                (2, 2, 3), (2, 4, 0),
            ] as [(UInt8, UInt8, Int)]).enumerated()
        {
            command(code, argument, UInt8(sequence + 1), &host)
            host.wait(bench: 3.4)
            #expect(state(&host) == [sequence + 1, sequence + 1, result], "\(code) \(argument)")
        }
        #expect(host.bench.table.discarded == 1)
    }

    /// The sequence may come alone, after the others.
    @Test func itWaitsForTheSequence() {
        var host = Self.host()
        _ = host.modbus(write(128, 3), link: "arm")
        _ = host.modbus(write(129, 0), link: "arm")
        host.wait(bench: 2)
        #expect(register(132, &host) == 0)
        _ = host.modbus(write(130, 500), link: "arm")
        host.wait(bench: 0.2)
        #expect(register(132, &host) == 500)
    }

    @Test func aHaltStopsIt() {
        var host = Self.host()
        command(1, 1, 1, &host)
        host.wait(bench: 1)
        command(3, 0, 2, &host)
        host.wait(bench: 0.2)
        #expect(state(&host) == [0, 1, 0], "one after the other")
        command(4, 0, 3, &host)
        host.wait(bench: 0.2)
        #expect(state(&host) == [3, 3, 0])
        #expect(truth(&host)["moving"] == .bool(false))
        host.wait(bench: 10)
        #expect(register(135, &host) == 0)
    }

    @Test func whatFallsLies() throws {
        var host = Self.host()
        command(1, 1, 1, &host)
        host.wait(bench: 3.5)
        command(2, 2, 2, &host)
        host.wait(bench: 0.5)
        try host.fault("arm", "drop_cuvette")
        host.wait(bench: 0.3)
        #expect(state(&host) == [2, 2, 2] && register(135, &host) == 0)
        #expect(host.bench.table.dropped == 1)
        #expect(table(&host)["dropped"] == .integer(1))
        try host.fault("arm", "drop_cuvette")
        host.wait(bench: 0.3)
        #expect(host.bench.table.dropped == 1, "nothing is left to fall")
    }

    @Test func registersHaveTheirExceptions() {
        var host = Self.host()
        for (pdu, answer) in [
            ([], [0x80, 1]), ([1, 0, 0, 0, 1], [0x81, 1]), ([3, 0, 0], [0x83, 3]), ([3, 0, 0, 0, 0], [0x83, 3]),
            ([3, 0, 0, 0, 126], [0x83, 3]), ([3, 1, 2, 0, 2], [0x83, 2]), ([3, 0, 5, 0, 1], [0x83, 2]),
            ([6, 1, 2, 0, 7], [0x86, 2]), ([6, 0, 128], [0x86, 3]), ([16, 0, 128, 0, 2, 4, 0, 1], [0x90, 3]),
            ([16, 0, 255, 0, 2, 4, 0, 1, 0, 1], [0x90, 2]), ([3, 0, 0, 0, 5], [3, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ([4, 1, 0, 0, 3], [4, 6, 0, 5, 0, 12, 0, 7]),
            ([3, 1, 4, 0, 6], [3, 12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ([6, 0, 2, 0, 5], [6, 0, 2, 0, 5]), ([6, 0, 3, 0, 1], [6, 0, 3, 0, 1]), ([3, 0, 1, 0, 1], [3, 2, 0, 4]),
            ([6, 0, 200, 18, 52], [6, 0, 200, 18, 52]), ([3, 0, 200, 0, 1], [3, 2, 18, 52]),
        ] as [([UInt8], [UInt8])] {
            #expect(host.modbus(pdu, link: "arm") == answer, "\(pdu)")
        }
    }

    /// The wire's clock is the controller's, also when the chemistry runs faster.
    @Test(arguments: [1.0, 30]) func theHeartBeatsTenTimesASecond(rate: Double) throws {
        var host = Self.host(rate: rate)
        let before = register(134, &host)
        host.wait(wire: 3)
        #expect((29...31).contains(register(134, &host) - before))
        try host.fault("arm", "heartbeat_lost")
        let stands = register(134, &host)
        command(1, 1, 9, &host)
        host.wait(wire: 5)
        #expect(register(134, &host) == stands && register(132, &host) == 0)
        #expect(ask("programState", &host) == "PLAYING flowlab_robot.urp\n")
        try host.fault("arm", "clear")
        host.wait(wire: 1)
        #expect(register(134, &host) <= stands + 11 && register(132, &host) == 9)
    }

    @Test func thePanelSpeaksLines() {
        var host = Self.host()
        host.bench.connect(Self.panel, at: host.now)
        #expect(
            host.receive().map { String(decoding: $0.bytes, as: UTF8.self) }
                == ["Connected: Universal Robots Dashboard Server\n"])
        for (line, answer) in [
            ("robotmode", "Robotmode: RUNNING\n"), ("ROBOTMODE", "Robotmode: RUNNING\n"),
            ("safetystatus\r", "Safetystatus: NORMAL\n"), ("programState", "PLAYING flowlab_robot.urp\n"),
            ("running", "Program running: true\n"), ("is in remote control", "true\n"),
            ("get robot model", "UR5\n"), ("get serial number", "20235500001\n"),
            ("popup look here", "showing popup\n"),
            ("dance", "could not understand: 'dance'\n"), ("load other.urp", "File not found: other.urp\n"),
            ("robotmode\nrunning", "Robotmode: RUNNING\nProgram running: true\n"),
            (String(repeating: "x", count: 600), "could not understand: '\(String(repeating: "x", count: 512))'\n"),
        ] {
            #expect(ask(line, &host) == answer)
        }
        #expect(ask("PolyscopeVersion", &host).hasPrefix("URSoftware 5."))
        #expect(ask("robot", &host, end: "") == "")
        #expect(ask("mode", &host) == "Robotmode: RUNNING\n")
        #expect(ask("quit\nrobotmode", &host) == "Disconnected\n")
        host.bench.disconnect(Self.panel)
        #expect(ask("robotmode", &host) == "Robotmode: RUNNING\n")
    }

    @Test func aStoppedProgramStands() {
        var host = Self.host()
        command(1, 1, 1, &host)
        host.wait(bench: 1)
        #expect(ask("stop", &host) == "Stopped\n")
        let beats = register(134, &host)
        host.wait(bench: 10)
        #expect(register(134, &host) == beats && state(&host) == [0, 1, 0])
        #expect(ask("stop", &host) == "Failed to execute: stop\n")
        #expect(ask("play", &host) == "Starting program\n")
        host.wait(bench: 5)
        #expect(state(&host) == [1, 1, 5] && register(135, &host) == 0, "what was begun is not done")
        #expect(register(134, &host) > beats)
    }

    @Test func aProtectiveStopIsReleasedAfterFiveSeconds() throws {
        var host = Self.host()
        command(1, 1, 1, &host)
        host.wait(bench: 1)
        try host.fault("arm", "protective_stop")
        #expect(register(261, &host) == 1 && register(258, &host) == 7)
        #expect(ask("safetystatus", &host) == "Safetystatus: PROTECTIVE_STOP\n")
        #expect(ask("programState", &host) == "PAUSED flowlab_robot.urp\n")
        #expect(ask("play", &host) == "Failed to execute: play\n")
        #expect(ask("unlock protective stop", &host).hasPrefix("Cannot unlock protective stop until 5s"))
        host.wait(wire: 5)
        #expect(state(&host) == [0, 1, 0])
        #expect(ask("unlock protective stop", &host) == "Protective stop releasing\n")
        host.wait(bench: 5)
        #expect(register(261, &host) == 0 && state(&host) == [0, 1, 0], "the program must be played again")
        #expect(ask("play", &host) == "Starting program\n")
        host.wait(bench: 3)
        #expect(state(&host) == [1, 1, 0], "from a pause it goes on where it was")
    }

    @Test func anEmergencyStopTakesThePower() throws {
        var host = Self.host()
        try host.fault("arm", "emergency_stop")
        #expect([258, 260, 262].map { register($0, &host) } == [3, 0, 1])
        #expect(ask("safetystatus", &host) == "Safetystatus: ROBOT_EMERGENCY_STOP\n")
        #expect(ask("power on", &host) == "Powering on\n")
        host.wait(bench: 5)
        #expect(ask("robotmode", &host) == "Robotmode: POWER_OFF\n")
        try host.fault("arm", "clear")
        #expect(register(262, &host) == 0)
        #expect(ask("power on", &host) == "Powering on\n")
        #expect(ask("robotmode", &host) == "Robotmode: POWER_OFF\n", "it takes its time")
        host.wait(bench: 1.2)
        #expect(ask("robotmode", &host) == "Robotmode: POWER_ON\n")
        host.wait(bench: 1)
        #expect(ask("robotmode", &host) == "Robotmode: IDLE\n")
        #expect(ask("play", &host) == "Failed to execute: play\n")
        #expect(ask("brake release", &host) == "Brake releasing\n")
        host.wait(bench: 1.2)
        #expect(register(258, &host) == 7)
        #expect(ask("play", &host) == "Starting program\n")
        #expect(ask("power off", &host) == "Powering off\n")
        #expect(register(258, &host) == 3 && register(260, &host) == 0)
    }

    @Test func inLocalControlItOnlyTells() throws {
        var host = Self.host()
        try host.fault("arm", "local_control")
        #expect(ask("is in remote control", &host) == "false\n")
        for line in ["play", "stop", "power off", "brake release", "unlock protective stop", "load x.urp"] {
            #expect(ask(line, &host) == "Not in remote control\n")
        }
        #expect(ask("running", &host) == "Program running: true\n")
    }
}
