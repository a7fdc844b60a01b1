import Hydraulics
import Quantities

/// Where valves stand for a recipe, and what that does to its flows.
extension Planner {
    /// The network as the recipe wants its valves; the bench's own where that is impossible, which is a problem.
    func network(_ wanted: [String: String], _ problems: inout [PlanProblem]) -> FlowNetwork {
        let valves = definition.network.valves
        var positions: [String: String] = [:]
        for (name, position) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let valve = valves.first(where: { $0.name == name }) else {
                let known = valves.isEmpty ? "no valves" : valves.map(\.name).sorted().joined(separator: ", ")
                problems.append(
                    valveProblem("unknown_valve", name, "the network of this bench has \(known); leave it out"))
                continue
            }
            guard valve.positions.contains(position) else {
                let known = valve.positions.joined(separator: ", ")
                problems.append(
                    valveProblem(
                        "unknown_position", name, "\"\(position.prefix(64))\" is none of its positions, \(known)"))
                continue
            }
            positions[name] = position
        }
        do throws(NetworkError) {
            return try definition.network.switched(positions)
        } catch {
            let (origin, outlet) = (definition.network.origin, definition.network.outlet)
            let words = positions.sorted { $0.key < $1.key }.map { "\($0.key) at \($0.value)" }.joined(separator: ", ")
            problems.append(
                PlanProblem(
                    kind: "no_path", name: "valves", value: nil, limit: nil, unit: "",
                    hint: "with \(words) nothing leads from \(origin) to \(outlet); choose other positions"))
            return definition.network
        }
    }

    /// Pumps that would press against a shut valve.
    func deadEndProblems(_ network: FlowNetwork, _ flows: [String: FlowRate]) -> [PlanProblem] {
        network.deadEnds.filter { flows[$0.pump] ?? .zero > .zero }.map { end in
            PlanProblem(
                kind: "dead_end", name: "flows_ul_min.\(end.pump)", value: flows[end.pump]?.microlitersPerMinute,
                limit: 0, unit: "uL/min",
                hint:
                    "valve \(end.valve) at \(end.position) leaves \(end.pump) no way out: turn the valve, or stop the pump"
            )
        }
    }

    private func valveProblem(_ kind: String, _ valve: String, _ hint: String) -> PlanProblem {
        PlanProblem(kind: kind, name: "valves.\(valve.prefix(64))", value: nil, limit: nil, unit: "", hint: hint)
    }

    /// As a recipe names them; nil on a bench without valves.
    func named(_ positions: [String: String]) -> [String: String]? { positions.isEmpty ? nil : positions }

    private func choices(of valve: FlowValve) -> [String] {
        guard let sampling = definition.sampling, sampling.valve.text == valve.name else { return valve.positions }
        return valve.positions.filter { $0 != sampling.fill }
    }

    /// What recipes may say of each valve.
    var valveParameters: [RecipeForms.Parameter] {
        definition.network.valves.sorted { $0.name < $1.name }.map { valve in
            RecipeForms.Parameter(
                name: "valves.\(valve.name)", type: .categorical, minimum: nil, maximum: nil, unit: "",
                resolution: nil, choices: choices(of: valve), required: false,
                meaning: "position of \(valve.name); \(valve.home) where it is not named")
        }
    }
}
