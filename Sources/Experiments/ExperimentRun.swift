import DeviceModel
import Hydraulics
import Quantities
import Spectra

/// One experiment being run, from heating to measured: a plain state machine, one function an event.
struct ExperimentRun: Sendable {
    enum Phase: Sendable {
        case referencing
        case heating(confirmed: Bool, SteadyPlate?)
        /// Valves that have not shown their position yet; no pump runs.
        case switching(Set<DeviceName>)
        case flowing(FlowStart)
        case settling
        case measuring
        /// Of the product, into a cuvette.
        case sampling
        case ended
    }

    /// `e-000042`
    let experiment: String
    let plan: ExecutionPlan
    let procedure: ExperimentProcedure
    var phase: Phase
    var enteredAt: BenchInstant
    /// The parts that are changed in place stand beside the phase.
    var references: ReferenceRun?
    var settling: Settling?
    var measuring: Measuring?
    /// What has left the last cell since the measurement began, on its way to where samples are taken.
    var delivery: VolumeClock?
    var sampling: SampleRun?
    private(set) var isHeatConfirmed = false
    /// From here on it must stay closed.
    private(set) var isContactorClosed = false
    private(set) var temperature: Double?
    private(set) var flows: [String: Double] = [:]
    private(set) var volumes: [String: Volume] = [:]
    var volumesAtStart: [String: Volume] = [:]
    private let temperatureSignal: SignalName
    /// What the last probes showed, for the record of an experiment that ends badly.
    private(set) var lastProbes: [DeviceName: AnalysisReply] = [:]
    /// While the measurement was made: what flows for a sample afterwards does not belong to it.
    private var measured: MeasuredConditions?

    init(
        _ experiment: String, plan: ExecutionPlan, references: ReferenceRun?, procedure: ExperimentProcedure,
        at now: Moment
    ) {
        self.experiment = experiment
        self.plan = plan
        self.procedure = procedure
        self.references = references
        phase = references == nil ? .heating(confirmed: false, nil) : .referencing
        enteredAt = now.bench
        temperatureSignal = SignalName(.heater, procedure.heater, "temperature")
    }

    /// The plate heats while the references are taken: only carrier flows meanwhile.
    mutating func begin() -> [RunEffect] {
        let heat =
            procedure.contactor.map { contactor in
                RunEffect.command(
                    .io(.set(output: contactor.output, on: true)), contactor.device, .closeContactor)
            } ?? heatCommand
        guard let references else { return [.enter(.heating, cause: "first in the queue; \(heatingWords)"), heat] }
        let what = references.due.map(\.rawValue).sorted().joined(separator: " and ")
        let enter = RunEffect.enter(.referencing, cause: "\(what) of \(references.plan.spectrometer) due")
        return [enter] + (plan.isReferencesOnly ? [] : [heat]) + references.begin()
    }

    private var heatCommand: RunEffect { .command(.heater(heating), procedure.heater, .heat) }

    private var heating: HeaterCommand {
        guard let ramp = plan.ramp else { return .hold(plan.temperature) }
        return .ramp(to: plan.temperature, kelvinPerMinute: ramp.kelvinPerMinute)
    }

    /// A reference will be taken, so that the one at hand says nothing any more.
    var takesReference: Bool { references?.due.contains(.reference) ?? false }

    var heatingWords: String {
        let slowly = plan.ramp.map { " at \($0.kelvinPerMinute) K/min" } ?? ""
        return "heating to \(plan.temperature.celsius) degC\(slowly)"
    }

    /// Everything this experiment cannot do without.
    var devices: [DeviceName] {
        (pumps + plan.valves.keys.sorted()).map { DeviceName($0) } + (plan.isReferencesOnly ? [] : procedure.heating)
            + procedure.spectrometers
            + (plan.sample.map { [$0.procedure.robot] + ($0.analyzer.map { [$0] } ?? []) } ?? [])
    }

    var isHeating: Bool { if case .heating = phase { true } else { false } }

    /// The pumps that it runs or has run.
    var pumps: [String] { Set(plan.flows.keys).union(references?.plan.flows.keys.map { $0 } ?? []).sorted() }

    // MARK: Events

