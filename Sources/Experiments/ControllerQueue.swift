import ControlCore
import DeviceModel
import Interlocks
import Quantities
import Spectra

/// The queue and the running experiment.
extension BenchController {
    /// Why the next experiment may not start now; nil when it may.
    func holdReason(at now: Moment) -> String? {
        if let latch = core.latches.first { return "interlock \(latch.interlock) is latched: \(latch.cause)" }
        if shutdown != nil { return "the daemon is ending" }
        if let maintenance { return maintenance.text }
        if let lease = manual.leases.first { return lease.text }
        if let archiveTrouble { return archiveTrouble }
        if let objection = next?.recipe.sample.flatMap({ sampleObjection($0) }) {
            return "\(objection.text); \(objection.hint)"
        }
        if let failures = alarms[Self.failures], failures.acknowledgement == nil {
            return "\(failures.text). \(failures.response)"
        }
        let needed = next.map { devices(for: $0) } ?? []
        for device in needed {
            guard let state = core.state(of: device), state != .ready else { continue }
            return "\(device) is \(state.word)" + (state.detail.map { ": \($0)" } ?? "")
        }
        for device in needed where alarms.isTold("found-running:\(device)") {
            return alarms["found-running:\(device)"]?.text ?? "\(device) runs and nobody asked for it"
        }
        if !needed.isEmpty, let (interlock, signal) = core.unread(for: needed) {
            return "interlock \(interlock) has not yet read \(signal)"
        }
        if let refusal = core.forbidding(needed, at: now) { return "\(refusal.text). \(refusal.hint)" }
        return nil
    }

    private func devices(for record: ExperimentRecord) -> [DeviceName] {
        let pumps = record.plan.flowsULMin.filter { $0.value > 0 }.keys.sorted().map { DeviceName($0) }
        let robots = record.recipe.sample.map { planner.devices(of: $0) } ?? []
        return pumps + definition.procedure.heating + definition.procedure.spectrometers + robots
    }

    /// The experiment that is to run next; held ones are passed over.
    var next: ExperimentRecord? { queue.first { $0.state == .queued } }

    /// Behind all that are as urgent.
    mutating func insert(_ record: ExperimentRecord) -> Int {
        let index = queue.firstIndex { $0.priority < record.priority } ?? queue.endIndex
        queue.insert(record, at: index)
        return index + 1
    }

    mutating func startNext(at now: Moment) {
        guard active == nil, winding.isEmpty, flush == nil, holdReason(at: now) == nil,
            let index = queue.firstIndex(where: { $0.state == .queued })
        else { return }
        var record = queue.remove(at: index)
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
        clearAlarm("flush", at: now)
        record.plan = report
        if let executed = report.executed { record.executed = executed }
        if execution.isBelowMixingFlow { record.flags = ["low_flow"] }
        let run = ExperimentRun(
            record.experiment, plan: execution, references: referenceRun(for: execution, at: now),
            procedure: definition.procedure, at: now
        )
        active = ActiveExperiment(record: record, run: run, references: shelf.pair(at: now.bench))
        perform(active?.run.begin() ?? [], at: now)
    }

    /// What is due; all of it when that is what was asked for.
    private func referenceRun(for execution: ExecutionPlan, at now: Moment) -> ReferenceRun? {
        let due = execution.isReferencesOnly ? Set(ReferenceShelf.Kind.allCases) : shelf.due(at: now.bench)
        guard let plan = planner.references, !due.isEmpty else { return nil }
        return ReferenceRun(plan: plan, due: due, procedure: definition.procedure, at: now.bench)
    }

    func planningState(at now: Moment) -> PlanningState {
        let plate = core.reading(SignalName(.heater, definition.procedure.heater, "temperature"), at: now)
        let known = plate.flatMap { $0.quality == .good ? Temperature(celsius: $0.value) : nil }
        var state = PlanningState(plate: known, wasteRoom: ledger.wasteRoom)
        state.areReferencesDue = !shelf.due(at: now.bench).isEmpty
        for (pump, syringe) in ledger.record.syringes {
            state.remaining[pump] = ledger.remaining(pump)
            if definition.ledger.requiresBatch, syringe.batch == nil { state.withoutBatch.insert(pump) }
            let complaints = ledger.complaints(syringe.componentsMM)
            if !complaints.isEmpty { state.complaints[pump] = complaints }
        }
        for record in queue {
            for (pump, volume) in record.plan.reagentsUL {
                state.queued[pump] = (state.queued[pump] ?? .zero) + Volume(microliters: volume)
            }
        }
        return state
    }

