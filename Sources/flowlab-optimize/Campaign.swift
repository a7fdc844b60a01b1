import ControlAPI
import ControlClient
import Experiments
import Quantities
import Wire

/// What became of one drawn recipe.
struct Outcome {
    enum Kind {
        case ended(ExperimentRecord)
        case infeasible([PlanProblem])
        case refused(APIError)
    }

    let number: Int
    let inputs: [Double]
    let recipe: Recipe
    let kind: Kind
}

/// Runs the drawn recipes one after the other, with a few ahead in the queue so that the bench never waits for this client.
struct Campaign {
    /// Experiments submitted and not yet ended.
    static let ahead = 3

    let options: Options
    let daemon: Daemon
    private var progress = ProgressLine()
    private(set) var outcomes: [Outcome] = []
    private var running: [(number: Int, inputs: [Double], recipe: Recipe, experiment: String)] = []

    init(_ options: Options, _ daemon: Daemon) {
        self.options = options
        self.daemon = daemon
    }

    /// - Parameter ended: called after each outcome.
    mutating func run(ended: (Campaign) throws(ClientError) -> Void) throws(ClientError) {
        let points = options.policy.points(options.experiments, dimensions: SeedBox.names.count, seed: options.seed)
        var next = 0
        while outcomes.count < points.count {
            while next < points.count, running.count < Self.ahead {
                let before = outcomes.count
                try submit(next, options.box.inputs(at: points[next]))
                next += 1
                if outcomes.count > before { try ended(self) }
            }
            if !running.isEmpty {
                try awaitFirst()
                try ended(self)
            }
        }
        progress.finish()
    }

    /// Stable over restarts of this client.
    private func key(_ number: Int) -> String {
        let campaign = options.campaign.map { "\($0)-" } ?? ""
        let bounds = options.box.bounds.map { "\($0.lowerBound):\($0.upperBound)" }.joined(separator: " ")
        let drawn = "\(options.policy.rawValue) \(options.experiments) \(bounds)"
        return "optimize-\(campaign)\(options.seed)-\(String(Self.fingerprint(drawn), radix: 36))-\(number + 1)"
    }

    /// FNV-1a: other draws have other keys.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private mutating func submit(_ number: Int, _ inputs: [Double]) throws(ClientError) {
        let recipe = SeedBox.recipe(inputs)
        do throws(ClientError) {
            let plan = try daemon.call(ExperimentsPlan.self, ExperimentsPlan.Params(recipe: recipe))
            // One that was submitted before this client stopped may find its reagents used up now: the key still holds.
            let params = ExperimentsSubmit.Params(
                recipe: recipe, key: key(number), metadata: metadata(inputs), campaign: options.campaign)
            guard plan.feasible || plan.problems.allSatisfy({ $0.kind == "reagent_short" }) else {
                return finish(number, inputs, recipe, .infeasible(plan.problems))
            }
            let submitted = try daemon.call(ExperimentsSubmit.self, params)
            running.append((number, inputs, recipe, submitted.experiment))
        } catch {
            guard case .refused(let refusal) = error, refusal.kind != "forbidden" else { throw error }
            let kind: Outcome.Kind = refusal.problems.isEmpty ? .refused(refusal) : .infeasible(refusal.problems)
            finish(number, inputs, recipe, kind)
        }
    }

    private func metadata(_ inputs: [Double]) -> JSONValue {
        let named = zip(SeedBox.names, inputs).map { ($0, JSONValue.number($1)) }
        return .object([
            "inputs": .object(Dictionary(uniqueKeysWithValues: named)), "seed": .integer(Int64(clamping: options.seed)),
        ])
    }

    private mutating func finish(_ number: Int, _ inputs: [Double], _ recipe: Recipe, _ kind: Outcome.Kind) {
        outcomes.append(Outcome(number: number + 1, inputs: inputs, recipe: recipe, kind: kind))
    }

    private mutating func awaitFirst() throws(ClientError) {
        let first = running.removeFirst()
        while true {
            let record = try daemon.call(
                ExperimentsWait.self, ExperimentsWait.Params(experiment: first.experiment, timeoutS: 2),
                patience: .seconds(30))
            if record.state.isFinal {
                return finish(first.number, first.inputs, first.recipe, .ended(record))
            }
            let status = try daemon.call(SystemStatus.self, Empty())
            let done =
                "\(Show.bar(Double(outcomes.count) / Double(options.experiments), width: 12)) \(outcomes.count)/\(options.experiments)"
            progress.show(
                "\(done)  \(ExperimentProgressText.text(record, status))",
                phase: "\(record.experiment) \(record.state.rawValue)")
        }
    }
}
