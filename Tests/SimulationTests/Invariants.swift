import Experiments
import Testing

/// What holds of every run, whatever happened in it.
extension Scenario {
    /// Promises of the event stream, legal order of states, and what a record of each final state must have.
    /// - Parameter unfinished: how many experiments may still wait at the end.
    func expectInvariants(
        unfinished: Int = 0, afterLongOutage: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(lab.watch.violations == [], sourceLocation: sourceLocation)
        #expect(afterLongOutage || lab.watch.missed == 0, sourceLocation: sourceLocation)
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
        case .done where record.recipe == .references:
            #expect(record.features == nil && record.certificate == nil, "\(id)", sourceLocation: sourceLocation)
            #expect(record.error == nil, "\(id)", sourceLocation: sourceLocation)
        case .done:
            #expect(record.certificate?.verdict == "steady", "\(id)", sourceLocation: sourceLocation)
            #expect((record.certificate?.sweptTau ?? 0) >= 1.2, "\(id)", sourceLocation: sourceLocation)
            #expect(record.features?["pl_peak"] != nil, "\(id)", sourceLocation: sourceLocation)
            #expect(record.features?["abs_300"] != nil, "\(id)", sourceLocation: sourceLocation)
            #expect(record.error == nil, "\(id)", sourceLocation: sourceLocation)
        case .failed, .interrupted:
            #expect(record.error != nil, "\(id)", sourceLocation: sourceLocation)
            #expect(record.features == nil, "\(id)", sourceLocation: sourceLocation)
        case .cancelled: #expect(record.features == nil, "\(id)", sourceLocation: sourceLocation)
        case .queued, .referencing, .heating, .flowing, .settling, .measuring, .sampling, .held, .abandoned, .attached:
            break
        }
    }

    /// One state after the other as an experiment may have them: it waits, runs, may wait again when its daemon died, ends,
    /// and may be withdrawn after that.
    static func isLegal(_ states: [ExperimentState]) -> Bool {
        guard let first = states.first, first == .queued || first == .attached else { return false }
        return zip(states, states.dropFirst()).allSatisfy { follows($1, $0) }
    }

    private static func follows(_ new: ExperimentState, _ old: ExperimentState) -> Bool {
        switch old {
        case .queued: [.referencing, .heating, .held, .failed, .cancelled, .abandoned].contains(new)
        case .held: [.queued, .cancelled, .abandoned].contains(new)
        case .referencing: [.heating, .done].contains(new) || endsEarly(new)
        case .heating: new == .flowing || endsEarly(new)
        case .flowing: new == .settling || endsEarly(new)
        case .settling: new == .measuring || endsEarly(new)
        case .measuring: [.done, .sampling].contains(new) || endsEarly(new)
        case .sampling: new == .done || endsEarly(new)
        case .done, .failed, .cancelled, .interrupted, .attached: new == .abandoned
        case .abandoned: false
        }
    }

    private static func endsEarly(_ state: ExperimentState) -> Bool {
        [.failed, .cancelled, .interrupted, .queued].contains(state)
    }
}
