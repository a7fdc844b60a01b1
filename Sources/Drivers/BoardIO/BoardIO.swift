import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// Digital and analog inputs and digital outputs of a board, by the names of the bench file. An output that is on goes off by
/// itself when nobody says any more that it shall be on.
struct BoardIO: DialogueBoardDevice {
    /// Outputs on their way: told one after the other, then looked at.
    struct Job: Sendable {
        var toTell: [RelayMessage]
        let channels: [UInt8]
        let isOn: Bool
        var toLook: [UInt8]
        var looks = 0
        var refused: BoardStatus?
    }

    let name: DeviceName
    let configuration: BoardIOConfiguration
    /// By channel, as last shown, and when that was asked for.
    private var levels: [UInt8: (isOn: Bool, askedAt: WireInstant)] = [:]
    /// Outputs that shall be on.
    private var wanted: [UInt8] = []
    private var turn = 0

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = BoardIOConfiguration(settings)
    }

    var deviceClass: DeviceClass { .io }
    var safeCommands: [DeviceCommand] { configuration.outputs.isEmpty ? [] : [.io(.safe)] }
    var limits: DeviceLimits {
        .io(
            IOLimits(
                inputs: configuration.inputs.map { IOLimits.Input(name: $0.name, unit: $0.unit) },
                outputs: configuration.outputs.map { IOLimits.Output(name: $0.name, isOnWhenSafe: false) }))
    }

    var times: DialogueTimes {
        let count = max(1, configuration.channels.count)
        var times = DialogueTimes(poll: .milliseconds(max(20, configuration.poll.milliseconds / Int64(count))))
        times.reply = .seconds(3)
        return times
    }

    var boardChannels: [BoardChannel] {
        configuration.inputs.map { BoardChannel(number: $0.channel, configuration: $0.words) }
            + configuration.outputs.map {
                let words = ConfigureOutputRequest(
                    channel: $0.channel, activeLow: $0.isActiveLow ? 1 : 0, maxOnMilliseconds: configuration.holdTime)
                return BoardChannel(number: $0.channel, configuration: RelayMessage(words))
            }
    }

    // MARK: Identity and looks

    func words(of question: BoardQuestion) -> String { question.words }
    var identification: [BoardQuestion] { configuration.channels.map { .describe($0.number) } }
    var looks: [BoardQuestion] { configuration.channels.map { .read($0.number) } }

    mutating func identify(_ answer: BoardAnswer, to question: BoardQuestion) -> String? {
        guard let channel = configuration.channels.first(where: { .describe($0.number) == question }),
            case .fields(let fields) = answer, let shown = DescribeRequest.Answer(payload: fields)
        else { return "has a channel in the bench file that the board does not have: \(question.words)" }
        guard shown.kind != channel.kind else { return nil }
        return "has channel \(channel.number), which is a \(shown.kind) on this board, expected a \(channel.kind)"
    }

    mutating func forget() { (levels, wanted) = ([:], []) }

    mutating func learn(
        _ answer: BoardAnswer, to question: BoardQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        if question.message.type == SetOutputRequest.type { turn += 1 }
        guard case .fields(let fields) = answer, question.message.type == ReadRequest.type,
            let number = question.message.payload.first, let seen = ReadRequest.Answer(payload: fields)
        else { return [] }
        if let input = configuration.inputs.first(where: { $0.channel == number }) {
            let reading = input.reading(seen, SignalName(.io, name, input.name), at: now)
            return [.reading(reading)] + readBackWithoutOutputs(askedAt)
        }
        guard let output = configuration.outputs.first(where: { $0.channel == number }) else { return [] }
        let isOn = seen.active != 0
        levels[number] = (isOn, askedAt)
        if !isOn { wanted.removeAll { $0 == number } }
        let reading = Reading(SignalName(.io, name, output.name), isOn ? 1 : 0, .code, at: now)
        return [.reading(reading)] + readBack()
    }

    /// As old as the oldest of what it rests on.
    private func readBack() -> [DriverEffect] {
        guard levels.count == configuration.outputs.count, let oldest = levels.values.map(\.askedAt).min() else {
            return []
        }
        let detail = configuration.outputs.map { output in
            "\(output.name) \(levels[output.channel]?.isOn ?? false ? "on" : "off")"
        }.joined(separator: ", ")
        let isSafe = levels.values.allSatisfy { !$0.isOn }
        return [.readBack(SafeStateReadBack(isSafe: isSafe, detail: detail, askedAt: oldest))]
    }

    private func readBackWithoutOutputs(_ askedAt: WireInstant) -> [DriverEffect] {
        guard configuration.outputs.isEmpty else { return [] }
        return [.readBack(SafeStateReadBack(isSafe: true, detail: "no outputs", askedAt: askedAt))]
    }

    // MARK: Commands

    private func turnOn(_ channel: UInt8) -> RelayMessage {
        RelayMessage(SetOutputRequest(channel: channel, level: 1, durationMilliseconds: configuration.holdTime))
    }

    var upkeep: BoardQuestion? { wanted.isEmpty ? nil : BoardQuestion(turnOn(wanted[turn % wanted.count])) }
    var upkeepInterval: WireDuration {
        .milliseconds(Int64(configuration.holdTime) / 3 / Int64(max(1, wanted.count)))
    }

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job> {
        switch command {
        case .io(.safe):
            wanted = []
            let channels = configuration.outputs.map(\.channel)
            let stops = channels.map { RelayMessage(ChannelStopRequest(channel: $0)) }
            return channels.isEmpty ? .done : .job(job(stops, channels, isOn: false))
        case .io(.set(let name, let isOn)):
            guard let output = configuration.outputs.first(where: { $0.name == name }) else {
                let known = configuration.outputs.map(\.name).joined(separator: ", ")
                return .refused("\(self.name) has no output \(name); it has \(known.isEmpty ? "none" : known)")
            }
            wanted.removeAll { $0 == output.channel }
            if isOn { wanted.append(output.channel) }
            let words = isOn ? turnOn(output.channel) : RelayMessage(ChannelStopRequest(channel: output.channel))
            return .job(job([words], [output.channel], isOn: isOn))
        default: return .refused("\(name) has inputs and outputs and does not understand this command")
        }
    }

    private func job(_ messages: [RelayMessage], _ channels: [UInt8], isOn: Bool) -> Job {
        Job(toTell: messages, channels: channels, isOn: isOn, toLook: channels)
    }

    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<BoardQuestion> {
        if let refused = job.refused { return .end(.refused("\(name): \(refused.words)")) }
        if !job.toTell.isEmpty { return .tell(BoardQuestion(job.toTell.removeFirst())) }
        if !job.toLook.isEmpty { return .ask(.read(job.toLook.removeFirst())) }
        if job.channels.allSatisfy({ levels[$0]?.isOn == job.isOn }) { return .end(.done) }
        job.looks += 1
        guard job.looks < BoardJob.mostLooks else {
            return .end(.failed("\(name) was told, and shows something else \(job.looks) looks later"))
        }
        job.toLook = job.channels
        return .wait(BoardJob.lookInterval)
    }

    mutating func answered(_ job: inout Job, _ answer: BoardAnswer, to question: BoardQuestion, at now: Moment) {
        if case .refused(let code) = answer { job.refused = BoardStatus(code: code) }
    }
}
