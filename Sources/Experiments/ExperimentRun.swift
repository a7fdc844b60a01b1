import DeviceModel
import Quantities
import Spectra

/// Why a command was sent, so that its outcome finds its way.
enum RunCommand: Hashable, Sendable {
    case heat
    case start(DeviceName)
    case probe
    case measure
}

/// What the running experiment wants done.
enum RunEffect: Sendable {
    case command(DeviceCommand, DeviceName, RunCommand)
    case enter(ExperimentState, cause: String)
    case finish(RunResult)
}

enum RunResult: Sendable {
    case measured(BurstEstimate, Certificate, MeasuredConditions, AnalysisReply)
    case failed(ExperimentError, Certificate?)
}

/// One experiment being run, from heating to measured: a plain state machine, one function an event.
struct ExperimentRun: Sendable {
    enum Phase: Hashable, Sendable {
        case heating(confirmed: Bool, SteadyPlate?)
        case flowing(unconfirmed: Set<DeviceName>)
        case settling
        case measuring(Certificate)
        case ended
    }

    let plan: ExecutionPlan
    let procedure: ExperimentProcedure
    private(set) var phase: Phase
    private(set) var enteredAt: BenchInstant
    /// Since when all pumps report their flow.
    private var flowsSince: BenchInstant?
    /// From the start of settling on; it stands beside the phase so that it is changed in place.
    private var settling: Settling?
    private var temperature: Double?
    private var flows: [String: Double] = [:]
    private var volumes: [String: Volume] = [:]
    private var volumesAtStart: [String: Volume] = [:]
    private var names: [SignalName: String] = [:]
    private let temperatureSignal: SignalName

    init(plan: ExecutionPlan, procedure: ExperimentProcedure, at now: Moment) {
        self.plan = plan
        self.procedure = procedure
        phase = .heating(confirmed: false, nil)
        enteredAt = now.bench
        temperatureSignal = SignalName(.heater, procedure.heater, "temperature")
    }

    mutating func begin() -> [RunEffect] {
        let degrees = "\(plan.temperature.celsius) degC"
        return [
            .enter(.heating, cause: "first in the queue; heating to \(degrees)"),
            .command(.heater(.hold(plan.temperature)), procedure.heater, .heat),
        ]
    }

    /// Everything this experiment cannot do without.
    var devices: [DeviceName] {
        plan.flows.keys.sorted().map { DeviceName($0) } + [procedure.heater, procedure.spectrometer]
    }

    // MARK: Events

    mutating func finished(_ command: RunCommand, _ outcome: CommandOutcome, at now: Moment) -> [RunEffect] {
        if case .done = outcome { return confirmed(command, at: now) }
        switch (command, phase) {
        case (.probe, .settling):
            settling?.probeInFlight = false
            return []
        case (_, .ended): return []
        case (.heat, _), (.start, _), (.measure, _), (.probe, _):
            return fail("command_failed", device(of: command), "\(describe(command)): \(outcome.text)", at: now)
        }
    }

    private mutating func confirmed(_ command: RunCommand, at now: Moment) -> [RunEffect] {
        switch (command, phase) {
        case (.heat, .heating(_, let steady)):
            phase = .heating(confirmed: true, steady)
        case (.start(let pump), .flowing(var unconfirmed)):
            unconfirmed.remove(pump)
            phase = .flowing(unconfirmed: unconfirmed)
        case (.probe, _), (.measure, _), (.heat, _), (.start, _): break
        }
        return advance(to: now)
    }

    mutating func read(_ reading: Reading) {
        guard reading.quality == .good else { return }
        if reading.signal == temperatureSignal {
            temperature = reading.value
            judgeTemperature(reading)
        }
    }

    /// A pump's own report of what it does and has displaced.
    mutating func pump(_ name: String, volume: Volume, at now: Moment) {
        volumes[name] = volume
        guard case .settling = phase, plan.flows[name] != nil else { return }
        settling?.clock.record(displaced: volumes, at: now.bench)
    }

    /// A pump that no longer delivers what it was told (stopped at its own panel, run out) makes another mixture than the
    /// one that was asked for, however steady it looks.
    mutating func pump(_ name: String, flow: Reading, at now: Moment) -> [RunEffect] {
        flows[name] = flow.value
        guard flow.quality == .good, isPastStart, let planned = plan.flows[name], !agrees(flow.value, planned) else {
            return []
        }
        let (shown, wish) = (flow.value, planned.microlitersPerMinute)
        return fail(
            "flow_lost", DeviceName(name), "\(name) reports \(shown) uL/min, planned are \(wish) uL/min", at: now)
    }

    private var isPastStart: Bool {
        switch phase {
        case .settling, .measuring: true
        case .heating, .flowing, .ended: false
        }
    }

