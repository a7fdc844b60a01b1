import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// What clients ask.
extension BenchController {
    mutating func serve(_ request: ControlRequest, from caller: Caller, _ token: RequestToken, at now: Moment) {
        let known = audits
        answer(request, from: caller, token, at: now)
        // What was refused is told as well; while nothing can be written, each would be one write more.
        guard audits == known, archiveTrouble == nil, let method = request.method,
            let kind = outbox.refusal(of: token)
        else { return }
        audit(method, request.subject, kind, caller, at: now)
    }

    private mutating func answer(
        _ request: ControlRequest, from caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        switch request {
        case .plan(let recipe):
            outbox.reply(token, .plan(planner.plan(recipe, from: planningState(at: now)).report))
        case .recipeForms: outbox.reply(token, .recipeForms(planner.forms))
        case .submit(let submission): submit(submission, caller, token, at: now)
        case .cancel(let id): cancel(id, caller, token, at: now)
        case .hold(let id, let reason): hold(id, reason, caller, token, at: now)
        case .release(let id): release(id, caller, token, at: now)
        case .abandon(let record, let reason): abandon(record, reason, caller, token, at: now)
        case .attach(let attachment): attach(attachment, caller, token, at: now)
        case .createCampaign(let name, let key, let metadata):
            createCampaign(CampaignWish(name: name, key: key, metadata: metadata), caller, token, at: now)
        case .refill(let refill): self.refill(refill, caller, token, at: now)
        case .emptyWaste(let note): emptyWaste(note, caller, token, at: now)
        case .setStation(let wish): setStation(wish, caller, token, at: now)
        case .resetInterlock(let name): reset(name, caller, token, at: now)
        case .bypassInterlock(let name, let person, let reason, let span):
            bypass(name, person, reason, span, caller, token, at: now)
        case .restoreInterlock(let name): restore(name, caller, token, at: now)
        case .proveInterlock(let name, let person): prove(name, person, caller, token, at: now)
        case .acknowledgeAlarm(let id): acknowledge(id, caller, token, at: now)
        case .shelveAlarm(let id, let person, let reason, let span):
            shelve(id, person, reason, span, caller, token, at: now)
        case .unshelveAlarm(let id): unshelve(id, caller, token, at: now)
        case .triggerSafeState(let reason): triggerSafeState(reason, caller, token, at: now)
        case .acquireLease(let wish): acquireLease(wish, caller, token, at: now)
        case .renewLease(let lease, let span): renewLease(lease, span, caller, token, at: now)
        case .releaseLease(let lease): releaseLease(lease, caller, token, at: now)
        case .enterMaintenance(let person, let reason, let span, let takesOver):
            enterMaintenance(person, reason, span, takesOver, caller, token, at: now)
        case .exitMaintenance: exitMaintenance(caller, token, at: now)
        case .dumpRecorder(let reason): dumpRecorder(reason, caller, token, at: now)
        case .reload:
            // The file is read elsewhere, however long its disk takes.
            audit("system.reload", "", "asked for", caller, at: now)
            effects.append(.reload(token))
        case .act(let act, let device): self.act(act, on: device, caller, token, at: now)
        }
    }

    mutating func audit(
        _ method: String, _ detail: String, _ outcome: String, _ caller: Caller, at now: Moment
    ) {
        audits += 1
        outbox.write(
            .audit(
                AuditRecord(
                    at: now, uid: caller.uid, pid: caller.pid, method: method, detail: detail, outcome: outcome)))
    }

    mutating func refuse(_ token: RequestToken, _ kind: String, _ detail: String, _ hint: String) {
        outbox.reply(token, .refused(ControlError(kind: kind, detail: detail, hint: hint)))
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
                "right after a trip, wait some seconds and try again; else see devices.list, and look at \(names): switch it off by hand; what hangs on a board that has latched a fault is read once that is cleared: flowlabctl board NAME clear"
            )
            return
        }
        do throws(ResetRefusal) {
            let latch = try core.reset(name, at: now)
            outbox.write(.latchCleared(name, at: now))
            outbox.publish("interlocks", EventData.reset(latch, by: caller), at: now)
            // Who resets it knows of it.
            tell((try? alarms.acknowledge("interlock:\(name)", by: caller.uid, at: now)) ?? [], at: now)
            clearAlarm("interlock:\(name)", at: now)
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
}
