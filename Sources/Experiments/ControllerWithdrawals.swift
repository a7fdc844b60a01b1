import DeviceModel
import Quantities

/// Experiments that are taken back, put off, or no longer count.
extension BenchController {
    mutating func cancel(_ id: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard let owner = owner(of: id) else {
            return refuse(token, "not_cancellable", "experiment \(id) neither waits nor runs", "see experiments.get")
        }
        guard isAllowed(caller, owner) else { return refuseStranger(token, id, owner) }
        let cause = "cancelled by uid \(caller.uid)"
        if let index = queue.firstIndex(where: { $0.experiment == id }) {
            var record = queue.remove(at: index)
            enter(.cancelled, &record, cause: cause, at: now)
        } else if let running = active {
            active = nil
            var record = running.record
            keepPartialData(of: running.run, running.run.unfinishedCertificate(at: now), in: &record)
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

    private func isAllowed(_ caller: Caller, _ owner: UInt32) -> Bool {
        owner == caller.uid || caller.role >= .technician
    }

    private mutating func refuseStranger(_ token: RequestToken, _ id: String, _ owner: UInt32) {
        refuse(token, "forbidden", "experiment \(id) was submitted by uid \(owner)", "ask them or a technician")
    }

    // MARK: Holding

    mutating func hold(_ id: String, _ reason: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        let why = reason.isEmpty ? "" : ": \(reason)"
        move(
            id, from: .queued, to: .held, cause: "held by uid \(caller.uid)\(why)", "experiments.hold", caller, token,
            at: now)
    }

    mutating func release(_ id: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        move(
            id, from: .held, to: .queued, cause: "released by uid \(caller.uid)", "experiments.release", caller, token,
            at: now)
    }

    /// Asked for what is so already, it is so: no transition.
    private mutating func move(
        _ id: String, from old: ExperimentState, to new: ExperimentState, cause: String, _ method: String,
        _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        guard let index = queue.firstIndex(where: { $0.experiment == id }) else {
            return refuse(
                token, "not_waiting", "experiment \(id) does not wait in the queue", "see experiments.get for its state"
            )
        }
        let owner = queue[index].submittedBy
        guard isAllowed(caller, owner) else { return refuseStranger(token, id, owner) }
        // What a person asks for, no client's return undoes.
        let wasForItsClient = attendance.held.remove(id) != nil
        if queue[index].state == old || (wasForItsClient && new == .held) {
            var record = queue[index]
            enter(new, &record, cause: cause, at: now)
            queue[index] = record
            audit(method, id, new.rawValue, caller, at: now)
        }
        outbox.reply(token, .experiment(id, state: new))
    }

    // MARK: Abandoning

    /// - Parameter stored: the record as the archive has it; what waits is newer here.
    mutating func abandon(
        _ stored: ExperimentRecord, _ reason: String, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        let id = stored.experiment
        guard isAllowed(caller, stored.submittedBy) else { return refuseStranger(token, id, stored.submittedBy) }
        guard active?.record.experiment != id else {
            return refuse(token, "running", "experiment \(id) runs", "cancel it first: experiments.cancel")
        }
        var record = stored
        if let index = queue.firstIndex(where: { $0.experiment == id }) {
            record = queue.remove(at: index)
        } else if !record.state.isFinal {
            return refuse(token, "running", "experiment \(id) is just ending", "try again in a moment")
        }
        if record.state != .abandoned, abandoned.insert(id).inserted {
            enter(.abandoned, &record, cause: "abandoned by uid \(caller.uid): \(reason)", at: now)
            audit("experiments.abandon", "\(id): \(reason)", "abandoned", caller, at: now)
        }
        outbox.reply(token, .experiment(id, state: .abandoned))
    }
}
