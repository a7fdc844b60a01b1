import DeviceModel
import Hydraulics
import Quantities

/// What a recipe may ask for.
extension Planner {
    func plannedTemperature(_ celsius: Double, _ problems: inout [PlanProblem]) -> Temperature? {
        guard let heater else { return nil }
        let limits = heater.minimum.celsius...heater.maximum.celsius
        guard celsius.isFinite, limits.contains(celsius) else {
            let isLow = celsius < limits.lowerBound
            problems.append(
                PlanProblem(
                    kind: isLow ? "below_limit" : "above_limit", name: "temperature_c",
                    value: celsius.isFinite ? celsius : nil, limit: isLow ? limits.lowerBound : limits.upperBound,
                    unit: "degC", hint: "choose \(limits.lowerBound) to \(limits.upperBound) degC"))
            return nil
        }
        let lines = (celsius / heater.resolutionKelvin).rounded()
        return Temperature(celsius: (lines * heater.resolutionKelvin * 1e6).rounded() / 1e6)
    }

    func given(_ flows: [String: Double], _ problems: inout [PlanProblem]) -> [String: FlowRate] {
        var result: [String: FlowRate] = [:]
        for (pump, value) in flows.sorted(by: { $0.key < $1.key }) {
            if pumps[pump] == nil {
                problems.append(
                    PlanProblem(
                        kind: "unknown_pump", name: "flows_ul_min.\(pump)", value: value, limit: nil, unit: "uL/min",
                        hint: "this bench has \(pumps.keys.sorted().joined(separator: ", "))"))
            } else if !value.isFinite || value < 0 {
                problems.append(
                    PlanProblem(
                        kind: "below_limit", name: "flows_ul_min.\(pump)", value: value.isFinite ? value : nil,
                        limit: 0, unit: "uL/min", hint: "a flow is zero or more"))
            } else {
                result[pump] = FlowRate(microlitersPerMinute: value)
            }
        }
        return result
    }

    func limitProblems(_ flows: [String: FlowRate]) -> [PlanProblem] {
        flows.sorted { $0.key < $1.key }.compactMap { pump, flow in
            guard let limits = pumps[pump] else { return nil }
            let (isLow, isHigh) = (flow < limits.minimum, flow > limits.maximum)
            guard isLow || isHigh else { return nil }
            let limit = isLow ? limits.minimum : limits.maximum
            return PlanProblem(
                kind: isLow ? "below_limit" : "above_limit", name: "flows_ul_min.\(pump)",
                value: flow.microlitersPerMinute, limit: limit.microlitersPerMinute, unit: "uL/min",
                hint: isLow
                    ? "the pump keeps no smaller flow; use 0 to leave it off" : "the syringe's bore allows no more")
        }
    }

    /// Every input must be there and lie in 0...1.
    func boxProblems(_ recipe: BoxRecipe) -> [PlanProblem] {
        guard let box = definition.box else {
            return [
                PlanProblem(
                    kind: "unknown_kind", name: "kind", value: nil, limit: nil, unit: "",
                    hint: "this bench file has no [box]; use a recipe of the kind flows")
            ]
        }
        let known = box.inputs
        let strangers = recipe.x.keys.filter { !known.contains($0) }.sorted().map { name in
            PlanProblem(
                kind: "unknown_input", name: "x.\(name)", value: recipe.x[name], limit: nil, unit: "",
                hint: "the inputs are \(known.joined(separator: ", "))")
        }
        return strangers
            + known.compactMap { name in
                guard let value = recipe.x[name] else {
                    return PlanProblem(
                        kind: "missing", name: "x.\(name)", value: nil, limit: nil, unit: "", hint: "give it 0 to 1")
                }
                guard !(0...1).contains(value) else { return nil }
                return PlanProblem(
                    kind: value < 0 ? "below_limit" : "above_limit", name: "x.\(name)",
                    value: value.isFinite ? value : nil, limit: value < 0 ? 0 : 1, unit: "",
                    hint: "an input of the box goes from 0 to 1")
            }
    }

    /// A point of the box as flows that the pumps keep: on their grids, none between 0 and the pump's least, and the second
    /// stream no larger than the first. What the box's owner called feasible shall not fail by a rounding.
    func fitted(_ recipe: FlowsRecipe) -> FlowsRecipe {
        let rules = definition.flowRules
        var flows: [String: FlowRate] = [:]
        for (pump, value) in recipe.flowsULMin {
            guard let limits = pumps[pump] else { continue }
            let flow = FlowRate(microlitersPerMinute: value).rounded(to: limits.resolution)
            let isTiny = flow < limits.minimum
            flows[pump] = isTiny ? (flow + flow < limits.minimum ? .zero : limits.minimum) : flow
        }
        let second = rules.secondStream.filter { $0 != rules.balancingPump }
        let rest =
            total(flows.filter { rules.firstStream.contains($0.key) }) - total(flows.filter { second.contains($0.key) })
        let least = pumps[rules.balancingPump]?.minimum ?? .zero
        if rest < least, rest.microlitersPerMinute.magnitude < least.microlitersPerMinute + 1,
            let largest = second.max(by: { (flows[$0] ?? .zero) < (flows[$1] ?? .zero) }), let flow = flows[largest]
        {
            flows[largest] = (flow + rest).rounded(to: pumps[largest]?.resolution ?? least)
        }
        return FlowsRecipe(
            temperatureC: recipe.temperatureC, flowsULMin: flows.mapValues(\.microlitersPerMinute),
            rampKMin: recipe.rampKMin)
    }

    /// What the ledger says of volumes that are about to be used.
    func ledgerProblems(_ needs: [String: Volume], from state: PlanningState) -> [PlanProblem] {
        var problems: [PlanProblem] = []
        for (pump, need) in needs.sorted(by: { $0.key < $1.key }) where need > .zero {
            guard let limits = pumps[pump] else { continue }
            let left = state.remaining[pump] ?? limits.capacity
            let margin = need * Self.reagentMargin
            if margin > left {
                problems.append(
                    PlanProblem(
                        kind: "reagent_short", name: pump, value: rounded(margin), limit: rounded(left), unit: "uL",
                        hint:
                            "by the ledger the syringe of \(pump) (\(limits.reagent)) has not enough left; refill it and "
                            + "record it: flowlabctl reagents refill \(pump)"))
            }
            if state.withoutBatch.contains(pump) {
                problems.append(
                    PlanProblem(
                        kind: "no_batch", name: pump, value: nil, limit: nil, unit: "",
                        hint:
                            "nobody has said which batch is in the syringe of \(pump): flowlabctl reagents refill \(pump) "
                            + "--batch B"))
            }
            problems += (state.complaints[pump] ?? []).map {
                PlanProblem(kind: "stock", name: pump, value: nil, limit: nil, unit: "", hint: $0)
            }
        }
        if let room = state.wasteRoom, let short = wasteProblem(needs, room) { problems.append(short) }
        return problems
    }

    private func wasteProblem(_ needs: [String: Volume], _ room: Volume) -> PlanProblem? {
        let waste = needs.sorted { $0.key < $1.key }.reduce(Volume.zero) { $0 + $1.value } * Self.reagentMargin
        guard waste > room else { return nil }
        return PlanProblem(
            kind: "waste_full", name: "waste", value: rounded(waste), limit: rounded(room), unit: "uL",
            hint: "the waste container has no room for it; empty it and record it: flowlabctl reagents empty-waste")
    }

    func rounded(_ volume: Volume) -> Double { (volume.microliters * 100).rounded() / 100 }
}
