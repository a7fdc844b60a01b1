import ControlAPI
import Experiments

/// One line that says how far an experiment is.
public enum ExperimentProgressText {
    public static func text(_ record: ExperimentRecord, _ status: SystemStatus.Result) -> String {
        if !status.latchedInterlocks.isEmpty {
            let names = status.latchedInterlocks.map(\.interlock).joined(separator: ", ")
            return "\(record.experiment) \(record.state.rawValue); the bench has tripped: \(names)"
        }
        guard let running = status.running, running.experiment == record.experiment else {
            let place = status.queue.firstIndex(of: record.experiment).map { "place \($0 + 1) in the queue" }
            let held = status.heldBecause.map { "; held: \($0)" } ?? ""
            return "\(record.experiment) \(record.state.rawValue), \(place ?? "waiting")\(held)"
        }
        let part = running.requiredTau > 0 ? running.sweptTau / running.requiredTau : 0
        let tau = "\(Show.number(running.sweptTau)) / \(Show.number(running.requiredTau)) tau"
        return "\(record.experiment) \(running.state.rawValue) \(Show.bar(part)) \(tau), "
            + "\(Show.duration(running.remainingS)) of bench time left"
    }
}