    private mutating func judgeTemperature(_ reading: Reading) {
        let deviation = (reading.value - plan.temperature.celsius).magnitude
        let band = procedure.temperatureBandKelvin
        switch phase {
        case .heating(let confirmed, let steady):
            let isInBand = deviation <= band
            phase = .heating(confirmed: confirmed, isInBand ? SteadyPlate(steady, reading, band: band) : nil)
        case .settling:
            settling?.judgeTemperature(deviation, band: band, at: reading.at.bench)
        case .flowing, .measuring, .ended: break
        }
    }

    mutating func analysed(_ reply: AnalysisReply, at now: Moment) -> [RunEffect] {
        switch (reply.purpose, phase) {
        case (.probe, .settling):
            settling?.probeInFlight = false
            if let value = probeValue(reply) { settling?.test.add(value, at: reply.at.bench) }
            return advance(to: now)
        case (.measurement, .measuring(let certificate)):
            guard let estimate = reply.estimate, reply.faults.isEmpty else {
                return fail(
                    "spectrum", procedure.spectrometer,
                    "the burst cannot be used: \(reply.faults.joined(separator: ", "))",
                    at: now)
            }
            phase = .ended
            return [.finish(.measured(estimate, certificate, conditions, reply))]
        case (.probe, _), (.measurement, _): return []
        }
    }

    /// The value of a probe: nil where too few droplets passed by, which says nothing; not a number, which empties the
    /// window, where the spectrum itself is no good.
    private func probeValue(_ reply: AnalysisReply) -> Double? {
        guard let estimate = reply.estimate else { return .nan }
        if estimate.flags.contains(.dropout) { return nil }
        return reply.faults.isEmpty ? estimate.feature("pl_peak")?.mean ?? .nan : .nan
    }

    mutating func fail(_ kind: String, _ device: DeviceName?, _ detail: String, at now: Moment) -> [RunEffect] {
        var certificate: Certificate?
        switch phase {
        case .settling: certificate = settling?.statement("not_steady", plan, procedure, at: now.bench)
        case .measuring(let steady): certificate = steady
        case .heating, .flowing: break
        case .ended: return []
        }
        phase = .ended
        let error = ExperimentError(kind: kind, device: device?.text, detail: detail, hint: Self.hint(kind))
        return [.finish(.failed(error, certificate))]
    }

    // MARK: Time

    /// Moves on when what the phase waits for has come true, or fails when its deadline has passed.
    mutating func advance(to now: Moment) -> [RunEffect] {
        if let limit = deadline, now.bench >= limit { return overdue(at: now) }
        switch phase {
        case .heating(confirmed: true, let steady?) where now.bench - steady.since >= procedure.temperatureHold:
            return startFlows(at: now)
        case .flowing(let unconfirmed) where unconfirmed.isEmpty: return letFlowsRise(at: now)
        case .settling: return settle(at: now)
        case .heating, .flowing, .measuring, .ended: return []
        }
    }

    /// When this phase counts as failed.
    var deadline: BenchInstant? {
        switch phase {
        case .heating: enteredAt + procedure.heatingDeadline
        case .flowing: enteredAt + procedure.flowingDeadline
        case .settling: enteredAt + plan.settlingDeadline
        case .measuring: enteredAt + procedure.measuringDeadline
        case .ended: nil
        }
    }

    /// When `advance` could next change something without an event.
    var wake: BenchInstant? {
        switch phase {
        case .heating(confirmed: true, let steady?):
            [steady.since + procedure.temperatureHold, deadline].compactMap { $0 }.min()
        case .settling: [settling?.nextWake(required: procedure.requiredTau), deadline].compactMap { $0 }.min()
        case .flowing: [flowsSince.map { $0 + procedure.flowRise }, deadline].compactMap { $0 }.min()
        case .heating, .measuring: deadline
        case .ended: nil
        }
    }

    private mutating func startFlows(at now: Moment) -> [RunEffect] {
        let pumps = plan.flows.keys.sorted()
        phase = .flowing(unconfirmed: Set(pumps.map { DeviceName($0) } + [procedure.spectrometer]))
        enteredAt = now.bench
        let starts = pumps.compactMap { pump -> RunEffect? in
            guard let flow = plan.flows[pump], let volume = plan.volumes[pump] else { return nil }
            return .command(.pump(.run(flow: flow, volume: volume)), DeviceName(pump), .start(DeviceName(pump)))
        }
        let light = RunEffect.command(
            .spectrometer(.lamp(on: true)), procedure.spectrometer, .start(procedure.spectrometer))
        return [.enter(.flowing, cause: "the plate is steady at \(plan.temperature.celsius) degC")] + starts + [light]
    }

