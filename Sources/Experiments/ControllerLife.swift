import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Beginning and end of the daemon.
extension BenchController {
    /// Takes over what an earlier daemon left. Queued experiments wait again; one that ran is interrupted, and as the
    /// bench was left in an unknown state it is brought to its safe state and held until a technician resets it.
    ///
    /// - Parameter since: until when somebody controlled it, in words.
    mutating func takeOver(_ unfinished: [ExperimentRecord], since: String, at now: Moment) {
        var interrupted: [String] = []
        for var record in unfinished.sorted(by: { $0.experiment < $1.experiment }) {
            if record.state.isWaiting {
                _ = insert(record)
                takeOverClient(of: record, at: now)
                continue
            }
            interrupted.append(record.experiment)
            if record.transitions.contains(where: { $0.state == .flowing }) { needsFlush = true }
            if mayRequeue(record) {
                let cause = "the daemon ended while this ran (\(record.state.rawValue)); it waits again"
                enter(.queued, &record, cause: cause, at: now)
                queue.insert(record, at: 0)
                attendance.leave(record.experiment, at: now.wire)
                continue
            }
            record.error = ExperimentError(
                kind: "interrupted", device: nil, detail: "the daemon ended while this ran (\(record.state.rawValue))",
                hint: "submit it again with a new key")
            // What was seen went with the daemon that saw it; of its time only the signals are kept.
            record.data = .none
            enter(.interrupted, &record, cause: "the daemon ended", at: now)
        }
        guard !interrupted.isEmpty else { return }
        let reason = "the daemon ended while \(interrupted.joined(separator: ", ")) ran\(since)"
        take(core.triggerSafeState(InterlockEngine.uncleanEnd, reason: reason, at: now), at: now)
    }

    /// Since when nobody has controlled the bench; nothing where no clock says so.
    static func nobodySince(_ lastKept: WallInstant?, _ now: Moment) -> String {
        guard let lastKept, lastKept <= now.wall else { return "" }
        let seconds = (now.wall - lastKept).seconds
        return "; the last that it kept is of \(lastKept.rfc3339), \(Int(seconds.rounded(.up))) s before this start"
    }

    /// One that brings the daemon down each time it runs must not do so for ever.
    static let mostRequeues = 2

    private func mayRequeue(_ record: ExperimentRecord) -> Bool {
        guard definition.procedure.interruptedPolicy == .requeue else { return false }
        let states = record.transitions.map(\.state)
        // A release makes it wait again too, without a run.
        return zip(states, states.dropFirst()).count { $1 == .queued && !$0.isWaiting } < Self.mostRequeues
    }

    mutating func beginShutdown(_ reason: String, at now: Moment) {
        guard shutdown == nil else { return }
        shutdown = (reason, now.wire + Self.shutdownPatience)
        if let running = active {
            active = nil
            var record = running.record
            keepPartialData(of: running.run, running.run.unfinishedCertificate(at: now), in: &record)
            record.error = ExperimentError(
                kind: "interrupted", device: nil, detail: reason, hint: "submit it again with a new key")
            enter(.interrupted, &record, cause: reason, at: now)
            windDown(running.run, at: now)
        }
        for lease in manual.leases { end(lease, "the daemon ends", at: now) }
        makeSafe(at: now)
    }

    /// Every device its safe commands, without a latch: an orderly end is no trip. Where all arms can be halted by
    /// themselves, their programs play on, standing: nobody has to play them again after each restart.
    private mutating func makeSafe(at now: Moment) {
        core.isEnding = true
        let arms = Self.carriers(definition)
        let spared = !arms.isEmpty && arms.allSatisfy { core.state(of: $0) == .ready } ? controllers(of: arms) : []
        for device in core.devices where device.state == .ready && !spared.contains(device.definition.name) {
            for command in device.definition.driver.safeCommands {
                guard let (id, coreEffects) = try? issue(command, to: device.definition.name, at: now) else {
                    continue
                }
                winding.insert(id)
                take(coreEffects, at: now)
            }
        }
    }

