import DeviceModel
import Interlocks
import Quantities

/// A Dobot Magician on its serial line. Source: pydobot.
///
/// A transfer is put into its queue as a whole, while the queue stands, and then let go: a link that dies in the middle leaves
/// nothing half told. It has no sensor in its gripper: that it holds something nobody sees. A force-stop is not documented where
/// we could read it, so a stop lets the motion under way come to its end, and drops what waits behind it.
struct DobotMagician: DialogueDevice {
    static let lookInterval = WireDuration.milliseconds(200)
    /// Two looks in a row that differ by less show an arm that stands; mm, degrees.
    static let stillness = 0.5
    /// How far from its target an arm that is there may be; mm, degrees.
    static let precision = 2.0

    let name: DeviceName
    let configuration: DobotConfiguration
    private(set) var pose: DobotPose?
    /// It was where it is at the look before this one.
    private(set) var isStill = false
    private(set) var alarms: [Int] = []
    private(set) var index: UInt64?
    /// Of the last step that was put into the queue and let go.
    var awaited: UInt64?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = DobotConfiguration(settings)
    }

    var deviceClass: DeviceClass { .robot }
    var limits: DeviceLimits {
        .robot(RobotLimits(abilities: [.transfer], stations: configuration.stations.map(\.name)))
    }
    var safeCommands: [DeviceCommand] { [.robot(.halt)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        // As pydobot does before each message.
        times.gap = .milliseconds(100)
        return times
    }

    // MARK: Words

    func bytes(of question: DobotQuestion) -> [UInt8] { question.bytes }
    func words(of question: DobotQuestion) -> String { question.words }
    func isAnswered(_ question: DobotQuestion) -> Bool { true }

    func read(_ bytes: [UInt8], answering question: DobotQuestion) -> DialogueReply<DobotAnswer> {
        guard let (length, body) = DobotCodec.next(bytes) else { return .partial }
        guard let body, let answer = DobotCodec.answer(body, to: question) else { return .noise(length) }
        return .answer(answer, length)
    }

    // MARK: Identity and looks

    var identification: [DobotQuestion] { [.serial, .deviceName] + looks }
    var looks: [DobotQuestion] { [.pose, .alarms, .index] }

    mutating func identify(_ answer: DobotAnswer, to question: DobotQuestion) -> String? {
        guard case .text(let text) = answer else { return nil }
        let (expected, word) =
            question == .serial
            ? (configuration.serial, "serial number") : (configuration.deviceName, "name")
        guard let expected, expected != text else { return nil }
        return "has the \(word) \"\(text.prefix(80))\", and the bench file says \(expected): "
            + "correct the file, or look which arm is on this port"
    }

    mutating func forget() { (pose, isStill, alarms, index, awaited) = (nil, false, [], nil, nil) }

    var fault: String? {
        guard !alarms.isEmpty else { return nil }
        let bits = alarms.map { "\($0)" }.joined(separator: ", ")
        return "robot \(name) shows the alarms \(bits): look them up in its manual, free the arm, and clear them there"
    }

    mutating func learn(
        _ answer: DobotAnswer, to question: DobotQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        switch answer {
        case .pose(let shown):
            let last = pose
            pose = shown
            // One look alone says nothing of motion.
            guard let last else { return [] }
            isStill = last.isNear(shown, within: Self.stillness)
            let look = SafeStateReadBack(
                isSafe: isStanding, detail: "\(isStill ? "still" : "moving") at \(shown.words)", askedAt: askedAt)
            return [reading("moving", isStanding ? 0 : 1, at: now), .readBack(look)]
        case .alarms(let bits):
            alarms = bits
            return [reading("alarm", bits.isEmpty ? 0 : 1, at: now)]
        case .index(let index):
            self.index = index
            if index == awaited { awaited = nil }
            return []
        case .text, .taken: return []
        }
    }

    /// What it showed before a stop proves nothing.
    mutating func forgetPose() { (pose, isStill) = (nil, false) }

    /// It moves no more, and nothing that was let go waits behind that.
    var isStanding: Bool { isStill && awaited == nil }

    private func reading(_ quantity: String, _ value: Double, at now: Moment) -> DriverEffect {
        .reading(Reading(SignalName(.robot, name, quantity), value, .code, at: now))
    }
}