    /// A pump reports its motor; the liquid follows as the syringe's and the tube's compliance lets it. What the motor
    /// displaces meanwhile must not count as swept.
    private mutating func letFlowsRise(at now: Moment) -> [RunEffect] {
        flowsSince = allPumpsReportTheirFlow ? flowsSince ?? now.bench : nil
        guard let flowsSince, now.bench - flowsSince >= procedure.flowRise else { return [] }
        return startSettling(at: now)
    }

    private mutating func startSettling(at now: Moment) -> [RunEffect] {
        enteredAt = now.bench
        volumesAtStart = volumes
        settling = Settling(plan: plan, procedure: procedure, at: now.bench)
        settling?.clock.record(displaced: volumes, at: now.bench)
        phase = .settling
        return [.enter(.settling, cause: "all \(plan.flows.count) pumps report their flow, the lamp is on")]
    }

    private mutating func settle(at now: Moment) -> [RunEffect] {
        if let certificate = settling?.certificate(plan, procedure, at: now.bench) {
            phase = .measuring(certificate)
            enteredAt = now.bench
            let swept = (certificate.sweptTau * 1000).rounded() / 1000
            return [
                .enter(.measuring, cause: "swept \(swept) tau and steady"),
                .command(.spectrometer(.acquire(procedure.burst)), procedure.spectrometer, .measure),
            ]
        }
        guard settling?.wantsProbe(required: procedure.requiredTau, at: now.bench) ?? false else { return [] }
        settling?.probeInFlight = true
        settling?.nextProbe = now.bench + procedure.probeEvery
        return [.command(.spectrometer(.acquire(procedure.probe)), procedure.spectrometer, .probe)]
    }

    private mutating func overdue(at now: Moment) -> [RunEffect] {
        let waited = "\((now.bench - enteredAt).seconds.rounded()) s"
        switch phase {
        case .heating:
            let reading = temperature.map { "\($0) degC" } ?? "unknown"
            return fail("deadline", procedure.heater, "the plate is not steady after \(waited): \(reading)", at: now)
        case .flowing(let unconfirmed):
            let silent = unconfirmed.sorted().map(\.text).joined(separator: ", ")
            return fail("deadline", unconfirmed.min(), "not started after \(waited): \(silent)", at: now)
        case .settling:
            let swept = (sweptTau * 1000).rounded() / 1000
            let kind = swept >= procedure.requiredTau ? "not_steady" : "deadline"
            return fail(kind, nil, "swept \(swept) of \(procedure.requiredTau) tau in \(waited), not steady", at: now)
        case .measuring: return fail("deadline", procedure.spectrometer, "no spectrum after \(waited)", at: now)
        case .ended: return []
        }
    }

    // MARK: Looking

    private var allPumpsReportTheirFlow: Bool {
        plan.flows.allSatisfy { pump, flow in
            flows[pump].map { agrees($0, flow) } ?? false
        }
    }

    private func agrees(_ reported: Double, _ planned: FlowRate) -> Bool {
        (reported - planned.microlitersPerMinute).magnitude <= planned.microlitersPerMinute * 0.01
    }

    var sweptTau: Double { settling?.clock.sweptResidenceTimes ?? 0 }

    private var conditions: MeasuredConditions {
        var displaced: [String: Double] = [:]
        for pump in plan.flows.keys {
            let volume = (volumes[pump] ?? .zero) - (volumesAtStart[pump] ?? .zero)
            displaced[pump] = volume.microliters
        }
        return MeasuredConditions(
            temperatureC: temperature ?? plan.temperature.celsius,
            flowsULMin: flows.filter { plan.flows[$0.key] != nil },
            volumesUL: displaced)
    }

    private func device(of command: RunCommand) -> DeviceName {
        switch command {
        case .heat: procedure.heater
        case .start(let pump): pump
        case .probe, .measure: procedure.spectrometer
        }
    }

    private func describe(_ command: RunCommand) -> String {
        switch command {
        case .heat: "setting the temperature"
        case .start(let pump): "starting \(pump)"
        case .probe, .measure: "taking spectra"
        }
    }

    private static func hint(_ kind: String) -> String {
        switch kind {
        case "trip": "see interlocks.list for the cause and what to do; submit again after the reset"
        case "device_lost": "see devices.list; look at its cable and power; submit again when it is ready"
        case "flow_lost":
            "look at the pump: somebody stopped it, or its syringe is empty; submit again when it is in order"
        case "device_stopped": "somebody or something else switched it; look at its display, and who else has its port"
        case "not_steady": "look for bubbles, leaks and a dry syringe before repeating it"
        case "spectrum": "look at the lamp, the cell and the integration time"
        default: "see devices.list and the events around this time"
        }
    }
}
