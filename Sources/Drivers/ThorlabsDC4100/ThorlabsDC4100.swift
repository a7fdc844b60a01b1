import DeviceModel
import Interlocks
import Quantities
import Wire

/// A Thorlabs DC4100 or DC4104 driver of four LEDs, on its virtual COM port.
///
/// It says nothing to what it is told, and its answers do not say to which question they belong. So one question is asked
/// at a time, a pause keeps a doubled answer from being taken for the next one's, and what was told counts when it is read
/// back. LEDs keep their light when the host dies.
struct ThorlabsDC4100: DialogueDevice {
    enum Job: Sendable {
        case set(ThorlabsSet)
        case off(ThorlabsOff)
    }

    static let channelCount = 4
    static let lookInterval = WireDuration.milliseconds(100)
    static let mostLooks = 10
    private static let models = ["DC4100", "DC4104"]

    let name: DeviceName
    let configuration: ThorlabsConfiguration
    private var mode: ThorlabsMode?
    private var status: ThorlabsStatus?
    private var percents = [Double?](repeating: nil, count: channelCount)
    /// What each channel showed, and when it was asked.
    private var lights = [(isOn: Bool, askedAt: WireInstant)?](repeating: nil, count: channelCount)

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = ThorlabsConfiguration(settings)
    }

    var deviceClass: DeviceClass { .light }
    var limits: DeviceLimits { .light(configuration.limits) }
    var safeCommands: [DeviceCommand] { [.light(.off)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.gap = .milliseconds(20)
        return times
    }

    // MARK: Words

    /// Ends a half-written line as one that the driver does not know.
    var spoiler: [UInt8] { Array("?\n".utf8) }
    func bytes(of question: ThorlabsQuestion) -> [UInt8] { Array((question.line + "\n").utf8) }
    func words(of question: ThorlabsQuestion) -> String { "`\(question.line)`" }
    func isAnswered(_ question: ThorlabsQuestion) -> Bool { question.isAnswered }
    func read(_ bytes: [UInt8], answering question: ThorlabsQuestion) -> DialogueReply<ThorlabsAnswer> {
        ThorlabsCodec.read(bytes, answering: question)
    }

    // MARK: Identity and looks

    var identification: [ThorlabsQuestion] { [.model, .status, .mode] }

    /// All four channels, also those that the bench file does not name: the safe state is of all.
    var looks: [ThorlabsQuestion] {
        [.status, .mode] + configuration.channels.map { .percent($0.index) } + (0..<Self.channelCount).map { .isOn($0) }
    }

    mutating func identify(_ answer: ThorlabsAnswer, to question: ThorlabsQuestion) -> String? {
        guard case .model(let shown) = answer, !Self.models.contains(where: shown.contains) else { return nil }
        return "calls itself \(shown), expected DC4100 or DC4104: check which device is on this link"
    }

    var fault: String? {
        guard let status else { return nil }
        let what = status.fault ?? configuration.channels.lazy.compactMap { status.fault(of: $0.index) }.first
        return what.map { "\(name) \($0)" }
    }

    mutating func forget() {
        (mode, status) = (nil, nil)
        percents = percents.map { _ in nil }
        lights = lights.map { _ in nil }
    }

    mutating func learn(
        _ answer: ThorlabsAnswer, to question: ThorlabsQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        switch (answer, question) {
        case (.status(let shown), _):
            status = shown
            return [.reading(Reading(signal("status"), Double(shown.conditions), .code, at: now))]
        case (.mode(let shown), _): mode = shown
        case (.percent(let shown), .percent(let channel)): percents[channel] = shown
        case (.isOn(let isOn), .isOn(let channel)):
            lights[channel] = (isOn, askedAt)
            return reading(of: channel, isOn, at: now) + (channel == Self.channelCount - 1 ? readBack() : [])
        case (.model, _), (.isMultiSelection, _), (.percent, _), (.isOn, _): break
        }
        return []
    }

    /// In another mode than percent, how much light there is nobody says.
    private func reading(of channel: Int, _ isOn: Bool, at now: Moment) -> [DriverEffect] {
        guard let named = configuration.channels.first(where: { $0.index == channel }) else { return [] }
        let shown = isOn ? percents[channel] : 0
        let isKnown = shown != nil && (!isOn || mode == .percent)
        return [
            .reading(Reading(signal(named.name), shown ?? 0, .percent, quality: isKnown ? .good : .bad, at: now))
        ]
    }

    /// As old as the oldest of what it rests on.
    private func readBack() -> [DriverEffect] {
        let shown = lights.compactMap { $0 }
        guard shown.count == Self.channelCount, let oldest = shown.map({ $0.askedAt }).min() else { return [] }
        return [.readBack(SafeStateReadBack(isSafe: isDark, detail: lightWords, askedAt: oldest))]
    }

    private var isDark: Bool { lights.allSatisfy { $0?.isOn == false } }

    /// `channels 1 and 3 on`, `all channels off`
    var lightWords: String {
        let lit = lights.indices.filter { lights[$0]?.isOn ?? false }.map { String($0 + 1) }
        guard let last = lit.last else { return "all channels off" }
        return lit.count == 1
            ? "channel \(last) on" : "channels \(lit.dropLast().joined(separator: ", ")) and \(last) on"
    }

    func status(of channel: Int) -> String? { status.flatMap { $0.fault ?? $0.fault(of: channel) } }

    func signal(_ quantity: String) -> SignalName { SignalName(.light, name, quantity) }

    // MARK: Commands

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job> {
        switch command {
        case .light(.off): return .job(.off(ThorlabsOff()))
        case .light(.set(let wanted, let percent)):
            guard let channel = configuration.channels.first(where: { $0.name == wanted }) else {
                let known = configuration.channels.map(\.name).joined(separator: ", ")
                return .refused("light \(name) has no channel \(wanted); it has \(known)")
            }
            guard percent > 0, percent <= channel.maximumPercent else {
                let range = "more than 0 and at most \(shortDecimal(channel.maximumPercent, 1)) %"
                return .refused("channel \(wanted) of \(name) was asked for \(percent) %, expected \(range)")
            }
            if let fault = status(of: channel.index) { return .refused("\(name) \(fault)") }
            return .job(.set(ThorlabsSet(channel: channel, percent: percent)))
        default: return .refused("\(name) is a light and does not understand this command")
        }
    }

    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<ThorlabsQuestion> {
        switch job {
        case .set(var set):
            defer { job = .set(set) }
            return proceed(&set)
        case .off(var off):
            defer { job = .off(off) }
            return proceed(&off)
        }
    }

    mutating func answered(_ job: inout Job, _ answer: ThorlabsAnswer, to question: ThorlabsQuestion, at now: Moment) {
        switch job {
        case .set(var set):
            set.answer = answer
            job = .set(set)
        case .off(var off):
            if case .isOn(let channel) = question, case .isOn(let isOn) = answer { off.seen[channel] = isOn }
            job = .off(off)
        }
    }
}
