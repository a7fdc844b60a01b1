import Experiments
import Quantities
import VirtualBench

/// A campaign in virtual time: random conditions of the seed lab's box, one after the other, judged by the truth log.
public struct Campaign: Sendable {
    /// An experiment that takes longer than this has hung; none does.
    public static let patience = BenchDuration.seconds(3600)

    /// Truth is stamped with the plant's last step, up to this much before what caused it.
    private static let plantStep = 0.2

    public struct Outcome: Sendable {
        public var done = 0
        public var failed = 0
        /// The least that any result had swept, in residence times.
        public var leastSweptTau = Double.infinity
        /// The largest distance from the two flow rules among the flows the pumps were really set to, uL/min.
        public var worstRuleErrorULMin = 0.0
        public var benchSeconds = 0.0
        public var digest: UInt64 = 0
        public var events = 0
    }

    public private(set) var lab: SimulatedLab
    private var generator: Generator
    private let count: Int

    public init(_ definition: BenchDefinition, seed: UInt64, count: Int) {
        lab = SimulatedLab(definition, seed: seed)
        generator = Generator(seed: seed, part: 100)
        self.count = count
    }

    public mutating func run() -> Outcome {
        for number in 0..<count {
            let submission = Submission(recipe: nextRecipe(), key: "simulated-\(number)", metadata: nil, campaign: nil)
            lab.request(.submit(submission))
        }
        let end = BenchInstant.zero + Self.patience * Double(count)
        let expected = count
        lab.run(until: end) { lab in
            lab.events.count > 0 && lab.archive.experiments.count { $0.value.state.isFinal } == expected
        }
        return outcome()
    }

    /// Temperature and flows of a random point of the box; the flows that follow from the rules are left out.
    private mutating func nextRecipe() -> Recipe {
        let point = (0..<7).map { _ in generator.uniform() }
        let recipe = BoxRecipe(box: point)
        var flows: [String: Double] = [:]
        for (pump, flow) in zip(PumpName.allCases, recipe.flows) where pump != .odeCs && pump != .pfo {
            flows[pump.rawValue] = flow
        }
        return .flows(FlowsRecipe(temperatureC: recipe.temperature, flowsULMin: flows))
    }

    private func outcome() -> Outcome {
        var outcome = Outcome()
        for record in lab.archive.records {
            guard record.state == .done else {
                outcome.failed += 1
                continue
            }
            outcome.done += 1
            outcome.leastSweptTau = min(outcome.leastSweptTau, record.certificate?.sweptTau ?? 0)
            outcome.worstRuleErrorULMin = max(outcome.worstRuleErrorULMin, ruleError(of: record))
        }
        outcome.benchSeconds = lab.now.bench.seconds
        outcome.digest = lab.digest.value
        outcome.events = lab.digest.events
        return outcome
    }

    /// How far the pumps' true set flows were from both rules while this experiment settled and measured.
    private func ruleError(of record: ExperimentRecord) -> Double {
        guard let start = record.transitions.first(where: { $0.state == .settling })?.benchS,
            let end = record.transitions.first(where: { $0.state == .done })?.benchS
        else { return .infinity }
        let judged = (start + Self.plantStep)..<(end - Self.plantStep)
        return lab.truth.filter { judged.contains($0.seconds) }.map(Self.ruleError).max() ?? .infinity
    }

    /// Pumps stand in the order of `PumpName`: four of the Cu stream, three of the Cs stream, the carrier.
    public static func ruleError(_ truth: TruthRecord) -> Double {
        let copper = truth.setFlows[0..<4].reduce(0, +)
        let cesium = truth.setFlows[4..<7].reduce(0, +)
        return max((copper - cesium).magnitude, (truth.setFlows[7] - copper - cesium).magnitude)
    }
}
