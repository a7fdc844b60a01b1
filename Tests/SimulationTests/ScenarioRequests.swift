import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// What the tests of ledger, references and queue ask and look for.
extension Scenario {
    // MARK: Asking

    /// Submits with all that a submission can carry.
    mutating func offer(
        _ recipe: Recipe, key: String? = nil, campaign: String? = nil, priority: Int = 0,
        as caller: Caller = technician
    ) -> ControlReply? {
        ask(
            .submit(Submission(recipe: recipe, key: key, metadata: nil, campaign: campaign, priority: priority)),
            as: caller)
    }

    mutating func plan(_ recipe: Recipe) throws -> PlanReport {
        guard case .plan(let report)? = ask(.plan(recipe)) else { throw Unexpected(what: "no plan") }
        return report
    }

    mutating func refill(
        _ device: String, microliters: Double? = nil, batch: String? = nil, components: [String: Double]? = nil
    ) -> ControlReply? {
        ask(
            .refill(
                Refill(
                    device: device, volumeUL: microliters, batch: batch, lot: nil, componentsMM: components, note: nil))
        )
    }

    /// Withdraws it, with the record as the archive has it.
    mutating func abandon(_ id: String, as caller: Caller = technician) throws -> ControlReply? {
        guard let record = lab.archive.experiments[id] else { throw Unexpected(what: "no \(id)") }
        return ask(.abandon(record, reason: "a bad batch"), as: caller)
    }

    static func experiment(_ reply: ControlReply?) -> String? {
        switch reply {
        case .submitted(let id, _, _)?: id
        case .experiment(let id, _)?: id
        default: nil
        }
    }

    static func state(_ reply: ControlReply?) -> ExperimentState? {
        switch reply {
        case .submitted(_, let state, _)?: state
        case .experiment(_, let state)?: state
        default: nil
        }
    }

    // MARK: Looking

    /// Those whose condition is there.
    mutating func shownAlarms() -> [String] { (lab.snapshot()?.alarms ?? []).filter(\.isActive).map(\.id) }

    /// The dark and reference spectra that an experiment took.
    func references(of id: String) -> [SpectrumRecord] {
        lab.archive.spectra.filter { $0.experiment == id && ["dark", "reference"].contains($0.kind) }
    }

    /// Bench seconds at which a spectrum was kept.
    static func seconds(_ spectrum: SpectrumRecord) -> Double {
        Double(spectrum.at.nanoseconds - SimulatedLab.wallStart.nanoseconds) / 1e9
    }

    /// What the ledger in the archive has booked of a pump since its syringe was filled, uL.
    func booked(_ pump: PumpName) -> Double { lab.archive.ledger?.syringes[pump.rawValue]?.usedUL ?? 0 }

    /// What really left the syringe since the bench was switched on, uL.
    func used(_ pump: PumpName) -> Double {
        guard let index = PumpName.allCases.firstIndex(of: pump) else { return 0 }
        return lab.truth.last?.used[index] ?? 0
    }

    /// Every end has one number: none twice, none left out. A record that was abandoned after its end has had two.
    func expectSequences(sourceLocation: SourceLocation = #_sourceLocation) {
        let records = lab.archive.records
        let ended = records.filter { $0.state.isFinal }
        let numbers = ended.compactMap(\.sequence)
        #expect(numbers.count == ended.count, sourceLocation: sourceLocation)
        #expect(Set(numbers).count == numbers.count, sourceLocation: sourceLocation)
        let ends = records.reduce(0) { $0 + $1.transitions.count { $0.state.isFinal } }
        #expect(numbers.max() ?? 0 == ends, "\(numbers)", sourceLocation: sourceLocation)
        #expect(records.allSatisfy { $0.state.isFinal || $0.sequence == nil }, sourceLocation: sourceLocation)
    }

    /// Each feature of a result is that of the parcel in its cell: the slugs of one run lie a little differently in the
    /// absorption cell (2.75 % of standard deviation) and in the emission cell (1.1 %).
    func expectTrueFeatures(_ id: String, sourceLocation: SourceLocation = #_sourceLocation) {
        guard let record = lab.archive.experiments[id], let end = time(of: .done, id),
            let truth = truth(from: end - 3, to: end).last
        else {
            Issue.record("\(id) has no result: \(describe(id))", sourceLocation: sourceLocation)
            return
        }
        let inCell = [
            ("abs_300", truth.absorption.absorbance300, 0.1), ("pl_peak", truth.luminescence.peakCounts, 0.05),
            ("pl_area", truth.luminescence.areaCounts, 0.05),
        ]
        for (name, expected, share) in inCell {
            let mean = record.features?[name]?.mean ?? .nan
            let deviation = mean / expected - 1
            print("\(id) \(name): \(mean) for \(expected), \((deviation * 1000).rounded() / 10) %")
            #expect(
                deviation.magnitude <= share, "\(id) \(name): \(mean) for \(expected)", sourceLocation: sourceLocation)
        }
    }
}
