import DeviceModel

/// What is asked of the controller's Modbus server, in one request each.
enum RobotQuestion: Hashable, Sendable {
    /// 128 to 137: what flowlab and the resident program tell each other. `examples/robot/README.md` is their contract.
    case contract
    /// 256 to 258: version of the controller, and its mode.
    case controller
    /// 260 to 265: power and stops.
    case safety
    /// A command to the resident program; three registers in one write.
    case order(RobotOrder)

    var operation: ModbusRequest.Operation {
        switch self {
        case .contract: .readHoldingRegisters(address: 128, count: 10)
        case .controller: .readHoldingRegisters(address: 256, count: 3)
        case .safety: .readHoldingRegisters(address: 260, count: 6)
        case .order(let order): .writeRegisters(address: 128, values: [order.code, order.argument, order.sequence])
        }
    }

    var words: String {
        switch self {
        case .contract: "registers 128 to 137"
        case .controller: "registers 256 to 258"
        case .safety: "registers 260 to 265"
        case .order(let order): "command \(order.code) (sequence \(order.sequence))"
        }
    }
}

struct RobotOrder: Hashable, Sendable {
    let code: UInt16
    let argument: UInt16
    let sequence: UInt16

    /// 0 means that there was none yet.
    static func sequence(after last: UInt16) -> UInt16 { last == .max ? 1 : last + 1 }
}

/// Registers 128 to 137 as they were read.
struct RobotContract: Hashable, Sendable {
    static let version: UInt16 = 1
    static let count = 10

    let sequence: UInt16
    let done: UInt16
    let accepted: UInt16
    let result: UInt16
    let heartbeat: UInt16
    let isHolding: Bool
    let isClear: Bool

    /// - Precondition: as many registers as there are.
    init(_ registers: [UInt16]) {
        sequence = registers[2]
        done = registers[3]
        accepted = registers[4]
        result = registers[5]
        heartbeat = registers[6]
        isHolding = registers[7] != 0
        isClear = registers[8] != 0
    }

    /// A command has come, or has been begun, and is not done.
    var isBusy: Bool { done != accepted || accepted != sequence }

    /// Why these are no registers of the resident program; nil: they may be.
    static func strangeness(_ registers: [UInt16]) -> String? {
        let found = registers[9]
        if found == 0 {
            return "shows no contract version in register 137: load its program and play it once (examples/robot)"
        }
        if found != version {
            return "has a program of contract version \(found), expected \(version): load the one of examples/robot"
        }
        if registers[7] > 1 || registers[8] > 1 {
            return "shows \(registers[7]) and \(registers[8]) in registers 135 and 136, expected 0 or 1: "
                + "another program writes there"
        }
        return nil
    }
}

/// What a finished command came to. Source of the numbers: our own contract, `examples/robot/README.md`.
enum RobotResult: UInt16, Sendable {
    case ok, stationEmpty, dropped, stationOccupied, unknownStation, halted, unknownCommand, gripperNotReady

    func words(_ station: String) -> String {
        switch self {
        case .ok: "did it"
        case .stationEmpty: "found nothing at \(station)"
        case .dropped: "dropped what it held on the way"
        case .stationOccupied: "found \(station) occupied and still holds its cuvette"
        case .unknownStation: "was never taught \(station): teach it, or correct its number in the bench file"
        case .halted: "was halted before it was through"
        case .unknownCommand: "does not know this command: load the program of examples/robot"
        case .gripperNotReady: "says that its gripper holds something else than the command needs"
        }
    }
}

/// Robot modes. Source: Universal Robots, RTDE guide, `robot_mode`; register 258 shows the same numbers.
enum RobotMode {
    static let running: UInt16 = 7
    private static let names = [
        "disconnected", "confirm safety", "booting", "power off", "power on", "idle", "backdrive", "running",
        "updating firmware",
    ]

    static func words(_ mode: UInt16) -> String {
        let index = Int(mode)
        return "robot mode \(mode)" + (names.indices.contains(index) ? " (\(names[index]))" : "")
    }
}
