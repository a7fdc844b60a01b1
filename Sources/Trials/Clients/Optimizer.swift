import ControlAPI
import Experiments
import Quantities
import VirtualBench
import Wire

/// Submits, waits and reads results, and may die at any moment; it comes back and asks under the same keys.
final class Optimizer: SimulatedClient {
    private struct Wish {
        let key: String
        let recipe: String
        let ifClientGone: String?
        var experiment: String?
        var isOver = false
        var isAsked = false
        /// It has lost its notes: it submits under the same key once more.
        var isForgotten = false
    }

    private var wishes: [Wish] = []
    private var questions: [Int64: Int] = [:]
    private var awayUntil = WireInstant.zero
    private static let atOnce = 3
    /// `"feed_valve":"loop"`: what recipes may ask of valves.
    private let valves: [String]

    init(_ index: Int, valves: [String], _ generator: inout Generator) {
        self.valves = valves
        super.init(index, .optimizer, &generator)
    }

    override func pause() -> WireDuration { generator.span(1, 15) }

    override func turn(_ trial: Trial) {
        guard trial.now.wire >= awayUntil else { return }
        guard let connection = connection else { return comeBack(trial) }
        if generator.isLucky(0.02) {
            awayUntil = trial.now.wire + generator.span(1, 120)
            return hangUp(connection.number, trial)
        }
        for index in wishes.indices where !wishes[index].isOver && !wishes[index].isAsked { pursue(index, trial) }
        if wishes.count(where: { !$0.isOver }) < Self.atOnce { wish(trial) }
        if generator.isLucky(0.05) { ask(trial, "experiments.list", "{\"limit\":20}") }
        if generator.isLucky(0.05) { ask(trial, "system.status") }
    }

    private func comeBack(_ trial: Trial) {
        for index in wishes.indices {
            wishes[index].isAsked = false
            wishes[index].isForgotten = generator.isLucky(0.6)
        }
        questions = [:]
        guard connect(trial) != nil else { return }
        ask(trial, "system.hello", "{\"client\":\"optimizer-\(index)\"}")
        ask(trial, "events.subscribe", "{\"topics\":[\"experiments\"]}")
    }

    private func wish(_ trial: Trial) {
        let gone = generator.isLucky(0.3) ? ["finish", "hold", "safe"][generator.integer(3)] : nil
        wishes.append(Wish(key: "k\(index)-\(wishes.count)", recipe: recipe(), ifClientGone: gone))
        pursue(wishes.count - 1, trial)
    }

    /// Short ones mostly: a high flow sweeps the line soon.
    private func recipe() -> String {
        if generator.isLucky(0.1) {
            let x = ["temperature", "cui", "cs_oleate", "oa_cs", "oa_cui", "oam_cui", "reaction_time"].map {
                "\"\($0)\":\(generator.uniform())"
            }
            return "{\"kind\":\"box\",\"x\":{\(x.joined(separator: ","))}\(positions())}"
        }
        let (copper, acid) = (generator.uniform(90, 120), generator.uniform(10, 20))
        let flows = [
            "cui": copper, "oa_cui": acid, "oam_cui": 0, "ode_cui": generator.isLucky(0.05) ? -5 : 225 - copper - acid,
            "cs_oleate": generator.uniform(110, 150), "oa_cs": generator.uniform(20, 40),
        ]
        let members = flows.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        let celsius = generator.isLucky(0.05) ? 400 : generator.uniform(130, 150)
        return "{\"kind\":\"flows\",\"temperature_c\":\(celsius),\"flows_ul_min\":{\(members.joined(separator: ","))}"
            + "\(positions())}"
    }

    /// Half of the recipes leave all valves at home.
    private func positions() -> String {
        guard !valves.isEmpty, generator.isLucky(0.5) else { return "" }
        return ",\"valves\":{\(valves[generator.integer(valves.count)])}"
    }

    private func pursue(_ index: Int, _ trial: Trial) {
        let wish = wishes[index]
        wishes[index].isAsked = true
        let question: Int64?
        if let experiment = wish.experiment, !wish.isForgotten {
            let seconds = generator.uniform(5, 300)
            question = ask(
                trial, "experiments.wait", "{\"experiment\":\"\(experiment)\",\"timeout_s\":\(seconds)}",
                patience: Self.patience + .seconds(seconds))
        } else {
            let gone = wish.ifClientGone.map { ",\"if_client_gone\":\"\($0)\"" } ?? ""
            question = ask(trial, "experiments.submit", "{\"recipe\":\(wish.recipe),\"key\":\"\(wish.key)\"\(gone)}")
        }
        if let question { questions[question] = index }
    }

    override func answered(_ method: String, _ id: Int64, _ result: JSONValue, _ trial: Trial) {
        guard let index = questions.removeValue(forKey: id) else { return }
        wishes[index].isAsked = false
        guard let experiment = result["experiment"]?.text else {
            return complain("\(method) names no experiment: \(result.jsonText.prefix(200))")
        }
        if let known = wishes[index].experiment, known != experiment {
            complain("key \(wishes[index].key) was \(known) and is \(experiment)")
        }
        wishes[index].experiment = experiment
        wishes[index].isForgotten = false
        trial.judge.sawKey("\(caller.uid) \(wishes[index].key)", is: experiment, at: trial.now)
        guard method == "experiments.wait" else { return }
        let state = result["state"]?.text.flatMap(ExperimentState.init(rawValue:))
        guard state?.isFinal ?? false else { return }
        wishes[index].isOver = true
        trial.judge.sawResult(experiment, result, at: trial.now)
    }

    override func refused(_ method: String, _ id: Int64, _ kind: String, _ error: JSONValue, _ trial: Trial) {
        guard let index = questions.removeValue(forKey: id) else { return }
        wishes[index].isAsked = false
        switch kind {
        case "infeasible", "invalid_params", "insufficient", "invalid_recipe": wishes[index].isOver = true
        case "not_found":
            // It was told of it: then it is kept.
            complain("\(wishes[index].experiment ?? "?") was answered and is not found: \(error.jsonText.prefix(200))")
        default: break
        }
    }
}
