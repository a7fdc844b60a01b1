import DeviceModel
import Hydraulics
import Quantities

/// What recipes may look like, for machines.
extension Planner {
    public var forms: RecipeForms {
        var kinds = ["flows": RecipeForms.Form(parameters: flowParameters, constraints: constraints)]
        if let box = definition.box {
            kinds["box"] = RecipeForms.Form(parameters: parameters(box), constraints: constraints)
        }
        if references != nil { kinds["references"] = RecipeForms.Form(parameters: [], constraints: []) }
        return RecipeForms(kinds: kinds)
    }

    private var flowParameters: [RecipeForms.Parameter] {
        let rules = definition.flowRules
        let flows = rules.givenPumps.compactMap { pump in
            pumps[pump].map { limits in
                RecipeForms.Parameter(
                    name: "flows_ul_min.\(pump)", minimum: 0, maximum: limits.maximum.microlitersPerMinute,
                    unit: "uL/min", resolution: limits.resolution.microlitersPerMinute, required: false,
                    meaning: "flow of \(limits.reagent); 0, or at least \(limits.minimum.microlitersPerMinute)")
            }
        }
        return [temperatureParameter] + (rampParameter.map { [$0] } ?? []) + flows + valveParameters + sampleParameters
    }

    private var temperatureParameter: RecipeForms.Parameter {
        RecipeForms.Parameter(
            name: "temperature_c", minimum: heater?.minimum.celsius, maximum: heater?.maximum.celsius, unit: "degC",
            resolution: heater?.resolutionKelvin, hardToChange: true, required: true,
            meaning: "of the heating plate, which takes minutes to follow")
    }

    private func parameters(_ box: RecipeBox) -> [RecipeForms.Parameter] {
        let inputs = box.inputs.map { input in
            RecipeForms.Parameter(
                name: "x.\(input)", minimum: 0, maximum: 1, unit: "", resolution: nil,
                hardToChange: input == RecipeBox.temperatureInput, required: true, meaning: meaning(of: input, in: box),
                standsFor: quantity(of: input, in: box))
        }
        return inputs + (rampParameter.map { [$0] } ?? []) + valveParameters + sampleParameters
    }

    private func quantity(of input: String, in box: RecipeBox) -> RecipeForms.Quantity? {
        func quantity(_ name: String, _ range: ClosedRange<Double>, _ unit: String) -> RecipeForms.Quantity {
            RecipeForms.Quantity(name: name, minimum: range.lowerBound, maximum: range.upperBound, unit: unit)
        }
        switch input {
        case RecipeBox.temperatureInput: return quantity("temperature_c", box.temperature, "degC")
        case RecipeBox.timeInput: return quantity("reaction_time_s", box.reactionTime, "s")
        default: return box.shares.first { $0.pump == input }.map { quantity("share_\(input)", $0.range, "") }
        }
    }

    private func meaning(of input: String, in box: RecipeBox) -> String {
        switch input {
        case RecipeBox.temperatureInput: return "plate, \(text(box.temperature)) degC"
        case RecipeBox.timeInput: return "time in the heated section, \(text(box.reactionTime)) s"
        default:
            let range = box.shares.first { $0.pump == input }?.range ?? 0...0
            return "share of \(input) in its stream, \(text(range))"
        }
    }

    private func text(_ range: ClosedRange<Double>) -> String { "\(range.lowerBound) to \(range.upperBound)" }

    private var constraints: [RecipeForms.Constraint] {
        let rules = definition.flowRules
        var constraints = [
            RecipeForms.Constraint(
                kind: "balanced_streams",
                text:
                    "the flows into the second stream, without \(rules.balancingPump), are at most those into the first; "
                    + "\(rules.balancingPump) makes them equal",
                names: rules.firstStream + rules.secondStream),
            RecipeForms.Constraint(
                kind: "carrier_equals_precursors", text: "\(rules.carrierPump) delivers as much as both streams",
                names: [rules.carrierPump]),
            RecipeForms.Constraint(
                kind: "reagents", text: "the ledger has enough left in each syringe; see reagents.list",
                names: pumps.keys.sorted()),
        ]
        if let least = definition.procedure.mixingFlow {
            constraints.append(
                RecipeForms.Constraint(
                    kind: "total_flow", text: "below this total flow, in uL/min, mixing limits the reaction: a warning",
                    names: pumps.keys.sorted(), limit: least.microlitersPerMinute))
        }
        return constraints
    }
}
