import Experiments
import Quantities
import VirtualBench

/// A campaign in virtual time, judged by the truth log.
public struct Campaign: Sendable {
    /// What is run, one experiment after the other.
    public enum Design: Hashable, Sendable {
        /// Random points of the seed lab's box.
        case random(Int)
        /// The middle of the box this many times, with a random point between each two: the seed's perturbation study. The
        /// perturbations stay within 5 degC of it, because the plate's way takes most of the time.
        case replicates(Int)

        var experiments: Int {
            switch self {
            case .random(let count): count
            case .replicates(let count): 2 * count - 1
            }
        }
    }

    /// An experiment that takes longer than this has hung; none does.
    public static let patience = BenchDuration.seconds(3600)
    public static let features = ["abs_300", "pl_peak", "pl_area"]

    private static let inputs = ["temperature", "cui", "cs_oleate", "oa_cs", "oa_cui", "oam_cui", "reaction_time"]

    /// Truth is stamped with the plant's last step, up to this much before what caused it.
    private static let plantStep = 0.2
    /// Half the box's height of 30 degC is 15; 5 degC are a sixth.
    private static let perturbedTemperature = 1.0 / 6

    public struct Outcome: Sendable {
        public var done = 0
        public var failed = 0
        /// The least that any result had swept, in residence times.
        public var leastSweptTau = Double.infinity
        /// The largest distance from the two flow rules among the flows the pumps were really set to, uL/min.
        public var worstRuleErrorULMin = 0.0
        /// Relative standard deviation among the replicates, %, by feature; empty without replicates.
        public var replicateRSDPercent: [String: Double] = [:]
        /// The largest distance of a feature from the truth in the cell, %.
        public var worstDeviationPercent: [String: Double] = [:]
        /// What really left the precursors' syringes for one condition, mL, at most.
        public var precursorMaximumML = 0.0
        /// What is really left of the carrier, mL.
        public var carrierLeftML = 0.0
        public var benchSeconds = 0.0
        public var digest: UInt64 = 0
        public var events = 0
    }

    public private(set) var lab: SimulatedLab
    private var generator: Generator
    private let design: Design

    public init(_ definition: BenchDefinition, seed: UInt64, design: Design) {
        lab = SimulatedLab(definition, seed: seed)
        generator = Generator(seed: seed, part: 100)
        self.design = design
    }

    public mutating func run() -> Outcome {
        let expected = design.experiments
        for number in 0..<expected {
            let submission = Submission(
                recipe: recipe(number), key: "simulated-\(number)", metadata: nil, campaign: nil)
            lab.request(.submit(submission))
        }
        let end = BenchInstant.zero + Self.patience * Double(expected)
        lab.run(until: end) { lab in
            lab.events.count > 0 && lab.archive.experiments.count { $0.value.state.isFinal } == expected
        }
        return outcome()
    }

    private mutating func recipe(_ number: Int) -> Recipe {
        switch design {
        case .random: return box((0..<7).map { _ in generator.uniform() })
        case .replicates:
            guard number % 2 == 1 else { return box(Array(repeating: 0.5, count: 7)) }
            var point = (0..<7).map { _ in generator.uniform() }
            point[0] = 0.5 + (point[0] - 0.5) * 2 * Self.perturbedTemperature
            return box(point)
        }
    }

    /// A point of the box; the whole box is feasible.
    private func box(_ point: [Double]) -> Recipe {
        .box(BoxRecipe(x: Dictionary(uniqueKeysWithValues: zip(Self.inputs, point))))
    }

    // MARK: Judging