    mutating func finished(_ command: RunCommand, _ outcome: CommandOutcome, at now: Moment) -> [RunEffect] {
        if case .done = outcome { return confirmed(command, at: now) }
        switch (command, phase) {
        case (.probe(let device), .settling):
            settling?.probeFailed(device, "\(command.text): \(outcome.text)")
            return []
        case (_, .ended): return []
        case (.select(let valve, _), _):
            return fail("valve_not_confirmed", valve, "\(command.text): \(outcome.text)", at: now)
        case (.carry(let robot, _), _):
            return fail("transfer_failed", robot, "\(command.text): \(outcome.text)", at: now)
        case (.examine(let analyzer), _):
            return fail("analysis_failed", analyzer, "\(command.text): \(outcome.text)", at: now)
        case (let command, _):
            let device = command.device(procedure, references?.plan.spectrometer)
            return fail("command_failed", device, "\(command.text): \(outcome.text)", at: now)
        }
    }

    private mutating func confirmed(_ command: RunCommand, at now: Moment) -> [RunEffect] {
        switch (command, phase) {
        case (.closeContactor, .heating), (.closeContactor, .referencing):
            isContactorClosed = true
            return [heatCommand]
        case (.heat, .heating(_, let steady)): phase = .heating(confirmed: true, steady)
        case (.heat, .referencing): isHeatConfirmed = true
        case (_, .referencing):
            let effects = references?.confirmed(command, at: now) ?? []
            return effects + advance(to: now)
        case (.select(let valve, _), .switching(let rest)):
            phase = .switching(rest.subtracting([valve]))
            return rest.subtracting([valve]).isEmpty ? startPumps(at: now) : []
        case (.start(let device), .flowing(var start)):
            start.confirm(device)
            phase = .flowing(start)
        case (.measure(let device), .measuring): measuring?.ended(device, at: now.bench)
        case (_, .sampling):
            let effects = sampling?.confirmed(command, displaced: volumes, at: now.bench) ?? []
            return effects + advance(to: now)
        default: break
        }
        return advance(to: now)
    }

    mutating func read(_ reading: Reading) {
        guard reading.quality == .good, reading.signal == temperatureSignal else { return }
        temperature = reading.value
        judgeTemperature(reading)
    }

    /// It wanted the contactor closed, and nothing has shown that it is.
    var leavesContactorUnknown: Bool { !plan.isReferencesOnly && !isContactorClosed }

    /// What the module shows of the heater's contactor. Open under way, the plate cools, and its controller does not know.
    mutating func contactor(_ reading: Reading, at now: Moment) -> [RunEffect] {
        guard isContactorClosed, reading.quality == .good, reading.value == 0 else { return [] }
        return fail(
            "contactor_open", procedure.contactor?.device, "\(reading.signal) opened while the heater was in use",
            at: now)
    }

    /// A pump's own report of what it does and has displaced.
    mutating func pump(_ name: String, volume: Volume, at now: Moment) {
        volumes[name] = volume
        references?.displaced(volumes, at: now.bench)
        guard plan.flows[name] != nil else { return }
        if case .settling = phase { settling?.clock.record(displaced: volumes, at: now.bench) }
        if case .measuring = phase { delivery?.record(displaced: volumes, at: now.bench) }
    }

    /// A pump that no longer delivers what it was told (stopped at its own panel, run out) makes another mixture than the
    /// one that was asked for, however steady it looks.
    mutating func pump(_ name: String, flow: Reading, at now: Moment) -> [RunEffect] {
        flows[name] = flow.value
        guard flow.quality == .good, let planned = runningFlows?[name], !FlowStart.agrees(flow.value, planned) else {
            return []
        }
        let (shown, wish) = (flow.value, planned.microlitersPerMinute)
        return fail(
            "flow_lost", DeviceName(name), "\(name) reports \(shown) uL/min, planned are \(wish) uL/min", at: now)
    }

    /// What must flow just now.
    var runningFlows: [String: FlowRate]? {
        switch phase {
        case .referencing: references?.runningFlows
        case .settling, .measuring: plan.flows
        case .sampling: sampling?.runningFlows
        case .heating, .switching, .flowing, .ended: nil
        }
    }

    /// A valve's own report of where it stands. Turned under way, the stream goes where nobody planned it.
    mutating func valve(_ name: String, shows position: String, at now: Moment) -> [RunEffect] {
        switch phase {
        case .flowing, .settling, .measuring, .sampling: break
        case .referencing, .heating, .switching, .ended: return []
        }
        let ofSample = sampling.flatMap { $0.sample.procedure.valve.text == name ? $0 : nil }
        guard let planned = ofSample.map(\.position) ?? plan.valves[name], planned != position else { return [] }
        return fail(
            "valve_moved", DeviceName(name), "valve \(name) stands at \(position), planned is \(planned)", at: now)
    }

