import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// What clients ask.
extension BenchController {
    mutating func serve(_ request: ControlRequest, from caller: Caller, _ token: RequestToken, at now: Moment) {
        switch request {
        case .plan(let recipe):
            outbox.reply(token, .plan(planner.plan(recipe, from: planningState(at: now)).report))
        case .submit(let submission): submit(submission, caller, token, at: now)
        case .cancel(let id): cancel(id, caller, token, at: now)
        case .resetInterlock(let name): reset(name, caller, token, at: now)
        case .triggerSafeState(let reason): triggerSafeState(reason, caller, token, at: now)
        case .hold, .release, .abandon, .attach, .createCampaign, .recipeForms, .refill, .emptyWaste:
            refuse(token, "not_built", "this is being built", "wait")
        }
    }

    private mutating func audit(
        _ method: String, _ detail: String, _ outcome: String, _ caller: Caller, at now: Moment
    ) {
        outbox.write(
            .audit(
                AuditRecord(
                    at: now, uid: caller.uid, pid: caller.pid, method: method, detail: detail, outcome: outcome)))
    }

    // MARK: Submit

    private mutating func submit(
        _ submission: Submission, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        if let known = knownUse(of: submission, caller) {
            outbox.reply(token, known)
            return
        }
        if let archive = alarms["archive"] {
            // Not through the outbox: that waits for the very archive that cannot write.
            let error = ControlError(kind: "archive_unavailable", detail: archive.text, hint: "make room on its disk")
            effects.append(.reply(token, .refused(error)))
            return
        }
        guard queue.count < definition.procedure.queueLimit else {
            refuse(
                token, "queue_full", "\(queue.count) experiments wait already",
                "wait until some have run, or cancel some")
            return
        }
        let (report, execution) = planner.plan(submission.recipe, from: planningState(at: now))
        guard execution != nil, let executed = report.executed else {
            let names = report.problems.map(\.name).joined(separator: ", ")
            outbox.reply(
                token,
                .refused(
                    ControlError(
                        kind: "infeasible", detail: "the recipe cannot run: \(names)",
                        hint: "see problems; experiments.plan says the same without queueing", problems: report.problems
                    )))
            return
        }
        let record = enqueue(submission, report, executed, caller, at: now)
        audit("experiments.submit", record.experiment, "queued", caller, at: now)
        outbox.reply(token, .submitted(experiment: record.experiment, state: .queued, position: queue.count))
    }

    /// A key that was used before: the same submission gets the same experiment, another one is an error.
    private func knownUse(of submission: Submission, _ caller: Caller) -> ControlReply? {
        guard let key = submission.key, let use = keys[RestoredState.KeyUse.index(uid: caller.uid, key: key)] else {
            return nil
        }
        guard use.recipe == submission.recipe else {
            return .refused(
                ControlError(
                    kind: "key_conflict", detail: "key \"\(key)\" was used for \(use.experiment) with another recipe",
                    hint: "choose a new key for a new experiment"))
        }
        let position = queue.firstIndex { $0.experiment == use.experiment }.map { $0 + 1 } ?? 0
        return .submitted(experiment: use.experiment, state: use.state, position: position)
    }

    private mutating func enqueue(
        _ submission: Submission, _ report: PlanReport, _ executed: Recipe, _ caller: Caller, at now: Moment
    ) -> ExperimentRecord {
        lastNumber += 1
        let digits = String(lastNumber)
        let id = "e-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        var record = ExperimentRecord(
            experiment: id, key: submission.key, campaign: submission.campaign, metadata: submission.metadata,
            submittedBy: caller.uid, recipe: submission.recipe, executed: executed, plan: report,
            simulated: definition.isSimulated)
        enter(.queued, &record, cause: "submitted by uid \(caller.uid)", at: now)
        queue.append(record)
        return record
    }

    // MARK: Cancel

    private mutating func cancel(_ id: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard let owner = owner(of: id) else {
            refuse(token, "not_cancellable", "experiment \(id) neither waits nor runs", "see experiments.get")
            return
        }
        guard owner == caller.uid || caller.role >= .technician else {
            refuse(token, "forbidden", "experiment \(id) was submitted by uid \(owner)", "ask them or a technician")
            return
        }
        let cause = "cancelled by uid \(caller.uid)"
        if let index = queue.firstIndex(where: { $0.experiment == id }) {
            var record = queue.remove(at: index)
            enter(.cancelled, &record, cause: cause, at: now)
        } else if let running = active {
            active = nil
            var record = running.record
            enter(.cancelled, &record, cause: cause, at: now)
            windDown(running.run, at: now)
        }
        audit("experiments.cancel", id, "cancelled", caller, at: now)
        outbox.reply(token, .experiment(id, state: .cancelled))
    }

    private func owner(of id: String) -> UInt32? {
        if active?.record.experiment == id { return active?.record.submittedBy }
        return queue.first { $0.experiment == id }?.submittedBy
    }

    // MARK: Safety

    private mutating func reset(
        _ name: InterlockName, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        let unproven = core.unproven.map(\.text)
        guard unproven.isEmpty else {
            let names = unproven.joined(separator: ", ")
            refuse(
                token, "safe_state_unproven", "interlock \(name) cannot be reset: no read-back shows \(names) safe",
                "right after a trip, wait some seconds and try again; else see devices.list and bring \(names) back")
            return
        }
        do throws(ResetRefusal) {
            let latch = try core.reset(name, at: now)
            outbox.write(.latchCleared(name, at: now))
            outbox.publish("interlocks", EventData.reset(latch, by: caller), at: now)
            audit("interlocks.reset", name.text, "reset", caller, at: now)
            outbox.reply(token, .interlockReset(name))
        } catch {
            audit("interlocks.reset", name.text, error.kind, caller, at: now)
            refuse(token, error.kind, error.text, error.hint)
        }
    }

    /// Obeyed whoever asks, and answered at once: safety never waits for the archive.
    private mutating func triggerSafeState(
        _ reason: String, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        take(core.triggerSafeState(reason: "asked for by uid \(caller.uid): \(reason)", at: now), at: now)
        audit("safe_state.trigger", reason, "triggered", caller, at: now)
        effects.append(.reply(token, .safeState(latched: core.latches.map(\.interlock))))
    }

    private mutating func refuse(_ token: RequestToken, _ kind: String, _ detail: String, _ hint: String) {
        outbox.reply(token, .refused(ControlError(kind: kind, detail: detail, hint: hint)))
    }
}
