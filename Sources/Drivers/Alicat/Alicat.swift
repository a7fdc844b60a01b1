import DeviceModel
import Interlocks
import Quantities
import Wire

/// An Alicat mass flow controller on a serial line.
///
/// It cuts a set point that it cannot have without a word, and keeps its set point when the host dies. So a set point
/// counts when the frame shows it, and closed is a set point of 0, the valve held shut, and no flow. The set point is
/// written before a hold is cancelled: what flows then is what was asked for.
struct Alicat: DialogueDevice {
    enum Job: Sendable {
        case set(AlicatSet)
        case close(AlicatClose)
    }

    /// From one look to the next while something is waited for.
    static let lookInterval = WireDuration.milliseconds(100)
    static let mostLooks = 5
    /// A flow dies away within a second or two.
    static let closeTimeout = WireDuration.milliseconds(3000)

    let name: DeviceName
    let configuration: AlicatConfiguration
    private(set) var layout: AlicatLayout?
    private var frame: AlicatFrame?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = AlicatConfiguration(settings)
    }

    var deviceClass: DeviceClass { .flowController }
    var limits: DeviceLimits { .flowController(configuration.limits) }
    var safeCommands: [DeviceCommand] { [.flowController(.close)] }
    /// The layout table takes most of a second at 19200 baud.
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.reply = .milliseconds(1500)
        times.gap = .milliseconds(10)
        return times
    }

    // MARK: Words

    /// Makes a half-written set point one that the unit does not understand.
    var spoiler: [UInt8] { Array("?\r".utf8) }

    func bytes(of question: AlicatQuestion) -> [UInt8] { Array((configuration.unit + question.words + "\r").utf8) }
    func words(of question: AlicatQuestion) -> String { "`\(configuration.unit)\(question.words)`" }
    func isAnswered(_ question: AlicatQuestion) -> Bool { true }

    func read(_ bytes: [UInt8], answering question: AlicatQuestion) -> DialogueReply<AlicatAnswer> {
        AlicatCodec.read(bytes, answering: question, unit: configuration.unit, layout)
    }

    // MARK: Identity and looks

    var identification: [AlicatQuestion] { [.layout, .poll] }
    var looks: [AlicatQuestion] { [.poll] }

    mutating func identify(_ answer: AlicatAnswer, to question: AlicatQuestion) -> String? {
        switch answer {
        case .layout, .frame, .unread: nil
        case .strangeLayout(let why): why
        case .notUnderstood: "does not understand \(words(of: question)): check which device is on this link"
        }
    }

    /// Another gas than the one that it believes in would flow as another amount.
    var fault: String? {
        guard let frame else { return nil }
        if frame.has(.adc) { return "\(name) reports an error of its converter (ADC): it needs service" }
        guard frame.gas.lowercased() != configuration.limits.gas.lowercased() else { return nil }
        return
            "\(name) measures as \(frame.gas), expected \(configuration.limits.gas): select that gas on the controller"
    }

    mutating func forget() { (layout, frame) = (nil, nil) }

    mutating func learn(
        _ answer: AlicatAnswer, to question: AlicatQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        if case .layout(let shown) = answer { layout = shown }
        guard case .frame(let shown) = answer else { return [] }
        frame = shown
        let flowIsKnown = ![.mov, .vov, .adc].contains { shown.has($0) }
        let readings = [
            reading("flow", shown.flow, .standardMillilitersPerMinute, flowIsKnown, now),
            reading("flow.set_point", shown.setPoint, .standardMillilitersPerMinute, true, now),
            reading("pressure", shown.pressure, .bar, !shown.has(.pov), now),
            reading("temperature", shown.celsius, .celsius, !shown.has(.tov), now),
            reading("status", Double(shown.status), .code, true, now),
        ]
        let look = SafeStateReadBack(isSafe: isShut(shown), detail: words(shown), askedAt: askedAt)
        return readings + [.readBack(look)]
    }

    private func reading(_ quantity: String, _ value: Double, _ unit: Unit, _ isGood: Bool, _ now: Moment)
        -> DriverEffect
    {
        let signal = SignalName(.flowController, name, quantity)
        return .reading(Reading(signal, value, unit, quality: isGood ? .good : .bad, at: now))
    }

    /// Set point 0, held shut, and nothing flows that is more than noise.
    func isClosed(_ frame: AlicatFrame) -> Bool { frame.has(.hld) && isShut(frame) }

    /// The same of one that was just switched on: nothing is asked of it and nothing flows, but its valve is not held.
    private func isShut(_ frame: AlicatFrame) -> Bool {
        frame.setPoint == 0 && frame.flow <= configuration.limits.minimum
            && ![.mov, .vov, .adc].contains { frame.has($0) }
    }

    /// `set point 12.5, flow 12.48 mL/min, not held`
    func words(_ frame: AlicatFrame) -> String {
        let numbers = "set point \(shortDecimal(frame.setPoint, 2)), flow \(shortDecimal(frame.flow, 2)) mL/min"
        return numbers + (frame.has(.hld) ? ", held" : ", not held") + (frame.has(.mov) ? ", over range" : "")
    }

    // MARK: Commands

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job> {
        switch command {
        case .flowController(.close): return .job(.close(AlicatClose()))
        case .flowController(.set(let flow)):
            let limits = configuration.limits
            guard flow == 0 || (limits.minimum...limits.maximum).contains(flow) else {
                let range = "0, or \(limits.minimum) to \(limits.maximum) mL/min"
                return .refused("set point of \(name) is \(flow) mL/min, expected \(range)")
            }
            if let fault { return .refused(fault) }
            guard let layout else {
                return .refused("\(name) has not told its layout yet: wait until it is identified")
            }
            return .job(.set(AlicatSet(flow: flow, shown: flow / layout.milliliters)))
        default: return .refused("\(name) is a flow controller and does not understand this command")
        }
    }

    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<AlicatQuestion> {
        switch job {
        case .set(var set):
            defer { job = .set(set) }
            return proceed(&set)
        case .close(var close):
            defer { job = .close(close) }
            return proceed(&close, at: now)
        }
    }

    mutating func answered(_ job: inout Job, _ answer: AlicatAnswer, to question: AlicatQuestion, at now: Moment) {
        switch job {
        case .set(var set):
            set.answered(answer)
            job = .set(set)
        case .close(var close):
            if case .frame(let frame) = answer { close.seen = frame }
            job = .close(close)
        }
    }
}
