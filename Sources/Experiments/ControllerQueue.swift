import ControlCore
import DeviceModel
import Interlocks
import Quantities
import Spectra

/// The queue and the running experiment.
extension BenchController {
    /// Why the next experiment may not start now; nil when it may.
    var holdReason: String? {
        if let latch = core.latches.first { return "interlock \(latch.interlock) is latched: \(latch.cause)" }
        if shutdown != nil { return "the daemon is ending" }
        if let alarm = alarms["archive"] { return alarm.text }
        let needed = queue.first.map { devices(for: $0) } ?? []
        for device in needed {
            guard let state = core.state(of: device), state != .ready else { continue }
            return "\(device) is \(state.word)" + (state.detail.map { ": \($0)" } ?? "")
        }
        return nil
    }

    private func devices(for record: ExperimentRecord) -> [DeviceName] {
        let pumps = record.plan.flowsULMin.filter { $0.value > 0 }.keys.sorted().map { DeviceName($0) }
        return pumps + [definition.procedure.heater, definition.procedure.spectrometer]
    }

    mutating func startNext(at now: Moment) {
        guard active == nil, winding.isEmpty, !queue.isEmpty, holdReason == nil else { return }
        var record = queue.removeFirst()
        let (report, execution) = planner.plan(record.recipe, from: planningState(at: now))
        guard let execution else {
            let detail = report.problems.map { "\($0.name): \($0.hint)" }.joined(separator: "; ")
            record.error = ExperimentError(
                kind: "infeasible", device: report.problems.first?.name, detail: detail,
                hint: "it was feasible when submitted; see experiments.plan")
            enter(.failed, &record, cause: "no longer feasible", at: now)
            return
        }
        idleSince = nil
        let run = ExperimentRun(plan: execution, procedure: definition.procedure, at: now)
        active = ActiveExperiment(record: record, run: run)
        perform(active?.run.begin() ?? [], at: now)
    }

    func planningState(at now: Moment) -> PlanningState {
        var displaced: [String: Volume] = [:]
        for pump in planner.pumps.keys {
            let reading = core.reading(SignalName(.pump, DeviceName(pump), "volume"), at: now)
            displaced[pump] = reading.map { Volume(microliters: $0.value) }
        }
        let plate = core.reading(SignalName(.heater, definition.procedure.heater, "temperature"), at: now)
        let known = plate.flatMap { $0.quality == .good ? Temperature(celsius: $0.value) : nil }
        return PlanningState(plate: known, displaced: displaced)
    }

    mutating func perform(_ runEffects: [RunEffect], at now: Moment) {
        for effect in runEffects {
            switch effect {
            case .command(let command, let device, let purpose): send(command, to: device, purpose, at: now)
            case .enter(let state, let cause):
                guard var record = active?.record else { continue }
                enter(state, &record, cause: cause, at: now)
                active?.record = record
            case .finish(let result): finish(result, at: now)
            }
        }
    }

    private mutating func send(
        _ command: DeviceCommand, to device: DeviceName, _ purpose: RunCommand, at now: Moment
    ) {
        guard active != nil else { return }
        do throws(PermitRefusal) {
            let (id, coreEffects) = try core.issue(command, to: device, at: now)
            active?.commands[id] = purpose
            take(coreEffects, at: now)
        } catch {
            perform(active?.run.fail(error.kind, device, error.text, at: now) ?? [], at: now)
        }
    }

    /// The one place where a record changes its state: the transition is written before anybody can see it.
    mutating func enter(_ state: ExperimentState, _ record: inout ExperimentRecord, cause: String, at now: Moment) {
        record.state = state
        if let key = record.key {
            keys[RestoredState.KeyUse.index(uid: record.submittedBy, key: key)] = .init(
                experiment: record.experiment, uid: record.submittedBy, recipe: record.recipe, state: state)
        }
        record.transitions.append(
            TransitionRecord(state: state, time: now.wall.rfc3339, benchS: now.bench.seconds, cause: cause))
        outbox.write(.experiment(record))
        outbox.publish("experiments", EventData.experiment(record, cause: cause), at: now)
    }

    // MARK: Ending

    private mutating func finish(_ result: RunResult, at now: Moment) {
        guard var record = active?.record, let run = active?.run else { return }
        active = nil
        switch result {
        case .measured(let estimate, let certificate, let conditions, let reply):
            record.measured = conditions
            record.certificate = certificate
            record.features = Dictionary(
                uniqueKeysWithValues: estimate.features.map {
                    ($0.name, FeatureValue(mean: $0.mean, sem: $0.sem, n: $0.n, unit: $0.unit.rawValue))
                })
            if let spectrum = estimate.spectrum { write(spectrum, estimate, reply, record.experiment) }
            enter(.done, &record, cause: "measured \(estimate.dropletCount) droplet frames", at: now)
        case .failed(let error, let certificate):
            record.certificate = certificate
            record.error = error
            enter(.failed, &record, cause: error.detail, at: now)
        }
        windDown(run, at: now)
    }

    private mutating func write(
        _ spectrum: Spectrum, _ estimate: BurstEstimate, _ reply: AnalysisReply, _ experiment: String
    ) {
        outbox.write(
            .spectrum(
                SpectrumRecord(
                    experiment: experiment, device: definition.procedure.spectrometer.text, kind: "droplet",
                    integrationS: reply.integration.seconds, frames: estimate.dropletCount,
                    at: reply.at.wall, wavelengthsNM: spectrum.axis.nanometers.map(Float.init),
                    counts: spectrum.counts)))
    }

    /// Stops what the experiment moved. What a trip already brings down is proven there.
    mutating func windDown(_ run: ExperimentRun, at now: Moment) {
        let unproven = core.unproven
        for pump in run.plan.flows.keys.sorted().map({ DeviceName($0) }) where !unproven.contains(pump) {
            guard isReachable(pump) else { continue }
            stop(pump, .pump(.stop), at: now)
        }
        let spectrometer = definition.procedure.spectrometer
        if isReachable(spectrometer), !unproven.contains(spectrometer) {
            stop(spectrometer, .spectrometer(.lamp(on: false)), at: now)
        }
        idleSince = now.bench
    }

    /// A device that is faulted (a stalled pump) is stopped as well: that is how it comes back.
    private func isReachable(_ device: DeviceName) -> Bool {
        switch core.state(of: device) {
        case .ready, .faulted: true
        case .offline, .identifying, nil: false
        }
    }

    private mutating func stop(_ device: DeviceName, _ command: DeviceCommand, at now: Moment) {
        guard let (id, coreEffects) = try? core.issue(command, to: device, at: now) else { return }
        winding.insert(id)
        take(coreEffects, at: now)
    }

    // MARK: Idle

    var idleDeadline: BenchInstant? { idleSince.map { $0 + definition.procedure.idleAfter } }

    /// Nothing to do for long enough: no reason to keep the plate hot.
    mutating func goIdle(at now: Moment) {
        guard active == nil, let deadline = idleDeadline, now.bench >= deadline else { return }
        idleSince = nil
        if core.state(of: definition.procedure.heater) == .ready {
            stop(definition.procedure.heater, .heater(.off), at: now)
        }
    }
}
