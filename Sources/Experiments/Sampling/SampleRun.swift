import DeviceModel
import Hydraulics
import Quantities

/// One sample being taken, step by step, each begun once the one before is confirmed: a clean cuvette under the nozzle, the
/// stream into it, once what was measured has reached the valve, until the pumps have displaced the volume, and the cuvette
/// to where it is wanted.
struct SampleRun: Sendable {
    enum Step: Hashable, Sendable {
        case move(RobotCommand)
        /// What was measured has not reached the valve yet.
        case deliver
        case turn(to: String)
        case fill
        /// Nothing flows any more, and the lamps go out.
        case rest
        case measure(DeviceName)
    }

    let sample: PlannedSample
    let flows: [String: FlowRate]
    let lamps: [DeviceName]
    private let steps: [Step]
    private var index = 0
    private(set) var enteredAt: BenchInstant
    /// Of this step, without an outcome yet.
    private var pending: Set<RunCommand> = []
    /// Since the measurement began.
    private var delivery: VolumeClock
    private var filledFrom: Volume?
    private(set) var filled = Volume.zero
    var result: SampleRecord.Result?
    private let experiment: String

    init(
        _ plan: ExecutionPlan, _ sample: PlannedSample, of experiment: String, delivery: VolumeClock,
        lamps: [DeviceName], at now: BenchInstant
    ) {
        self.delivery = delivery
        self.experiment = experiment
        self.sample = sample
        self.lamps = lamps
        flows = plan.flows
        enteredAt = now
        let procedure = sample.procedure
        let filling: [Step] = [
            .move(.pick(station: procedure.supply)), .move(.place(station: procedure.filler)), .move(.park),
            .deliver, .turn(to: procedure.fill), .fill, .turn(to: sample.home), .rest,
            .move(.pick(station: procedure.filler)), .move(.place(station: sample.to)), .move(.park),
        ]
        let measuring = sample.analyzer.map { [Step.measure($0)] } ?? []
        let discarding = sample.discard.map { discard -> [Step] in
            [.move(.pick(station: sample.to)), .move(.place(station: discard)), .move(.park)]
        }
        steps = filling + measuring + (discarding ?? [])
    }

    private var step: Step? { index < steps.count ? steps[index] : nil }
    var isDone: Bool { step == nil }

    /// Once it is set down.
    var record: SampleRecord? {
        guard steps.prefix(index).contains(.move(.place(station: sample.to))) else { return nil }
        return SampleRecord(to: sample.to, volumeUL: rounded(filled), result: result)
    }

    private func rounded(_ volume: Volume) -> Double { (volume.microliters * 10).rounded() / 10 }

    /// What the stream must be while this goes on; nothing once the cuvette is filled.
    var runningFlows: [String: FlowRate]? {
        steps.prefix(index + 1).contains(.rest) ? nil : flows
    }

    /// Where the valve must stand; nil while it turns.
    var position: String? {
        switch step {
        case .turn: nil
        case .fill: sample.procedure.fill
        case .move, .deliver, .rest, .measure, nil: sample.home
        }
    }

    /// What would go on by itself, or stays as it must not, when the sample ends here.
    var unfinished: [DeviceName] {
        switch step {
        case .move: [sample.procedure.robot]
        case .turn, .fill: [sample.procedure.valve]
        case .measure(let analyzer): [analyzer]
        case .deliver, .rest, nil: []
        }
    }

    // MARK: Steps

    mutating func begin(displaced: [String: Volume], at now: BenchInstant) -> [RunEffect] {
        enteredAt = now
        let effects = commands
        pending = Set(
            effects.compactMap { effect in
                if case .command(_, _, let purpose) = effect { purpose } else { nil }
            })
        if case .fill = step { filledFrom = total(displaced) }
        return step == .deliver && isDelivered ? next(displaced: displaced, at: now) : effects
    }