    mutating func perform(_ runEffects: [RunEffect], at now: Moment) {
        for effect in runEffects {
            switch effect {
            case .command(let command, let device, let purpose): send(command, to: device, purpose, at: now)
            case .analyse(let device, let purpose, let bursts): analyse(device, purpose, bursts, at: now)
            case .keep(let kind, let spectrum, let frames): keep(kind, spectrum, frames: frames, at: now)
            case .reserve(let volumes):
                needsFlush = true
                reserve(volumes, at: now)
            case .fill(let station):
                stations.filled(station, with: active?.record.experiment ?? "", at: now)
                keepStations(at: now)
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
        if case .robot(let move) = command, let objection = stations.objection(to: move, of: device) {
            let effects = active?.run.fail(objection.kind, device, objection.text, hint: objection.hint, at: now)
            return perform(effects ?? [], at: now)
        }
        do throws(PermitRefusal) {
            let (id, coreEffects) = try issue(command, to: device, at: now)
            active?.commands[id] = purpose
            take(coreEffects, at: now)
        } catch {
            perform(active?.run.fail(error.kind, device, error.text, hint: error.hint, at: now) ?? [], at: now)
        }
    }

    /// The one place where a record changes its state: the transition is written before anybody can see it.
    mutating func enter(_ state: ExperimentState, _ record: inout ExperimentRecord, cause: String, at now: Moment) {
        record.state = state
        if state.isFinal {
            lastSequence += 1
            record.sequence = lastSequence
            forgetClients(of: record.experiment, at: now)
        }
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
        case .measured(let replies, let certificate, let conditions):
            record.sample = run.sampling?.record
            record.measured = conditions
            record.certificate = certificate
            record.features = Self.values(of: replies)
            record.data = .complete
            record.flags += Self.flags(of: replies)
            write(replies, record.experiment)
            let frames = replies.reduce(0) { $0 + $1.frames }
            let taken = record.sample.map { ", \($0.volumeUL) uL taken to \($0.to)" } ?? ""
            enter(.done, &record, cause: "measured \(frames) droplet frames\(taken)", at: now)
            failuresInARow = 0
        case .referenced: enter(.done, &record, cause: "dark and reference were taken", at: now)
        case .failed(let error, let certificate):
            keepPartialData(of: run, certificate, in: &record)
            if error.kind == "reference_drift" { shelf.refuteReference(error.detail) }
            record.error = error
            enter(.failed, &record, cause: error.detail, at: now)
            count(error, of: record.experiment, at: now)
        }
        windDown(run, at: now)
    }

    /// What fails one experiment after the other would fail all: the rest waits until a person has looked.
    private mutating func count(_ error: ExperimentError, of experiment: String, at now: Moment) {
        guard error.kind != "trip" else { return }
        failuresInARow += 1
        guard failuresInARow >= definition.procedure.mostFailures else { return }
        let last = "the last one, \(experiment): \(error.kind): \(error.detail)"
        raiseAlarm(Self.failures, "\(failuresInARow) experiments in a row have failed; \(last)", at: now)
    }

    /// Somebody has looked: the queue goes on.
    mutating func forgiveFailures(at now: Moment) {
        failuresInARow = 0
        clearAlarm(Self.failures, at: now)
    }

    /// What was seen of an experiment that ends early; for people, never a result.
    mutating func keepPartialData(of run: ExperimentRun, _ certificate: Certificate?, in record: inout ExperimentRecord)
    {
        record.certificate = certificate
        record.sample = run.sampling?.record
        record.measured = run.partialConditions
        let measured = run.measuredBeforeSample
        write(measured, record.experiment)
        let probes = run.lastProbes.sorted { $0.key < $1.key }.map(\.value)
        let seen = measured.isEmpty ? probes : measured
        if !seen.isEmpty { record.partialFeatures = Self.values(of: seen) }
        record.data = record.measured == nil && record.partialFeatures == nil ? .none : .partial
    }

    private static func values(of replies: [AnalysisReply]) -> [String: FeatureValue] {
        Dictionary(
            replies.flatMap(\.features).map {
                ($0.name, FeatureValue(mean: $0.mean, sem: $0.sem, n: $0.n, unit: $0.unit.rawValue))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// A second population emits near 600 nm, where the first does not: it counts when it is a twentieth as high and well
    /// above its own error.
    static let secondPopulation = (share: 0.05, errors: 3.0)

    private static func flags(of replies: [AnalysisReply]) -> [String] {
        var flags = replies.reduce(into: Set<String>()) { $0.formUnion($1.flags.names) }.sorted()
        let features = replies.flatMap(\.features)
        if let side = features.first(where: { $0.name == "pl_side_600" }),
            let main = features.first(where: { $0.name == "pl_peak" }),
            side.mean > secondPopulation.errors * side.sem, side.mean > secondPopulation.share * main.mean
        {
            flags.append("secondary_population")
        }
        return flags
    }

    private mutating func write(_ replies: [AnalysisReply], _ experiment: String) {
        for reply in replies { write(reply.spectra, frames: reply.frames, of: reply, experiment) }
    }

    private mutating func write(
        _ spectra: [String: Spectrum], frames: Int, of reply: AnalysisReply, _ experiment: String
    ) {
        for (kind, spectrum) in spectra.sorted(by: { $0.key < $1.key }) {
            outbox.write(
                .spectrum(
                    SpectrumRecord(
                        experiment: experiment, device: reply.device.text, kind: kind,
                        integrationS: spectrum.integration.seconds, frames: frames, at: reply.at.wall,
                        wavelengthsNM: spectrum.axis.nanometers.map(Float.init), counts: spectrum.counts)))
        }
    }

    /// A dark or a reference spectrum for the measurements to come. A dark that a reference is to follow waits for it: a lamp
    /// that stays on would else leave a lit dark beside the old reference.
    private mutating func keep(
        _ kind: ReferenceShelf.Kind, _ spectrum: Spectrum, frames: Int, at now: Moment
    ) {
        guard active != nil else { return }
        if kind == .dark, active?.run.takesReference == true {
            active?.pendingDark = .init(spectrum: spectrum, frames: frames, at: now)
            return
        }
        if let dark = active?.pendingDark { shelve(.dark, dark.spectrum, frames: dark.frames, at: dark.at) }
        active?.pendingDark = nil
        shelve(kind, spectrum, frames: frames, at: now)
        active?.references = shelf.pair(at: now.bench)
    }

    private mutating func shelve(
        _ kind: ReferenceShelf.Kind, _ spectrum: Spectrum, frames: Int, at moment: Moment
    ) {
        guard let device = definition.procedure.absorption?.spectrometer, let running = active else { return }
        shelf.keep(kind, spectrum, frames: frames, at: moment)
        outbox.write(
            .spectrum(
                SpectrumRecord(
                    experiment: running.record.experiment, device: device.text, kind: kind.rawValue,
                    integrationS: spectrum.integration.seconds, frames: frames, at: moment.wall,
                    wavelengthsNM: spectrum.axis.nanometers.map(Float.init), counts: spectrum.counts)))
    }

    /// Stops what the experiment moved. What a trip already brings down is proven there.
    mutating func windDown(_ run: ExperimentRun, at now: Moment) {
        let unproven = core.unproven
        for pump in run.pumps.map({ DeviceName($0) }) where isReachable(pump) && !unproven.contains(pump) {
            stop(pump, .pump(.stop), at: now)
        }
        for spectrometer in definition.procedure.spectrometers
        where isReachable(spectrometer) && !unproven.contains(spectrometer) {
            stop(spectrometer, .spectrometer(.lamp(on: false)), at: now)
        }
        for device in run.leftBySample where isReachable(device) && !unproven.contains(device) {
            let commands = definition.devices.first { $0.name == device }?.driver.safeCommands ?? []
            for command in commands { stop(device, command, at: now) }
        }
        if run.leavesContactorUnknown, !isContactorShownClosed(at: now) { openContactor(besides: unproven, at: now) }
        if winding.isEmpty, unproven.isEmpty { releaseReserved(at: now) }
        idleSince = now.bench
    }

    private func isContactorShownClosed(at now: Moment) -> Bool {
        guard let reading = contactorSignal.flatMap({ core.reading($0, at: now) }) else { return false }
        return reading.quality == .good && reading.value != 0
    }

    /// One that was told to close and did not show it may be closed all the same. A plate that is still hot from before
    /// is switched off with it: behind an open contact its controller would wind up to full power.
    private mutating func openContactor(besides unproven: [DeviceName], at now: Moment) {
        guard let module = definition.procedure.contactor?.device else { return }
        let commands: [(DeviceName, DeviceCommand)] = [
            (definition.procedure.heater, .heater(.off)), (module, .io(.safe)),
        ]
        for (device, command) in commands where isReachable(device) && !unproven.contains(device) {
            stop(device, command, at: now)
        }
    }

    /// A device that is faulted (a stalled pump) is stopped as well: that is how it comes back.
    func isReachable(_ device: DeviceName) -> Bool {
        switch core.state(of: device) {
        case .ready, .faulted: true
        case .offline, .identifying, nil: false
        }
    }

    mutating func stop(_ device: DeviceName, _ command: DeviceCommand, at now: Moment) {
        guard let (id, coreEffects) = try? issue(command, to: device, at: now) else { return }
        winding.insert(id)
        take(coreEffects, at: now)
    }
}
