import Quantities

/// The Dashboard server: a line in, a line out, whatever the case of its letters. Source: Universal Robots, Dashboard
/// server of the e-Series, command table.
struct RobotPanel: Sendable {
    static let banner = Array("Connected: Universal Robots Dashboard Server\n".utf8)
    static let replyDelay = WireDuration.milliseconds(10)
    /// What is longer is no command; the rest of it is dropped.
    static let longestLine = 512
    static let programs = ["flowlab_robot.urp"]
    static let serial = "20235500001"

    private struct Line: Sendable {
        var text: [UInt8] = []
        var hasQuit = false
    }

    private var lines: [Int: Line] = [:]

    mutating func disconnect(_ connection: Int) { lines[connection] = nil }

    mutating func receive(
        _ bytes: [UInt8], connection: Int, _ controller: inout RobotController, _ program: inout ResidentProgram,
        at now: Moment
    ) -> [TimedReply] {
        var line = lines[connection] ?? Line()
        var replies: [TimedReply] = []
        for byte in bytes where !line.hasQuit {
            guard byte == 0x0a else {
                if line.text.count < Self.longestLine { line.text.append(byte) }
                continue
            }
            let text = String(decoding: line.text.filter { $0 != 0x0d }, as: UTF8.self)
            line.text = []
            let answer = answer(text, &controller, &program, at: now)
            line.hasQuit = answer == "Disconnected"
            replies.append(TimedReply(bytes: Array((answer + "\n").utf8), due: now.wire + Self.replyDelay))
        }
        lines[connection] = line
        return replies
    }

    private func answer(
        _ text: String, _ controller: inout RobotController, _ program: inout ResidentProgram, at now: Moment
    ) -> String {
        let command = text.lowercased()
        if let shown = shown(command, controller) { return shown }
        if command.hasPrefix("popup ") { return "showing popup" }
        let isKnown = Self.remoteOnly.contains(command) || command.hasPrefix("load ")
        guard isKnown else { return "could not understand: '\(text)'" }
        guard controller.isRemote else { return "Not in remote control" }
        switch command {
        case "play", "pause", "stop": return drive(command, &controller, &program)
        case "unlock protective stop":
            return controller.unlock(at: now.wire)
                ? "Protective stop releasing"
                : "Cannot unlock protective stop until 5s after occurrence. "
                    + "Always inspect cause of protective stop before unlocking"
        case _ where command.hasPrefix("load "): return load(String(text.dropFirst(5)), &controller, &program)
        default: return power(command, &controller)
        }
    }

    private static let remoteOnly: Set<String> = [
        "power on", "power off", "brake release", "play", "pause", "stop", "unlock protective stop", "restart safety",
    ]

    /// What changes nothing, or nothing but the screen; nil: none of these.
    private func shown(_ command: String, _ controller: RobotController) -> String? {
        switch command {
        case "robotmode": "Robotmode: \(controller.mode.word)"
        case "safetystatus": "Safetystatus: \(controller.safety.rawValue)"
        case "running": "Program running: \(controller.programState == .playing)"
        case "programstate": "\(controller.programState.rawValue) \(controller.programName)"
        case "is in remote control": "\(controller.isRemote)"
        case "polyscopeversion": "URSoftware 5.12.0.1101319 (simulated)"
        case "get robot model": "UR5"
        case "get serial number": Self.serial
        case "close popup": "closing popup"
        case "close safety popup": "closing safety popup"
        case "quit": "Disconnected"
        default: nil
        }
    }

    private func power(_ command: String, _ controller: inout RobotController) -> String {
        switch command {
        case "power on":
            controller.powerOn()
            return "Powering on"
        case "power off":
            controller.powerOff()
            return "Powering off"
        case "brake release":
            controller.releaseBrakes()
            return "Brake releasing"
        default:
            controller.restartSafety()
            return "Restarting safety"
        }
    }

    /// From a pause it goes on where it was, as the real one does; from a stand it begins anew.
    private func drive(
        _ command: String, _ controller: inout RobotController, _ program: inout ResidentProgram
    ) -> String {
        switch (command, controller.programState) {
        case ("play", _) where controller.mode != .running || controller.safety != .normal:
            return "Failed to execute: play"
        case ("play", let state):
            if state == .stopped { program.start() }
            controller.programState = .playing
            return "Starting program"
        case ("pause", .playing):
            controller.pause()
            return "Pausing program"
        case ("stop", .playing), ("stop", .paused):
            controller.programState = .stopped
            program.end()
            return "Stopped"
        default: return "Failed to execute: \(command)"
        }
    }

    private func load(
        _ name: String, _ controller: inout RobotController, _ program: inout ResidentProgram
    ) -> String {
        guard Self.programs.contains(name) else { return "File not found: \(name)" }
        guard controller.programState != .playing else { return "Error while loading program: \(name)" }
        controller.programName = name
        controller.programState = .stopped
        program.end()
        return "Loading program: \(name)"
    }
}
