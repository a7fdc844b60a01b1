import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// What becomes of experiments whose client has gone.
extension BenchController {
    static let clientGoneAlarm = "client-gone"

    /// Somebody waits for it: that is to look after it.
    mutating func attend(_ experiment: String, _ caller: Caller, at now: Moment) {
        guard let record = unfinished(experiment), record.submittedBy == caller.uid else { return }
        attendance.attend(experiment, caller.client)
        if attendance.held.remove(experiment) != nil { letGoOn(experiment, caller, at: now) }
        tellClientsGone(at: now)
    }

    /// What was held because its client had gone goes on when the client is back.
    private mutating func letGoOn(_ experiment: String, _ caller: Caller, at now: Moment) {
        guard let index = queue.firstIndex(where: { $0.experiment == experiment && $0.state == .held }) else { return }
        var record = queue[index]
        enter(.queued, &record, cause: "its client is back (uid \(caller.uid))", at: now)
        queue[index] = record
    }

    private func unfinished(_ experiment: String) -> ExperimentRecord? {
        if let record = active?.record, record.experiment == experiment { return record }
        return queue.first { $0.experiment == experiment }
    }

    mutating func lookAfterClients(at now: Moment) {
        let late = attendance.expire(after: definition.procedure.clientGoneAfter, at: now.wire)
        guard !late.isEmpty else { return }
        for experiment in late { clientLeft(experiment, at: now) }
        tellClientsGone(at: now)
    }

    private static func goneCause(_ record: ExperimentRecord) -> String {
        "the client of \(record.experiment) (uid \(record.submittedBy)) has gone"
    }

    /// One that an earlier daemon left waiting: its client has time to come back; one that was held because it did not goes
    /// on when it does.
    mutating func takeOverClient(of record: ExperimentRecord, at now: Moment) {
        let cause = Self.goneCause(record)
        guard record.state == .held, record.transitions.last?.cause == cause else {
            return attendance.leave(record.experiment, at: now.wire)
        }
        attendance.restoreHeld(record.experiment)
        raiseAlarm(Self.clientGoneAlarm, "\(cause): it is held, as all of its that wait", at: now)
    }

    private mutating func clientLeft(_ experiment: String, at now: Moment) {
        guard let record = unfinished(experiment) else { return attendance.forget(experiment) }
        let policy = record.ifClientGone ?? definition.procedure.ifClientGone
        let why = Self.goneCause(record)
        switch policy {
        case .finish: return
        case .hold, .safe:
            if let index = queue.firstIndex(where: { $0.experiment == experiment && $0.state == .queued }) {
                var held = queue[index]
                enter(.held, &held, cause: why, at: now)
                queue[index] = held
                attendance.held.insert(experiment)
                raiseAlarm(Self.clientGoneAlarm, "\(why): it is held, as all of its that wait", at: now)
            } else if policy == .safe, active?.record.experiment == experiment {
                take(core.triggerSafeState(InterlockEngine.clientGone, reason: why, at: now), at: now)
            }
        }
    }

    /// Told when it changes.
    mutating func tellClientsGone(at now: Moment) {
        let count = Double(attendance.gone.count)
        if attendance.gone.isEmpty { clearAlarm(Self.clientGoneAlarm, at: now) }
        guard core.reading(InputTest.clientsGone, at: now)?.value != count else { return }
        let reading = Reading(InputTest.clientsGone, count, .code, at: now)
        take(core.record(reading, ages: false, at: now), at: now)
    }

    /// One that has ended needs nobody.
    mutating func forgetClients(of experiment: String, at now: Moment) {
        attendance.forget(experiment)
        tellClientsGone(at: now)
    }
}
