import ControlAPI
import Experiments

/// One line that says how far an experiment is.
public enum ExperimentProgressText {
    /// The experiments that wait, those that a person holds marked.
    public static func queue(_ status: SystemStatus.Result) -> [String] {
        status.queue.map { status.held.contains($0) ? "\($0) (held)" : $0 }
    }

    public static func text(_ record: ExperimentRecord, _ status: SystemStatus.Result) -> String {
        if !status.latchedInterlocks.isEmpty {
            let names = status.latchedInterlocks.map(\.interlock).joined(separator: ", ")
            return "\(record.experiment) \(record.state.rawValue); the bench has tripped: \(names); what now: "
                + "flowlabctl interlocks"
        }
        guard let running = status.running, running.experiment == record.experiment else {
            let place = status.queue.firstIndex(of: record.experiment).map { "place \($0 + 1) in the queue" }
            if status.held.contains(record.experiment) {
                return "\(record.experiment) held, \(place ?? "waiting"); flowlabctl release lets it go on"
            }
            let held = status.heldBecause.map { "; held: \($0)" } ?? ""
            return "\(record.experiment) \(record.state.rawValue), \(place ?? "waiting")\(held)"
        }
        let part = running.requiredTau > 0 ? running.sweptTau / running.requiredTau : 0
        let tau = "\(Show.number(running.sweptTau)) / \(Show.number(running.requiredTau)) tau"
        return "\(record.experiment) \(running.state.rawValue) \(Show.bar(part)) \(tau), "
            + "\(Show.duration(running.remainingS)) of bench time left"
    }
}
