import DeviceModel
import Hydraulics
import Quantities

/// What taking the references will do, in the engine's own terms.
struct ReferencePlan: Hashable, Sendable {
    let spectrometer: DeviceName
    let flows: [String: FlowRate]
    /// The finite volume that each pump is given.
    let volumes: [String: Volume]
    let clock: VolumeClock
    let sweptTau: Double
    let residenceTime: BenchDuration
    let sweepDeadline: BenchDuration
    /// Where the valves stand meanwhile.
    let valves: [String: String]
    let burst: BurstRequest

    /// Expected time of the flows, and of the whole.
    func flowing(_ procedure: ExperimentProcedure) -> BenchDuration {
        Planner.startUp + procedure.flowRise + residenceTime * sweptTau + burstTime
    }

    var burstTime: BenchDuration { burst.integration * Double(burst.frames) }
}

/// Takes a dark spectrum with the lamp shut, then a reference with nothing but carrier (or solvent) in the cell. What is
/// still good is left alone.
struct ReferenceRun: Sendable {
    enum Phase: Sendable {
        /// The lamp, and the valves to where the carrier needs them.
        case shutting(Set<DeviceName>)
        case dark
        case flowing(FlowStart)
        case sweeping
        case reference
        case stopping(Set<DeviceName>)
        case ended
    }

    let plan: ReferencePlan
    let due: Set<ReferenceShelf.Kind>
    private(set) var phase: Phase
    private(set) var enteredAt: BenchInstant
    private var clock: VolumeClock
    private let procedure: ExperimentProcedure

    init(plan: ReferencePlan, due: Set<ReferenceShelf.Kind>, procedure: ExperimentProcedure, at now: BenchInstant) {
        self.plan = plan
        self.due = due
        self.procedure = procedure
        clock = plan.clock
        phase = .shutting(Set([plan.spectrometer] + plan.valves.keys.map { DeviceName($0) }))
        enteredAt = now
    }

    /// The lamp is told to be off even where it is: a dark spectrum is worth the second look.
    func begin() -> [RunEffect] {
        [.command(.spectrometer(.lamp(on: false)), plan.spectrometer, .darken)] + RunEffect.selects(plan.valves)
    }

    var isEnded: Bool { if case .ended = phase { true } else { false } }

    /// While it runs, its flows; a pump that leaves them spoils the reference.
    var runningFlows: [String: FlowRate]? {
        switch phase {
        case .sweeping, .reference: plan.flows
        case .shutting, .dark, .flowing, .stopping, .ended: nil
        }
    }

    mutating func confirmed(_ command: RunCommand, at now: Moment) -> [RunEffect] {
        switch (command, phase) {
        case (.darken, .shutting(let rest)): return shut(plan.spectrometer, rest, at: now)
        case (.select(let valve, _), .shutting(let rest)): return shut(valve, rest, at: now)
        case (.start(let device), .flowing(var start)):
            start.confirm(device)
            phase = .flowing(start)
            return []
        case (.stop(let device), .stopping(var rest)):
            rest.remove(device)
            phase = rest.isEmpty ? .ended : .stopping(rest)
            return []
        default: return []
        }
    }

    private mutating func shut(_ device: DeviceName, _ rest: Set<DeviceName>, at now: Moment) -> [RunEffect] {
        phase = .shutting(rest.subtracting([device]))
        return rest.subtracting([device]).isEmpty ? take(.dark, at: now) : []
    }

    private mutating func take(_ kind: ReferenceShelf.Kind, at now: Moment) -> [RunEffect] {
        enteredAt = now.bench
        phase = kind == .dark ? .dark : .reference
        return [.command(.spectrometer(.acquire(plan.burst)), plan.spectrometer, .take(kind))]
    }

    /// A spectrum is there: the dark is followed by the flows, the reference ends them.
    mutating func took(_ kind: ReferenceShelf.Kind, at now: Moment) -> [RunEffect] {
        switch (kind, phase) {
        case (.dark, .dark): return due.contains(.reference) ? startFlows(at: now) : stop(at: now)
        case (.reference, .reference): return stop(at: now)
        default: return []
        }
    }

    private mutating func startFlows(at now: Moment) -> [RunEffect] {
        enteredAt = now.bench
        phase = .flowing(FlowStart(flows: plan.flows, lamps: [plan.spectrometer], rise: procedure.flowRise))
        return RunEffect.starts(plan.flows, plan.volumes, lamps: [plan.spectrometer])
    }

    private mutating func stop(at now: Moment) -> [RunEffect] {
        enteredAt = now.bench
        let pumps = due.contains(.reference) ? plan.flows.keys.sorted().map { DeviceName($0) } : []
        phase = .stopping(Set(pumps + [plan.spectrometer]))
        return pumps.map { .command(.pump(.stop), $0, .stop($0)) }
            + [.command(.spectrometer(.lamp(on: false)), plan.spectrometer, .stop(plan.spectrometer))]
    }

    mutating func displaced(_ volumes: [String: Volume], at now: BenchInstant) {
        guard case .sweeping = phase else { return }
        clock.record(displaced: volumes, at: now)
    }

    // MARK: Time

    mutating func advance(flows: [String: Double], volumes: [String: Volume], at now: Moment) -> [RunEffect] {
        switch phase {
        case .flowing(var start):
            let isUp = start.isUp(reported: flows, at: now.bench)
            phase = .flowing(start)
            guard isUp else { return [] }
            enteredAt = now.bench
            clock.record(displaced: volumes, at: now.bench)
            phase = .sweeping
            return []
        case .sweeping where clock.sweptResidenceTimes >= plan.sweptTau: return take(.reference, at: now)
        case .shutting, .dark, .sweeping, .reference, .stopping, .ended: return []
        }
    }

    var wake: BenchInstant? {
        guard case .flowing(let start) = phase else { return deadline }
        return [start.wake, deadline].compactMap { $0 }.min()
    }

    var deadline: BenchInstant? {
        switch phase {
        case .shutting, .flowing, .stopping: enteredAt + procedure.flowingDeadline
        case .dark, .reference: enteredAt + procedure.measuringDeadline
        case .sweeping: enteredAt + plan.sweepDeadline
        case .ended: nil
        }
    }

    /// What it waits for, in words.
    var waitingFor: String {
        switch phase {
        case .shutting(let rest):
            rest.contains(plan.spectrometer)
                ? "the lamp to go off" : "\(rest.sorted().map(\.text).joined(separator: ", ")) to turn"
        case .dark: "the dark spectrum"
        case .flowing(let start):
            "\(start.unconfirmed.isEmpty ? "the pumps' flow" : start.unconfirmed.sorted().map(\.text).joined(separator: ", "))"
        case .sweeping: "the cell to be flushed"
        case .reference: "the reference spectrum"
        case .stopping(let rest): "\(rest.sorted().map(\.text).joined(separator: ", ")) to stop"
        case .ended: "nothing"
        }
    }
}
