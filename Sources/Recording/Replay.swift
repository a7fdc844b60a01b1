import DeviceModel
import Experiments
import Quantities

/// Feeds a controller what a recording says happened to it, and compares all it does to its links with what it did then.
public struct Replay: Sendable {
    /// Where the controller of today does something else than the recording says.
    public struct Difference: Error, Hashable, Sendable, CustomStringConvertible {
        public let record: UInt64
        public let at: Moment
        public let detail: String

        public var description: String {
            "record \(record), \(at.wall.rfc3339), bench \(at.bench.seconds) s: \(detail)"
        }
    }

    public private(set) var inputs = 0
    public private(set) var writes = 0
    public private(set) var controller: BenchController
    private var now: Moment
    private var due: [(link: LinkName, action: RecordedAction)] = []
    private var nextDue = 0
    private var analyses: [UInt64: AnalysisRequest] = [:]
    /// All that the controller did, in order, for whoever wants to look.
    private let watch: @Sendable ([ControllerEffect]) -> Void

    public init(
        _ start: RunStart, _ definition: BenchDefinition,
        watch: @escaping @Sendable ([ControllerEffect]) -> Void = { _ in }
    ) {
        controller = BenchController(definition, restored: start.restored, at: start.made)
        now = start.started
        self.watch = watch
        take(controller.start(start.restored, at: start.started))
    }

    /// The next record of the run.
    public mutating func feed(_ record: Record, number: UInt64) throws(Difference) {
        switch record {
        case .action(let link, let action): try compare(link, action, number)
        case .gap(let lost, let why):
            throw Difference(record: number, at: now, detail: "\(lost) records are missing here: \(why)")
        case .input(let input, let moment):
            try finish(number)
            now = moment
            inputs += 1
            take(controller.handle(try self.input(input, number), at: moment))
        }
    }

    /// Nothing more comes: all that the controller wants to do must have been in the recording.
    public func finish(_ number: UInt64) throws(Difference) {
        guard nextDue < due.count else { return }
        let (link, action) = due[nextDue]
        throw Difference(
            record: number, at: now, detail: "the recording has nothing, the replay: \(link) \(RecordText.text(action))"
        )
    }

    private mutating func take(_ effects: [ControllerEffect]) {
        due.removeAll(keepingCapacity: true)
        nextDue = 0
        for effect in effects {
            switch effect {
            case .link(let link, let action): due.append((link, RecordedAction(action)))
            case .analyse(let request): analyses[request.id] = request
            case .archive, .reply, .event, .readings, .notify, .shutDown, .keepRecording, .reload: break
            }
        }
        watch(effects)
    }

    private mutating func compare(_ link: LinkName, _ action: RecordedAction, _ number: UInt64) throws(Difference) {
        let recorded = "\(link) \(RecordText.text(action))"
        guard nextDue < due.count else {
            throw Difference(record: number, at: now, detail: "the recording has \(recorded), the replay nothing")
        }
        guard due[nextDue] == (link, action) else {
            let (link, action) = due[nextDue]
            throw Difference(
                record: number, at: now,
                detail: "the recording has \(recorded), the replay \(link) \(RecordText.text(action))")
        }
        nextDue += 1
        if action.isWrite { writes += 1 }
    }

    private mutating func input(_ input: RecordedInput, _ number: UInt64) throws(Difference) -> ControllerInput {
        switch input {
        case .plain(let input): return input
        case .analysed(let id, let at, let unanswered):
            guard let request = analyses.removeValue(forKey: id) else {
                throw Difference(
                    record: number, at: now, detail: "the recording has analysis \(id), the replay asked for none")
            }
            if let unanswered { return .analysed(AnalysisReply(request, unanswered: unanswered, at: at)) }
            return .analysed(Analyzer.analyse(request, at: at))
        }
    }
}
