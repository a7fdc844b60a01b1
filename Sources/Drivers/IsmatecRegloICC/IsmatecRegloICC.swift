import DeviceModel
import Interlocks
import Quantities
import Wire

/// One channel of an Ismatec Reglo ICC peristaltic pump; the others are left alone.
///
/// A run is in the mode *volume at rate*, which stops by itself when the host dies. Nothing in the pump tells how much it
/// delivered in a run, so `volume` is what it was set to, added up while it runs, and is never more than uncertain. A pump
/// that lost its power takes the number before a command for its own address: with the number 1 a start would be for all
/// channels. So that is asked before each run, and with each round of looks.
struct IsmatecRegloICC: DialogueDevice {
    enum Job: Sendable {
        case run(RegloRun)
        case stop(RegloStop)
    }

    static let lookInterval = WireDuration.milliseconds(100)
    static let mostLooks = 10
    /// Half of a hundredth of a millimetre, as the pump keeps it.
    static let tubingTolerance = 0.005

    let name: DeviceName
    let configuration: RegloConfiguration
    private(set) var addressesChannels = false
    var counter = RegloVolumeCounter()
    private var isRunning: Bool?
    private var mode: String?
    private var isClockwise: Bool?
    /// uL/min.
    private var flow: Double?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = RegloConfiguration(settings)
    }

    var deviceClass: DeviceClass { .pump }
    var limits: DeviceLimits { .pump(configuration.limits) }
    var safeCommands: [DeviceCommand] { [.pump(.stop)] }
    /// Source: the client `ismatec` waits 55 ms for an answer, and up to a second.
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.reply = .milliseconds(1000)
        times.gap = .milliseconds(10)
        return times
    }

    // MARK: Words

    /// Ends a half-written `1H` as something that the pump does not know.
    var spoiler: [UInt8] { Array("$\r".utf8) }
    func bytes(of question: RegloQuestion) -> [UInt8] {
        Array((question.text(channel: configuration.channel) + "\r").utf8)
    }
    func words(of question: RegloQuestion) -> String { "`\(question.text(channel: configuration.channel))`" }
    func isAnswered(_ question: RegloQuestion) -> Bool { true }
    func read(_ bytes: [UInt8], answering question: RegloQuestion) -> DialogueReply<RegloAnswer> {
        RegloCodec.read(bytes, answering: question)
    }

    // MARK: Identity and looks

    var identification: [RegloQuestion] { [.silenceEvents, .addressChannels, .addressing, .channelCount] }

    /// Whether it runs is asked most. A pump that forgot how it is spoken to is told anew, before anything else.
    var looks: [RegloQuestion] {
        addressesChannels
            ? [.isRunning, .flow, .isRunning, .mode, .isRunning, .direction, .isRunning, .addressing]
            : [.addressing, .addressChannels, .silenceEvents]
    }

    mutating func identify(_ answer: RegloAnswer, to question: RegloQuestion) -> String? {
        switch (question, answer) {
        case (.channelCount, .line(let text)):
            guard let count = Int(text), count < configuration.channel else { return nil }
            return "has \(count) channels, and the bench file says channel \(configuration.channel)"
        case (.addressing, .line("1")): return nil
        case (.addressing, _): return "was told to count its channels (`~1`) and does not: is it a Reglo ICC?"
        case (_, .notExecuted): return "does not take \(words(of: question)): is it a Reglo ICC?"
        default: return nil
        }
    }

    var fault: String? {
        addressesChannels ? nil : "\(name) has forgotten its settings: its power was cut; they are set anew"
    }

    mutating func forget() {
        (addressesChannels, isRunning, mode, isClockwise, flow) = (false, nil, nil, nil, nil)
        counter.pause()
    }

    mutating func learn(
        _ answer: RegloAnswer, to question: RegloQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        switch (question, answer) {
        case (.addressing, .line(let text)): addressesChannels = text == "1"
        case (.mode, .line(let text)): mode = text
        case (.direction, .line(let text)): isClockwise = text == "J"
        case (.flow, .line(let text)), (.setFlow, .line(let text)):
            flow = RegloAmount(shown: text).map { $0.value * 1000 }
        case (.isRunning, .yes), (.isRunning, .no): return learn(isRunning: answer == .yes, askedAt: askedAt, at: now)
        default: break
        }
        return []
    }

    private mutating func learn(isRunning: Bool, askedAt: WireInstant, at now: Moment) -> [DriverEffect] {
        self.isRunning = isRunning
        counter.look(isRunning ? signedFlow : nil, at: now.bench)
        // A speed in turns is no flow.
        let isKnown = !isRunning || signedFlow != nil
        let set = signedFlow
        let readings = [
            Reading(
                signal("flow"), isRunning ? signedFlow ?? 0 : 0, .microlitersPerMinute,
                quality: isKnown ? .good : .bad, at: now),
            Reading(
                signal("flow.set_point"), isRunning ? set ?? 0 : 0, .microlitersPerMinute,
                quality: isKnown ? .good : .bad, at: now),
            Reading(signal("volume"), counter.delivered, .microliters, quality: .uncertain, at: now),
            Reading(signal("status"), isRunning ? 1 : 0, .code, at: now),
        ]
        let drawn = Reading(signal("volume.withdrawn"), counter.withdrawn, .microliters, quality: .uncertain, at: now)
        let look = SafeStateReadBack(isSafe: !isRunning, detail: isRunning ? "running" : "stopped", askedAt: askedAt)
        return (readings + (counter.withdrawn > 0 ? [drawn] : [])).map { .reading($0) } + [.readBack(look)]
    }

    /// Negative while it draws back; nil where it is not known. Only modes with a flow have one.
    private var signedFlow: Double? {
        guard let flow, let mode, mode != "L", mode != "G", let isClockwise else { return nil }
        return isClockwise ? flow : -flow
    }

    func signal(_ quantity: String) -> SignalName { SignalName(.pump, name, quantity) }

    // MARK: Commands

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job> {
        switch command {
        case .pump(.stop): return .job(.stop(RegloStop()))
        case .pump(.run(let flow, let volume)): return begin(flow, volume, isClockwise: true)
        case .pump(.withdraw(let flow, let volume)): return begin(flow, volume, isClockwise: false)
        default: return .refused("\(name) is a pump and does not understand this command")
        }
    }

    private func begin(_ flow: FlowRate, _ volume: Volume, isClockwise: Bool) -> DialogueStart<Job> {
        let limits = configuration.limits
        guard limits.minimum <= flow, flow <= limits.maximum else {
            let range = "\(limits.minimum.microlitersPerMinute) to \(limits.maximum.microlitersPerMinute) uL/min"
            return .refused("flow of pump \(name) is \(flow.microlitersPerMinute) uL/min, expected \(range)")
        }
        guard limits.smallestVolume <= volume, volume <= limits.capacity else {
            let range = "\(limits.smallestVolume.microliters) to \(limits.capacity.microliters) uL"
            return .refused("volume of pump \(name) is \(volume.microliters) uL, expected \(range)")
        }
        guard let rate = RegloAmount(flow.microlitersPerMinute / 1000),
            let amount = RegloAmount(volume.microliters / 1000)
        else { return .refused("pump \(name) cannot be told this flow or volume") }
        let error = (rate.value * 1000 - flow.microlitersPerMinute).magnitude
        guard error <= limits.resolution.microlitersPerMinute / 2 else {
            return .refused(
                "flow of pump \(name) is \(flow.microlitersPerMinute) uL/min, and it takes four digits: "
                    + "round it, or set a coarser resolution_ul_min")
        }
        return .job(.run(RegloRun(flow: rate, volume: amount, isClockwise: isClockwise)))
    }

    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<RegloQuestion> {
        switch job {
        case .run(var run):
            defer { job = .run(run) }
            return proceed(&run, at: now)
        case .stop(var stop):
            defer { job = .stop(stop) }
            return proceed(&stop)
        }
    }

    mutating func answered(_ job: inout Job, _ answer: RegloAnswer, to question: RegloQuestion, at now: Moment) {
        switch job {
        case .run(var run):
            // The number that it answers a setting with is not the read-back yet.
            run.answer = question.setsAmount && answer != .notExecuted ? .executed : answer
            job = .run(run)
        case .stop(var stop):
            // Only what was asked after the last write counts.
            if question == .isRunning { stop.isRunning = answer != .no }
            job = .stop(stop)
        }
    }
}

/// Adds up what a pump was set to deliver while it ran, uL. It proves nothing: a tube that slips, or an empty one, does not
/// show in it.
struct RegloVolumeCounter: Sendable {
    private(set) var delivered = 0.0
    private(set) var withdrawn = 0.0
    /// What is left of the run that this driver began; nil for one of somebody else's.
    private var left: Double?
    private var last: (flow: Double, at: BenchInstant)?

    mutating func begin(_ microliters: Double) { (left, last) = (microliters, nil) }

    /// - Parameter flow: nil where it stands, or where its flow is not known.
    mutating func look(_ flow: Double?, at now: BenchInstant) {
        if let last {
            var moved = max(0, last.flow.magnitude * (now - last.at).seconds / 60)
            if let left {
                moved = min(moved, left)
                self.left = left - moved
            }
            if last.flow > 0 { delivered += moved } else { withdrawn += moved }
        }
        last = flow.map { ($0, now) }
        if flow == nil { left = nil }
    }

    /// Nobody looks for a while.
    mutating func pause() { (last, left) = (nil, nil) }
}
