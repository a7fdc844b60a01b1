import DeviceModel
import Interlocks
import Quantities

/// A Universal Robots arm by the Modbus server of its controller: the resident program obeys registers 128 to 130, moves by
/// itself and says what came of it. Sources: Universal Robots how-to 16377 and copies of its register table; our contract
/// with the program, `examples/robot/README.md`.
///
/// The program is what moves the arm, so its heartbeat is watched: one that stands means that nobody obeys. Nothing is ever
/// asked for twice, and nothing goes on after a link was lost: the sequence continues from what the registers show.
struct UniversalRobots: DialogueModbusDevice {
    /// From one look at a moving arm to the next.
    static let lookInterval = WireDuration.milliseconds(100)

    let name: DeviceName
    let configuration: UniversalRobotsConfiguration
    /// As last shown; nil: not read since the link was opened.
    private(set) var contract: RobotContract?
    /// What register 130 holds, or will when what was told has arrived.
    var sequence: UInt16?
    /// Why registers 128 to 137 are not those of the program; nil: they are.
    private(set) var strangeness: String?
    private(set) var mode: UInt16?
    /// Registers 261 and 262.
    private(set) var isStoppedProtectively = false
    private(set) var isEmergencyStopped = false
    /// When the heartbeat was first seen where it stands.
    private var beat: Moment?
    private(set) var isHeartStill = false

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = UniversalRobotsConfiguration(settings)
    }

    var deviceClass: DeviceClass { .robot }
    var limits: DeviceLimits {
        .robot(RobotLimits(abilities: [.transfer], stations: configuration.stations.map(\.name)))
    }
    var safeCommands: [DeviceCommand] { [.robot(.halt)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.reply = .milliseconds(2000)
        return times
    }

    // MARK: Words

    var unit: UInt8 { configuration.unit }
    func operation(of question: RobotQuestion) -> ModbusRequest.Operation { question.operation }
    func words(of question: RobotQuestion) -> String { question.words }

    func read(_ reply: ModbusReply.Outcome, answering question: RobotQuestion) -> [UInt16]? {
        switch (question.operation, reply) {
        case (.readHoldingRegisters(_, let count), .registers(let registers)):
            registers.count == Int(count) ? registers : nil
        case (.writeRegisters, .written): []
        default: nil
        }
    }

    // MARK: Identity and looks

    var identification: [RobotQuestion] { looks }
    var looks: [RobotQuestion] { [.contract, .safety, .controller] }

    mutating func identify(_ answer: [UInt16], to question: RobotQuestion) -> String? {
        switch question {
        case .contract: return RobotContract.strangeness(answer)
        case .safety:
            guard let index = answer.firstIndex(where: { $0 > 1 }) else { return nil }
            return "shows \(answer[index]) in register \(260 + index), expected 0 or 1: "
                + "check whether this is the controller of an arm"
        case .controller:
            let version = "\(answer[0]).\(answer[1])"
            guard let expected = configuration.version, expected != version else { return nil }
            return "has controller version \(version), and the bench file says \(expected): correct one of them"
        case .order: return nil
        }
    }

    mutating func forget() {
        (contract, sequence, strangeness, mode) = (nil, nil, nil, nil)
        (beat, isHeartStill) = (nil, false)
        (isStoppedProtectively, isEmergencyStopped) = (false, false)
    }

    mutating func learn(
        _ answer: [UInt16], to question: RobotQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        switch question {
        case .contract:
            strangeness = RobotContract.strangeness(answer)
            guard strangeness == nil else {
                (contract, beat, isHeartStill) = (nil, nil, false)
                return []
            }
            let shown = RobotContract(answer)
            listen(to: shown.heartbeat, at: now)
            (contract, sequence) = (shown, shown.sequence)
            return readings(of: shown, at: now) + readBack(of: shown, askedAt)
        case .safety:
            (isStoppedProtectively, isEmergencyStopped) = (answer[1] != 0, answer[2] != 0)
            let stops = [
                reading("protective_stop", isStoppedProtectively ? 1 : 0, at: now),
                reading("emergency_stop", isEmergencyStopped ? 1 : 0, at: now),
            ]
            let word = isEmergencyStopped ? "emergency stop" : isStoppedProtectively ? "protective stop" : nil
            return stops + (word.map { [look(true, $0, askedAt)] } ?? [])
        case .controller:
            mode = answer[2]
            let isOff = answer[2] != RobotMode.running
            return [reading("mode", Double(answer[2]), at: now)]
                + (isOff ? [look(true, RobotMode.words(answer[2]), askedAt)] : [])
        case .order: return []
        }
    }

    private mutating func listen(to heartbeat: UInt16, at now: Moment) {
        guard let beat, contract?.heartbeat == heartbeat else {
            (self.beat, isHeartStill) = (now, false)
            return
        }
        isHeartStill = now.wire - beat.wire >= configuration.heartbeatTimeout
    }

    private func readings(of shown: RobotContract, at now: Moment) -> [DriverEffect] {
        [
            reading("heartbeat", Double(shown.heartbeat), at: now),
            reading("holding", shown.isHolding ? 1 : 0, at: now), reading("clear", shown.isClear ? 1 : 0, at: now),
            reading("moving", shown.isBusy && stop == nil ? 1 : 0, at: now),
        ]
    }

    private func reading(_ quantity: String, _ value: Double, at now: Moment) -> DriverEffect {
        .reading(Reading(SignalName(.robot, name, quantity), value, .code, at: now))
    }

    // MARK: Standing

    /// Why the arm stands whatever its program was told; nil: it may move.
    var stop: String? {
        if isEmergencyStopped {
            return
                "emergency stop: look why, release its button, then power it on, release its brakes and play its program"
        }
        if isStoppedProtectively { return "protective stop: look why, then unlock it and play its program" }
        if let mode, mode != RobotMode.running {
            return "\(RobotMode.words(mode)), expected \(RobotMode.running) (running): "
                + "power it on and release its brakes"
        }
        guard isHeartStill, let contract, let beat else { return nil }
        return "its program does not run: heartbeat stands at \(contract.heartbeat) since \(beat.wall.rfc3339); "
            + "start it on its controller, the ur-dashboard device of this arm: flowlabctl robot NAME play"
    }

    var fault: String? { (stop ?? strangeness).map { "robot \(name): \($0)" } }

    /// Whether the last looks show an arm that stands.
    var isStanding: Bool { stop != nil || contract.map { !$0.isBusy } ?? false }

    /// A look at the registers proves what they show; one at the stops is another question.
    private func readBack(of shown: RobotContract, _ askedAt: WireInstant) -> [DriverEffect] {
        let words = "sequence \(shown.sequence), accepted \(shown.accepted), done \(shown.done)"
        if !shown.isBusy { return [look(true, words, askedAt)] }
        if isHeartStill { return [look(true, "\(words), program does not run", askedAt)] }
        return stop == nil ? [look(false, words, askedAt)] : []
    }

    private func look(_ isSafe: Bool, _ words: String, _ askedAt: WireInstant) -> DriverEffect {
        .readBack(SafeStateReadBack(isSafe: isSafe, detail: words, askedAt: askedAt))
    }
}
