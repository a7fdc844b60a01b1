import Experiments
import Testing

/// What holds of every run, whatever happened in it.
extension Scenario {
    /// Promises of the event stream, legal order of states, and what a record of each final state must have.
    /// - Parameter unfinished: how many experiments may still wait at the end.
    func expectInvariants(unfinished: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(lab.watch.violations == [], sourceLocation: sourceLocation)
        let records = lab.archive.records
        #expect(records.count { !$0.state.isFinal } == unfinished, sourceLocation: sourceLocation)
        for record in records {
            let states = record.transitions.map(\.state)
            #expect(Self.isLegal(states), "\(record.experiment): \(states)", sourceLocation: sourceLocation)
            #expect(record.state == states.last, sourceLocation: sourceLocation)
            let times = record.transitions.map(\.benchS)
            #expect(times == times.sorted(), sourceLocation: sourceLocation)
            #expect(shownStates(of: record.experiment) == states, sourceLocation: sourceLocation)
            expectComplete(record, sourceLocation)
        }
    }

    private func shownStates(of id: String) -> [ExperimentState] {
        lab.events.filter { $0.topic == "experiments" && $0.data["experiment"]?.text == id }
            .compactMap { $0.data["state"]?.text.flatMap(ExperimentState.init(rawValue:)) }
    }

    private func expectComplete(_ record: ExperimentRecord, _ sourceLocation: SourceLocation) {
        let id = record.experiment
        #expect(record.simulated, "\(id)", sourceLocation: sourceLocation)
        switch record.state {
        case .done:
            #expect(record.certificate?.verdict == "steady", "\(id)", sourceLocation: sourceLocation)
            #expect((record.certificate?.sweptTau ?? 0) >= 1.2, "\(id)", sourceLocation: sourceLocation)
            #expect(record.features?["pl_peak"] != nil, "\(id)", sourceLocation: sourceLocation)
            #expect(record.error == nil, "\(id)", sourceLocation: sourceLocation)
        case .failed, .interrupted:
            #expect(record.error != nil, "\(id)", sourceLocation: sourceLocation)
            #expect(record.features == nil, "\(id)", sourceLocation: sourceLocation)
        case .cancelled: #expect(record.features == nil, "\(id)", sourceLocation: sourceLocation)
        case .queued, .referencing, .heating, .flowing, .settling, .measuring, .held, .abandoned, .attached: break
        }
    }

    /// One state after the other as the good run has them; an end that is not good may come at any time.
    static func isLegal(_ states: [ExperimentState]) -> Bool {
        let order: [ExperimentState] = [.queued, .referencing, .heating, .flowing, .settling, .measuring, .done]
            .filter { $0 != .referencing || states.contains(.referencing) }
        guard let last = states.last else { return false }
        let endsEarly = last.isFinal && last != .done
        let path = endsEarly ? Array(states.dropLast()) : states
        return !path.isEmpty && path == Array(order.prefix(path.count))
    }
}
