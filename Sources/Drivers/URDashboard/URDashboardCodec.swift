/// One line to the Dashboard server. Source of the words: Universal Robots, Dashboard server of the e-Series, command table.
enum PanelQuestion: Hashable, Sendable {
    case version, serial
    case mode, safety, program, remote
    case powerOn, powerOff, releaseBrakes, play, stop, unlock

    var line: String {
        switch self {
        case .version: "PolyscopeVersion"
        case .serial: "get serial number"
        case .mode: "robotmode"
        case .safety: "safetystatus"
        case .program: "programState"
        case .remote: "is in remote control"
        case .powerOn: "power on"
        case .powerOff: "power off"
        case .releaseBrakes: "brake release"
        case .play: "play"
        case .stop: "stop"
        case .unlock: "unlock protective stop"
        }
    }

    /// How the reply begins when the controller does it; nil: this only asks.
    var consent: String? {
        switch self {
        case .version, .serial, .mode, .safety, .program, .remote: nil
        case .powerOn: "Powering on"
        case .powerOff: "Powering off"
        case .releaseBrakes: "Brake releasing"
        case .play: "Starting program"
        case .stop: "Stopped"
        case .unlock: "Protective stop releasing"
        }
    }
}

enum PanelAnswer: Hashable, Sendable {
    /// As the controller says them: `RUNNING`, `PROTECTIVE_STOP`.
    case mode(String)
    case safety(String)
    /// Its state, and the name of what is loaded.
    case program(PanelProgram, String)
    case remote(Bool)
    /// What it said to a command, or of itself.
    case said(String)
}

/// With the numbers of RTDE's `runtime_state`, which are those of the signal `program`.
enum PanelProgram: String, Sendable {
    case stopped = "STOPPED"
    case playing = "PLAYING"
    case paused = "PAUSED"

    var code: Double {
        switch self {
        case .stopped: 1
        case .playing: 2
        case .paused: 4
        }
    }
}

/// Robot modes and safety statuses with the numbers that RTDE gives them. Source: Universal Robots, RTDE guide,
/// `robot_mode` and `safety_mode`.
enum PanelCodes {
    static let modes = [
        "NO_CONTROLLER": -1.0, "DISCONNECTED": 0, "CONFIRM_SAFETY": 1, "BOOTING": 2, "POWER_OFF": 3, "POWER_ON": 4,
        "IDLE": 5, "BACKDRIVE": 6, "RUNNING": 7,
    ]
    static let statuses = [
        "NORMAL": 1.0, "REDUCED": 2, "PROTECTIVE_STOP": 3, "RECOVERY": 4, "SAFEGUARD_STOP": 5,
        "SYSTEM_EMERGENCY_STOP": 6, "ROBOT_EMERGENCY_STOP": 7, "VIOLATION": 8, "FAULT": 9,
        "AUTOMATIC_MODE_SAFEGUARD_STOP": 12, "SYSTEM_THREE_POSITION_ENABLING_STOP": 13,
    ]
    static let powered: Set<String> = ["IDLE", "BACKDRIVE", "RUNNING"]
    static let usable: Set<String> = ["NORMAL", "REDUCED"]
}

/// Reads what the Dashboard server says: a line for each line.
enum URDashboardCodec {
    static let banner = "Connected: Universal Robots Dashboard Server"

    /// The first line without its end, and how many bytes it takes with it; nil where none is whole.
    static func line(_ bytes: [UInt8]) -> (text: String, length: Int)? {
        guard let end = bytes.firstIndex(of: 0x0a) else { return nil }
        return (String(decoding: bytes[..<end].filter { $0 != 0x0d }, as: UTF8.self), end + 1)
    }

    /// nil: the line has not the shape of an answer to this.
    static func answer(_ line: String, to question: PanelQuestion) -> PanelAnswer? {
        switch question {
        case .mode: return value(line, after: "Robotmode:").map { .mode($0) }
        case .safety: return value(line, after: "Safetystatus:").map { .safety($0) }
        case .program: return program(line)
        case .remote: return flag(line).map { .remote($0) }
        case .version, .serial, .powerOn, .powerOff, .releaseBrakes, .play, .stop, .unlock:
            return isStatus(line) ? nil : .said(line)
        }
    }

    /// A late answer to a look is none to a command.
    private static func isStatus(_ line: String) -> Bool {
        value(line, after: "Robotmode:") != nil || value(line, after: "Safetystatus:") != nil || program(line) != nil
            || flag(line) != nil
    }

    private static func value(_ line: String, after word: String) -> String? {
        guard line.hasPrefix(word) else { return nil }
        let value = line.dropFirst(word.count).filter { $0 != " " }
        return value.isEmpty ? nil : value
    }

    private static func program(_ line: String) -> PanelAnswer? {
        let words = line.split(separator: " ", maxSplits: 1)
        guard let first = words.first, let state = PanelProgram(rawValue: String(first)) else { return nil }
        return .program(state, words.count > 1 ? String(words[1]) : "")
    }

    private static func flag(_ line: String) -> Bool? {
        switch line.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }
}
