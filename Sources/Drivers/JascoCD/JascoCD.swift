import DeviceModel
import Quantities
import Wire

/// A JASCO CD spectrometer by the folder into which its software exports.
///
/// No remote protocol of these instruments is public. So the daemon leaves a ticket in the folder, a person or a macro of
/// the instrument's software measures, and the exported text is the answer. A file counts when it was not there before the
/// ticket, its name begins with the sample's, its size did not change from one look to the next nor while it was read, and
/// all of its rows are there. Nothing can be stopped: the ticket is withdrawn.
struct JascoCD: DialogueDevice {
    enum Job: Sendable {
        case measure(JascoMeasurement)
        case withdraw(JascoWithdrawal)
    }

    /// A folder is as slow as the network that it is on.
    static let replyTimeout = WireDuration.milliseconds(10_000)
    static let mostAbandoned = 64

    let name: DeviceName
    let configuration: JascoCDConfiguration
    /// The sample whose ticket is out.
    var asked: String?
    /// Samples whose file may still come although nobody waits for it any more, the oldest first.
    private(set) var abandoned: [String] = []
    private var trouble: String?

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = JascoCDConfiguration(settings)
    }

    var deviceClass: DeviceClass { .analyzer }
    var limits: DeviceLimits {
        .analyzer(AnalyzerLimits(shortestWait: .seconds(10), longestWait: .seconds(24 * 3600)))
    }
    var safeCommands: [DeviceCommand] { [.analyzer(.withdraw)] }
    var times: DialogueTimes {
        var times = DialogueTimes(poll: configuration.poll)
        times.reply = Self.replyTimeout
        return times
    }

    /// One at a time.
    var ticket: String { name.text + FolderRules.ticketSuffix }

    // MARK: Words

    var longestAnswer: Int { (FolderRules.longestName + 48) * FolderRules.mostEntries }
    func bytes(of question: FolderRequest) -> [UInt8] { question.bytes }
    func words(of question: FolderRequest) -> String {
        switch question {
        case .list: "the question what is in its folder"
        case .read(let name, _, _): "the question for \(name)"
        case .ticket(let name, _): "the ticket \(name)"
        case .withdraw(let name): "the withdrawal of \(name)"
        }
    }
    func isAnswered(_ question: FolderRequest) -> Bool { true }
    func read(_ bytes: [UInt8], answering question: FolderRequest) -> DialogueReply<FolderReply> {
        FolderCodec.read(bytes, answering: question)
    }

    // MARK: Identity and looks

    /// A folder has no identity: that it answers is all.
    var identification: [FolderRequest] { looks }
    var looks: [FolderRequest] { [.list(prefix: ticket)] }
    func identify(_ answer: FolderReply, to question: FolderRequest) -> String? { nil }
    var fault: String? { trouble.map { "the folder of \(name) cannot be read: \($0)" } }

    mutating func forget() {
        abandon()
        trouble = nil
    }

    mutating func learn(
        _ answer: FolderReply, to question: FolderRequest, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        guard case .list(let prefix) = question else { return [] }
        switch answer {
        case .refused(let why): trouble = why
        case .list(let entries):
            trouble = nil
            guard prefix == ticket else { return [] }
            let isOut = entries.contains { $0.name == ticket }
            let signal = SignalName(.analyzer, name, "ticket")
            let words = !isOut ? "no ticket" : "\(ticket) is in the folder" + (asked.map { ", for \($0)" } ?? "")
            return [
                .reading(Reading(signal, isOut ? 1 : 0, .code, at: now)),
                .readBack(SafeStateReadBack(isSafe: !isOut || asked != nil, detail: words, askedAt: askedAt)),
            ]
        case .piece, .done: break
        }
        return []
    }

    // MARK: Commands

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<Job> {
        switch command {
        case .analyzer(.withdraw):
            abandon()
            return .job(.withdraw(JascoWithdrawal()))
        case .analyzer(.measure(let job)):
            guard AnalyzerJob.isSample(job.sample) else {
                let expected = "1 to \(AnalyzerJob.longestSample) letters, digits, _, - and ."
                return .refused("sample for \(name) is \"\(job.sample.prefix(80))\", expected \(expected)")
            }
            guard !abandoned.contains(job.sample) else {
                let why = "was given up, and its file may still come: measure under another name"
                return .refused("sample \(job.sample) of \(name) \(why)")
            }
            return .job(.measure(JascoMeasurement(job, at: now)))
        default: return .refused("\(name) is an analyzer and does not understand this command")
        }
    }

    /// Nobody waits for the file of this sample any more.
    mutating func abandon() {
        guard let sample = asked else { return }
        asked = nil
        abandoned.append(sample)
        if abandoned.count > Self.mostAbandoned { abandoned.removeFirst() }
    }

    mutating func proceed(_ job: inout Job, at now: Moment) -> DialogueMove<FolderRequest> {
        switch job {
        case .measure(var measurement):
            defer { job = .measure(measurement) }
            return proceed(&measurement, at: now)
        case .withdraw(var withdrawal):
            defer { job = .withdraw(withdrawal) }
            return proceed(&withdrawal)
        }
    }

    func answered(_ job: inout Job, _ answer: FolderReply, to question: FolderRequest, at now: Moment) {
        switch job {
        case .measure(var measurement):
            measurement.answer = answer
            job = .measure(measurement)
        case .withdraw(var withdrawal):
            withdrawal.answer = answer
            job = .withdraw(withdrawal)
        }
    }

    func harvest(of job: Job, as id: CommandID) -> [DriverEffect] {
        guard case .measure(let measurement) = job, let export = measurement.export else { return [] }
        let digest = md5(measurement.bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let result = AnalyzerResult(
            device: name, command: id, sample: measurement.job.sample, file: measurement.file, md5: digest,
            original: measurement.bytes, wavelengths: export.wavelengths, columns: export.columns)
        return [.result(result)]
    }
}