    private func outcome() -> Outcome {
        var outcome = Outcome()
        let records = lab.archive.records
        for record in records {
            guard record.state == .done else {
                outcome.failed += 1
                continue
            }
            outcome.done += 1
            outcome.leastSweptTau = min(outcome.leastSweptTau, record.certificate?.sweptTau ?? 0)
            outcome.worstRuleErrorULMin = max(outcome.worstRuleErrorULMin, ruleError(of: record))
            outcome.precursorMaximumML = max(outcome.precursorMaximumML, precursor(of: record))
            for (name, deviation) in deviations(of: record) {
                outcome.worstDeviationPercent[name] = max(outcome.worstDeviationPercent[name] ?? 0, deviation)
            }
        }
        if case .replicates = design {
            let baselines = records.enumerated().filter { $0.offset % 2 == 0 && $0.element.state == .done }
            outcome.replicateRSDPercent = Self.spread(baselines.map(\.element))
        }
        outcome.carrierLeftML = (lab.truth.last?.remaining[7] ?? 0) / 1000
        outcome.benchSeconds = lab.now.bench.seconds
        outcome.digest = lab.digest.value
        outcome.events = lab.digest.events
        return outcome
    }

    private static func spread(_ records: [ExperimentRecord]) -> [String: Double] {
        var spread: [String: Double] = [:]
        for name in features {
            let values = records.compactMap { $0.features?[name]?.mean }
            guard values.count > 1 else { continue }
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            spread[name] = (squares / Double(values.count - 1)).squareRoot() / mean * 100
        }
        return spread
    }

    /// How far the pumps' true set flows were from both rules while this experiment settled and measured.
    private func ruleError(of record: ExperimentRecord) -> Double {
        guard let start = time(of: .settling, record), let end = time(of: .done, record) else { return .infinity }
        let (first, last) = (start + Self.plantStep, end - Self.plantStep)
        guard first < last else { return .infinity }
        return truth(in: first..<last).map(Self.ruleError).max() ?? .infinity
    }

    /// mL of both precursor streams from the start of the flows until they stand.
    private func precursor(of record: ExperimentRecord) -> Double {
        guard let start = time(of: .flowing, record), let end = time(of: .done, record) else { return .infinity }
        let judged = truth(in: start..<end + 5)
        guard let first = judged.first, let last = judged.last else { return .infinity }
        return (0..<7).reduce(0) { $0 + last.used[$1] - first.used[$1] } / 1000
    }

    /// Against what was in each cell when the measurement ended.
    private func deviations(of record: ExperimentRecord) -> [String: Double] {
        guard let end = time(of: .done, record), let truth = truth(in: (end - 2)..<end).last else { return [:] }
        let inCell = [
            "abs_300": truth.absorption.absorbance300, "pl_peak": truth.luminescence.peakCounts,
            "pl_area": truth.luminescence.areaCounts,
        ]
        return inCell.reduce(into: [:]) { deviations, entry in
            guard let measured = record.features?[entry.key]?.mean, entry.value > 0 else { return }
            deviations[entry.key] = (measured / entry.value - 1).magnitude * 100
        }
    }

    private func time(of state: ExperimentState, _ record: ExperimentRecord) -> Double? {
        record.transitions.first { $0.state == state }?.benchS
    }

    /// The log is in order of time.
    private func truth(in seconds: Range<Double>) -> ArraySlice<TruthRecord> {
        let first = firstTruth(atOrAfter: seconds.lowerBound)
        return lab.truth[first..<max(first, firstTruth(atOrAfter: seconds.upperBound))]
    }

    private func firstTruth(atOrAfter seconds: Double) -> Int {
        var (low, high) = (0, lab.truth.count)
        while low < high {
            let middle = (low + high) / 2
            if lab.truth[middle].seconds >= seconds { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Pumps stand in the order of `PumpName`: four of the Cu stream, three of the Cs stream, the carrier.
    public static func ruleError(_ truth: TruthRecord) -> Double {
        let copper = truth.setFlows[0..<4].reduce(0, +)
        let cesium = truth.setFlows[4..<7].reduce(0, +)
        return max((copper - cesium).magnitude, (truth.setFlows[7] - copper - cesium).magnitude)
    }
}