    private func controllers(of arms: [DeviceName]) -> [DeviceName] {
        definition.devices.filter { $0.deviceClass == .robot && !arms.contains($0.name) }.map(\.name)
    }

    /// An arm has not confirmed at the end that it stands: its program is stopped after all.
    mutating func armDidNotHalt(_ device: DeviceName, at now: Moment) {
        let arms = Self.carriers(definition)
        guard arms.contains(device) else { return }
        for name in controllers(of: arms) {
            for command in definition.devices.first(where: { $0.name == name })?.driver.safeCommands ?? [] {
                guard let (id, coreEffects) = try? issue(command, to: name, at: now) else { continue }
                winding.insert(id)
                take(coreEffects, at: now)
            }
        }
    }

    mutating func endShutdown(at now: Moment) {
        guard let (_, deadline) = shutdown else { return }
        guard (winding.isEmpty && outbox.isSettled) || now.wire >= deadline else { return }
        keepLastRecording()
        effects.append(.shutDown)
    }
}

/// The bench for readers.
extension BenchController {
    /// What clients may see now. Of the queue that is what is kept: as it was before a step that waits for its commit.
    public mutating func snapshot(at now: Moment) -> BenchSnapshot {
        if outbox.isQueueKept { visible = queueView(at: now) }
        let devices = core.devices.map {
            DeviceView(
                name: $0.definition.name, deviceClass: $0.definition.deviceClass, driver: $0.definition.driverID,
                link: $0.definition.link, state: $0.state, since: $0.since, limits: $0.limits,
                readBack: $0.readBack?.detail, isSafe: $0.readBack?.isSafe)
        }
        return BenchSnapshot(
            at: now, devices: devices, readings: core.readings(at: now), interlocks: core.interlockStatuses,
            running: visible.running, queued: visible.queued, held: visible.held,
            heldBecause: visible.heldBecause, alarms: alarms.alarms,
            alarmRate: AlarmRate(
                perTenMinutes: alarms.rate(at: now), isFlood: alarms.isFlood, suppressed: alarms.suppressed),
            ledger: ledger.view(in: pumpsInOrder), references: shelf.views(at: now.bench), leases: manual.leases,
            stations: stations.views,
            maintenance: maintenanceView)
    }

    private var pumpsInOrder: [DeviceName] {
        definition.devices.filter { $0.deviceClass == .pump }.map(\.name)
    }

    func queueView(at now: Moment) -> QueueView {
        QueueView(
            running: active.map { progress($0, at: now) }, queued: queue.map(\.experiment),
            held: queue.filter { $0.state == .held }.map(\.experiment),
            heldBecause: next == nil || active != nil ? nil : holdReason(at: now))
    }

    private func progress(_ active: ActiveExperiment, at now: Moment) -> ExperimentProgress {
        let run = active.run
        let inState = now.bench - run.enteredAt
        let limit = run.deadline.map { $0 - run.enteredAt } ?? .zero
        let required = definition.procedure.requiredTau
        let sweeping = run.plan.residenceTime * max(0, required - run.sweptTau)
        let measuring = definition.procedure.measuringTime
        let sampling = planner.estimate(of: run.plan.sample)
        let heating = planner.heatingEstimate(
            to: run.plan.temperature, from: planningState(at: now).plate, slowly: run.plan.ramp)
        let isBeforeFlow = active.record.state == .heating || active.record.state == .referencing
        let ahead = isBeforeFlow ? heating + Planner.startUp : .zero
        let inAll = BenchDuration.seconds(active.record.plan.durationS ?? 0)
        let remaining =
            switch active.record.state {
            case _ where run.plan.isReferencesOnly: max(.zero, inAll - inState)
            case .sampling: max(.zero, sampling - inState)
            default: ahead + sweeping + measuring + sampling
            }
        return ExperimentProgress(
            experiment: active.record.experiment, state: active.record.state, inState: inState, stateDeadline: limit,
            sweptTau: run.sweptTau, requiredTau: required, residenceTime: run.plan.residenceTime,
            remaining: remaining)
    }
}

extension BenchController {
    /// The trip epoch that permits are compared with at the wire.
    public var tripEpoch: TripEpoch { core.epoch }
}