    private var isDelivered: Bool {
        delivery.path.isEmpty || delivery.sweptResidenceTimes >= sample.sweptDelivery
    }

    private var commands: [RunEffect] {
        let procedure = sample.procedure
        switch step {
        case .move(let command):
            return [.command(.robot(command), procedure.robot, .carry(procedure.robot, command))]
        case .turn(let position):
            let isFilling = position == procedure.fill
            return (isFilling ? [.fill(station: procedure.filler)] : [])
                + RunEffect.selects([procedure.valve.text: position])
        case .rest:
            let pumps = flows.keys.sorted().map { DeviceName($0) }
            return pumps.map { .command(.pump(.stop), $0, .stop($0)) }
                + lamps.map { .command(.spectrometer(.lamp(on: false)), $0, .stop($0)) }
        case .measure(let analyzer):
            let job = AnalyzerJob(sample: experiment, within: sample.procedure.resultDeadline)
            return [.command(.analyzer(.measure(job)), analyzer, .examine(analyzer))]
        case .deliver, .fill, nil: return []
        }
    }

    /// A command has been obeyed.
    mutating func confirmed(_ command: RunCommand, displaced: [String: Volume], at now: BenchInstant) -> [RunEffect] {
        guard pending.remove(command) != nil, pending.isEmpty else { return [] }
        // What ran in until the valve was seen at home is in the cuvette.
        if case .turn(sample.home) = step { note(displaced) }
        return next(displaced: displaced, at: now)
    }

    private mutating func next(displaced: [String: Volume], at now: BenchInstant) -> [RunEffect] {
        index += 1
        return begin(displaced: displaced, at: now)
    }

    /// The pumps have told what they displaced.
    mutating func advance(displaced: [String: Volume], at now: BenchInstant) -> [RunEffect] {
        delivery.record(displaced: displaced, at: now)
        switch step {
        case .deliver: return isDelivered ? next(displaced: displaced, at: now) : []
        case .fill:
            note(displaced)
            return filled >= sample.procedure.volume ? next(displaced: displaced, at: now) : []
        case .move, .turn, .rest, .measure, nil: return []
        }
    }

    private mutating func note(_ displaced: [String: Volume]) {
        guard let filledFrom else { return }
        filled = max(filled, total(displaced) - filledFrom)
    }

    private func total(_ displaced: [String: Volume]) -> Volume {
        flows.keys.sorted().reduce(.zero) { $0 + (displaced[$1] ?? .zero) }
    }

    // MARK: Time

    var deadline: BenchInstant? {
        switch step {
        case .move: enteredAt + sample.procedure.transferDeadline
        case .turn, .rest: enteredAt + sample.turning
        case .deliver: enteredAt + sample.limit(sample.deliveryTime)
        case .fill: enteredAt + sample.limit(sample.fillTime)
        // The analyzer's own time is over first, and it says more.
        case .measure: enteredAt + sample.procedure.resultDeadline + .seconds(60)
        case nil: nil
        }
    }

    /// For errors: what did not come in time.
    var waitingFor: (device: DeviceName?, text: String) {
        let procedure = sample.procedure
        switch step {
        case .move(let command): return (procedure.robot, "\(procedure.robot) to \(command.text)")
        case .turn(let position): return (procedure.valve, "\(procedure.valve) to turn to \(position)")
        case .deliver:
            let swept = "\((delivery.sweptResidenceTimes * 100).rounded() / 100) of \(sample.sweptDelivery)"
            return (nil, "the product to reach \(procedure.valve), \(swept) volumes on its way are swept")
        case .fill:
            let volumes = "\(rounded(filled)) of \(procedure.volume.microliters) uL"
            return (nil, "the cuvette to be filled, \(volumes) by the pumps' report")
        case .rest: return (nil, "the pumps to stand")
        case .measure(let analyzer): return (analyzer, "the result of \(analyzer)")
        case nil: return (nil, "nothing")
        }
    }
}
