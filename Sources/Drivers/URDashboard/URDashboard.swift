import DeviceModel
import Interlocks
import Quantities

/// The controller of a Universal Robots arm by its Dashboard server: power, brakes, its program, and the release of a
/// protective stop. Source: Universal Robots, Dashboard server of the e-Series, command table.
///
/// It says that it begins to do what it is told. That it has done it, only its state shows.
struct URDashboard: DialogueDevice {
    let name: DeviceName
    let configuration: URDashboardConfiguration
    /// As last shown, in the controller's words; nil: not seen since the link was opened.
    private(set) var mode: String?
    private(set) var safety: String?
    private(set) var program: PanelProgram?
    private(set) var programName = ""
    private(set) var isRemote: Bool?
    /// When the protective stop that stands was first seen here.
    private(set) var protectiveSince: WireInstant?
    /// It was told to stand, and nobody has played the program since. Until it is told so, a program that plays is
    /// nothing wrong: the arm stands as long as the registers ask for nothing.
    var mustStand = false

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = URDashboardConfiguration(settings)
    }

    var deviceClass: DeviceClass { .robot }
    var limits: DeviceLimits { .robot(RobotLimits(abilities: [.control], stations: [])) }
    var safeCommands: [DeviceCommand] { [.robot(.halt)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.reply = .milliseconds(1000)
        return times
    }

    // MARK: Words

    func bytes(of question: PanelQuestion) -> [UInt8] { Array("\(question.line)\n".utf8) }
    func words(of question: PanelQuestion) -> String { "`\(question.line)`" }
    func isAnswered(_ question: PanelQuestion) -> Bool { true }

    func read(_ bytes: [UInt8], answering question: PanelQuestion) -> DialogueReply<PanelAnswer> {
        guard let (line, length) = URDashboardCodec.line(bytes) else { return .partial }
        // It greets before it is asked.
        if line.hasPrefix(URDashboardCodec.banner) { return .noise(length) }
        return URDashboardCodec.answer(line, to: question).map { .answer($0, length) } ?? .wrong(line)
    }

    // MARK: Identity and looks

    var identification: [PanelQuestion] {
        [.version] + (configuration.serial == nil ? [] : [.serial]) + looks
    }
    var looks: [PanelQuestion] { [.program, .mode, .safety, .remote] }

    mutating func identify(_ answer: PanelAnswer, to question: PanelQuestion) -> String? {
        guard case .said(let text) = answer else { return nil }
        if question == .version, !text.hasPrefix("URSoftware") {
            return "answers `PolyscopeVersion` with \"\(text.prefix(80))\", expected URSoftware and its version: "
                + "check which controller is at this address"
        }
        if question == .serial, let serial = configuration.serial, text != serial {
            return "has the serial number \"\(text.prefix(80))\", and the bench file says \(serial): "
                + "correct the file, or the address"
        }
        return nil
    }

    mutating func forget() {
        (mode, safety, program, isRemote, protectiveSince) = (nil, nil, nil, nil, nil)
    }

    mutating func learn(
        _ answer: PanelAnswer, to question: PanelQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        switch answer {
        case .mode(let word):
            mode = word
            let look = word == Self.powerOff ? [readBack(true, "robot mode \(word)", askedAt)] : []
            return [reading("robot_mode", PanelCodes.modes[word], at: now)] + look
        case .safety(let word):
            protectiveSince = word == Self.protectiveStop ? protectiveSince ?? now.wire : nil
            safety = word
            return [reading("safety_status", PanelCodes.statuses[word], at: now)]
        case .program(let state, let name):
            (program, programName) = (state, name)
            return [reading("program", state.code, at: now)] + look(at: state, askedAt)
        case .remote(let isRemote):
            self.isRemote = isRemote
            return [reading("remote", isRemote ? 1 : 0, at: now)]
        case .said: return []
        }
    }

    static let powerOff = "POWER_OFF", protectiveStop = "PROTECTIVE_STOP"

    /// A word that RTDE has no number for is no reading.
    private func reading(_ quantity: String, _ code: Double?, at now: Moment) -> DriverEffect {
        .reading(
            Reading(
                SignalName(.robot, name, quantity), code ?? 0, .code, quality: code == nil ? .bad : .good, at: now))
    }

    private func look(at state: PanelProgram, _ askedAt: WireInstant) -> [DriverEffect] {
        let words = "program \(state.rawValue)"
        if state != .playing { return [readBack(true, words, askedAt)] }
        return mustStand && mode != Self.powerOff ? [readBack(false, words, askedAt)] : []
    }

    private func readBack(_ isSafe: Bool, _ words: String, _ askedAt: WireInstant) -> DriverEffect {
        .readBack(SafeStateReadBack(isSafe: isSafe, detail: words, askedAt: askedAt))
    }
}
