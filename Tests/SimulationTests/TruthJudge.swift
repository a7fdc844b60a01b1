import Experiments
import Simulation
import Testing
import VirtualBench

/// Judgement by what is really so on the bench; never by what was sent.
extension TruthRecord {
    var motorsStand: Bool { setFlows.allSatisfy { $0 == 0 } }
    var heaterIsOff: Bool { heaterMode == .off && heaterOutputPercent == 0 }
    var isSafe: Bool { motorsStand && heaterIsOff }
    /// Less than a millilitre an hour comes out of any syringe.
    var nothingFlows: Bool { flows.allSatisfy { $0 < 1 } }
}

extension Scenario {
    /// The plant's last step may lie this much before the moment that is asked for.
    static let plantStep = 0.2
    /// The pressure in the line relaxes with 1.5 s: so long after the motors stand, nothing comes out any more.
    static let pumpLag = 10.0
    /// The bench file's `verify_within`: a trip must show within this.
    static let tripTime = 3.0

    func truth(from start: Double, to end: Double = .infinity) -> [TruthRecord] {
        lab.truth.filter { $0.seconds >= start && $0.seconds < end }
    }

    /// From `limit` seconds after `start` on, motors stand and the heater is off; a little later nothing flows.
    func expectSafe(
        since start: Double, within limit: Double = tripTime, until end: Double = .infinity,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let judged = truth(from: start + limit, to: end)
        #expect(!judged.isEmpty, sourceLocation: sourceLocation)
        #expect(judged.first { !$0.isSafe }.map(\.jsonLine) == nil, sourceLocation: sourceLocation)
        expectNoFlow(since: start, within: limit, until: end, sourceLocation: sourceLocation)
    }

    /// From `limit` seconds after `start` on, motors stand; a little later nothing flows. The plate may stay hot.
    func expectNoFlow(
        since start: Double, within limit: Double = tripTime, until end: Double = .infinity,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let judged = truth(from: start + limit, to: end)
        #expect(!judged.isEmpty, sourceLocation: sourceLocation)
        #expect(judged.first { !$0.motorsStand }.map(\.jsonLine) == nil, sourceLocation: sourceLocation)
        let drained = truth(from: start + limit + Self.pumpLag, to: end)
        #expect(drained.first { !$0.nothingFlows }.map(\.jsonLine) == nil, sourceLocation: sourceLocation)
    }

    /// When the experiment entered a state, s; nil when it never did.
    func time(of state: ExperimentState, _ id: String) -> Double? {
        lab.archive.experiments[id]?.transitions.first { $0.state == state }?.benchS
    }

    /// Both flow rules hold by the motors' true rates from settling to the end of the experiment.
    func expectRules(_ id: String, sourceLocation: SourceLocation = #_sourceLocation) {
        guard let record = lab.archive.experiments[id], let end = record.transitions.last?.benchS,
            let start = time(of: .settling, id)
        else { return }
        let judged = truth(from: start + Self.plantStep, to: end - Self.plantStep)
        let worst = judged.map(Campaign.ruleError).max() ?? 0
        #expect(worst <= pumpResolution, "\(id)", sourceLocation: sourceLocation)
    }

    /// uL/min; the coarsest grid among the pumps.
    var pumpResolution: Double {
        let steps = definition.devices.compactMap { device -> Double? in
            if case .pump(let limits) = device.driver.limits { return limits.resolution.microlitersPerMinute }
            return nil
        }
        return (steps.max() ?? 0) + 1e-9
    }
}
