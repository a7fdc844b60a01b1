import Quantities

/// The controller box: power, brakes, safety, and whether its program plays.
struct RobotController: Sendable {
    /// Robot modes with the numbers of register 258. Source: Universal Robots, RTDE guide, `robot_mode`.
    enum Mode: UInt16, Sendable {
        case powerOff = 3
        case powerOn = 4
        case idle = 5
        case running = 7

        var word: String {
            switch self {
            case .powerOff: "POWER_OFF"
            case .powerOn: "POWER_ON"
            case .idle: "IDLE"
            case .running: "RUNNING"
            }
        }
    }

    enum Safety: String, Sendable {
        case normal = "NORMAL"
        case protectiveStop = "PROTECTIVE_STOP"
        case emergencyStop = "ROBOT_EMERGENCY_STOP"
    }

    enum ProgramState: String, Sendable {
        case stopped = "STOPPED"
        case playing = "PLAYING"
        case paused = "PAUSED"
    }

    /// A protective stop cannot be released sooner. Source: the Dashboard server's own refusal.
    static let unlockAfter = WireDuration.seconds(5)
    /// From one mode to the next; the simulator's choice.
    static let modeChange = BenchDuration.seconds(1)

    private(set) var mode = Mode.running
    private(set) var safety = Safety.normal
    var programState = ProgramState.playing
    var programName = "flowlab_robot.urp"
    var isRemote = true
    private var stoppedAt = WireInstant.zero
    /// Modes that are still to come, and when the first of them does.
    private var coming: [Mode] = []
    private var nextAt: BenchInstant?

    /// The program plays, and the arm would obey it.
    var isMoving: Bool { programState == .playing && mode == .running && safety == .normal }

    var isPowered: Bool { mode != .powerOff }

    mutating func advance(to now: Moment) {
        guard let next = coming.first else { return }
        let due = nextAt ?? now.bench + Self.modeChange
        nextAt = due
        guard now.bench >= due else { return }
        mode = next
        coming.removeFirst()
        nextAt = coming.isEmpty ? nil : due + Self.modeChange
    }

    mutating func powerOn() {
        guard safety != .emergencyStop, mode == .powerOff else { return }
        (coming, nextAt) = ([.powerOn, .idle], nil)
    }

    mutating func powerOff() {
        (mode, coming, nextAt) = (.powerOff, [], nil)
        pause()
    }

    mutating func releaseBrakes() {
        guard safety != .emergencyStop, mode == .idle else { return }
        (coming, nextAt) = ([.running], nil)
    }

    mutating func pause() { if programState == .playing { programState = .paused } }

    // MARK: Safety

    mutating func stopProtectively(at now: WireInstant) {
        guard safety == .normal, mode == .running else { return }
        (safety, stoppedAt) = (.protectiveStop, now)
        pause()
    }

    /// Whether it was time.
    mutating func unlock(at now: WireInstant) -> Bool {
        guard safety == .protectiveStop else { return true }
        guard now - stoppedAt >= Self.unlockAfter else { return false }
        safety = .normal
        return true
    }

    /// Its button takes the power away; released, the arm has to be powered on again.
    mutating func setEmergencyStop(_ isPressed: Bool) {
        if isPressed {
            safety = .emergencyStop
            powerOff()
        } else if safety == .emergencyStop {
            safety = .normal
        }
    }

    mutating func restartSafety() {
        if safety == .protectiveStop { safety = .normal }
        powerOff()
    }
}
