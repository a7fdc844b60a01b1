import Quantities
import Wire

/// A Universal Robots arm with a gripper: one controller behind its Modbus server and its Dashboard server, with the
/// resident program of `examples/robot` playing.
///
/// Its motion runs in bench time; the controller's own clocks (the heartbeat of the program, the five seconds before a
/// protective stop can be released) are the wire's, as those of any computer. Sources: Universal Robots, Dashboard server of
/// the e-Series (command table) and how-to 16377 (Modbus server).
struct RobotArm: Accessory {
    static let registerLink = "arm", panelLink = "arm_panel"

    var controller = RobotController()
    var program = ResidentProgram()
    var panel = RobotPanel()
    private var now: Moment

    init(at now: Moment) { self.now = now }

    func greeting(on link: String) -> [UInt8] { link == Self.panelLink ? RobotPanel.banner : [] }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        guard link == Self.panelLink else { return [] }
        return panel.receive(bytes, connection: connection, &controller, &program, at: now)
    }

    mutating func handle(_ pdu: [UInt8], at now: Moment) -> [UInt8] {
        RobotRegisters.answer(pdu, controller, &program)
    }

    mutating func disconnect(link: String, connection: Int) {
        if link == Self.panelLink { panel.disconnect(connection) }
    }

    mutating func advance(to now: Moment) {
        guard now.bench >= self.now.bench, now.wire >= self.now.wire else { return }
        let bench = now.bench - self.now.bench
        self.now = now
        controller.advance(to: now)
        guard controller.isMoving else { return program.stand(at: now.wire) }
        program.run(for: bench.seconds, at: now.wire)
    }

    mutating func set(_ faults: [Fault: Double]) {
        controller.isRemote = faults[.localControl] == nil
        program.isHung = faults[.heartbeatLost] != nil
        controller.setEmergencyStop(faults[.emergencyStop] != nil)
    }

    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment) {
        switch fault {
        case .protectiveStop: controller.stopProtectively(at: now.wire)
        case .dropCuvette: program.drop()
        default: break
        }
    }

    mutating func meet(_ plant: inout Plant, _ table: inout Worktable) { program.meet(&table) }

    var truth: [String: JSONValue] {
        [
            "mode": .string(controller.mode.word), "safety": .string(controller.safety.rawValue),
            "program": .string(controller.programState.rawValue),
            "moving": .bool(controller.isMoving && program.isMoving),
            "holding": .integer(Int64(program.held?.number ?? 0)), "clear": .bool(program.isClear),
            "place": .string(program.place), "done": .integer(Int64(program.finished)),
        ]
    }

    static let entry = AccessoryEntry(
        "arm", "a Universal Robots arm that carries cuvettes: Modbus registers, and its Dashboard server",
        links: [
            AccessoryLink(name: registerLink, transport: .modbus), AccessoryLink(name: panelLink, transport: .tcp),
        ], faults: Fault.ofRobotArm, make: { RobotArm(at: $0) })
}

extension Fault {
    /// The controller felt a force, or was asked for a motion that it cannot do.
    public static let protectiveStop = Fault("protective_stop", .accessory, momentary: true)
    /// The button is pressed as long as this lasts.
    public static let emergencyStop = Fault("emergency_stop", .accessory)
    /// What the gripper holds falls to the floor.
    public static let dropCuvette = Fault("drop_cuvette", .accessory, momentary: true)
    /// The program hangs: the registers answer, nothing moves.
    public static let heartbeatLost = Fault("heartbeat_lost", .accessory)
    /// Somebody has taken the controller out of remote control.
    public static let localControl = Fault("local_control", .accessory)

    static let ofRobotArm = [protectiveStop, emergencyStop, dropCuvette, heartbeatLost, localControl]
}