    private mutating func judgeTemperature(_ reading: Reading) {
        let deviation = (reading.value - plan.temperature.celsius).magnitude
        let band = procedure.temperatureBandKelvin
        switch phase {
        case .heating(let confirmed, let steady):
            let isInBand = deviation <= band
            phase = .heating(confirmed: confirmed, isInBand ? SteadyPlate(steady, reading, band: band) : nil)
        case .settling: settling?.judgeTemperature(deviation, band: band, at: reading.at.bench)
        case .referencing, .switching, .flowing, .measuring, .sampling, .ended: break
        }
    }

    /// The frames of a burst have come.
    mutating func took(_ burst: SpectrumBurst, for command: RunCommand, at now: Moment) -> [RunEffect] {
        switch (command, phase) {
        case (.probe(let device), .settling): return [.analyse(device, .probe, [burst])]
        case (.measure(let device), .measuring):
            return measuring?.took(burst).map { [.analyse(device, .measurement, $0)] } ?? []
        case (.take(let kind), .referencing):
            return [.analyse(burst.device, kind == .dark ? .dark : .reference, [burst])]
        default: return []
        }
    }

    mutating func analysed(_ reply: AnalysisReply, at now: Moment) -> [RunEffect] {
        switch (reply.purpose, phase) {
        case (.probe, .settling):
            settling?.took(reply)
            if reply.faults.isEmpty { lastProbes[reply.device] = reply }
            return advance(to: now)
        case (.measurement, .measuring):
            guard reply.faults.isEmpty else { return unusable(reply, at: now) }
            measuring?.took(reply)
            guard let measuring, measuring.isComplete else { return [] }
            measured = conditions
            return plan.sample.map { takeSample($0, at: now) } ?? finishMeasured()
        case (.dark, .referencing): return keep(.dark, reply, at: now)
        case (.reference, .referencing): return keep(.reference, reply, at: now)
        default: return []
        }
    }

    private mutating func unusable(_ reply: AnalysisReply, at now: Moment) -> [RunEffect] {
        let trouble = ProbeTrouble(reply)
        return fail(trouble.kind, trouble.device, trouble.detail, at: now)
    }

    private mutating func keep(
        _ kind: ReferenceShelf.Kind, _ reply: AnalysisReply, at now: Moment
    ) -> [RunEffect] {
        guard reply.faults.isEmpty, let spectrum = reply.spectra[kind.rawValue] else { return unusable(reply, at: now) }
        let next = references?.took(kind, at: now) ?? []
        return [.keep(kind, spectrum, frames: reply.frames)] + next + advance(to: now)
    }

    mutating func fail(
        _ kind: String, _ device: DeviceName?, _ detail: String, hint: String? = nil, at now: Moment
    ) -> [RunEffect] {
        if case .ended = phase { return [] }
        let certificate = unfinishedCertificate(at: now)
        phase = .ended
        let error = ExperimentError(kind: kind, device: device?.text, detail: detail, hint: hint ?? RunHints.hint(kind))
        return [.finish(.failed(error, certificate))]
    }

    /// How far an experiment came that ends here.
    func unfinishedCertificate(at now: Moment) -> Certificate? {
        switch phase {
        case .settling: settling?.statement("not_steady", plan, procedure, at: now.bench)
        case .measuring, .sampling: measuring?.certificate
        case .referencing, .heating, .switching, .flowing, .ended: nil
        }
    }

    // MARK: Looking

    var sweptTau: Double { settling?.clock.sweptResidenceTimes ?? 0 }

    /// What the devices report; nil before anything flowed.
    var partialConditions: MeasuredConditions? { measured ?? (settling == nil ? nil : conditions) }

    var conditions: MeasuredConditions {
        var displaced: [String: Double] = [:]
        for pump in plan.flows.keys {
            let volume = (volumes[pump] ?? .zero) - (volumesAtStart[pump] ?? .zero)
            displaced[pump] = volume.microliters
        }
        return MeasuredConditions(
            temperatureC: temperature ?? plan.temperature.celsius,
            flowsULMin: flows.filter { plan.flows[$0.key] != nil }, volumesUL: displaced)
    }
}
