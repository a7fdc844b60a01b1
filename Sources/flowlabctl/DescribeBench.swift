import ControlAPI
import ControlClient
import Experiments

/// Recipes' limits, campaigns, reagents and references as people read them.
extension Describe {
    static func form(_ kind: String, _ form: RecipeForms.Form) -> String {
        var text = "kind \(Terminal.clean(kind))\n"
        if form.parameters.isEmpty { return text + "  nothing to choose\n\n" }
        let rows = form.parameters.map { parameter in
            [
                parameter.name, parameter.choices?.joined(separator: " ") ?? Show.number(parameter.minimum),
                Show.number(parameter.maximum), parameter.resolution.map { "\($0)" } ?? "-", parameter.unit,
                parameter.required ? "yes" : "", parameter.hardToChange ? "slow" : "", parameter.meaning,
            ]
        }
        let header = ["parameter", "least", "most", "grid", "unit", "needed", "change", "meaning"]
        text += TextTable.text(rows, header: header)
        for constraint in form.constraints {
            let limit = constraint.limit.map { " (\(Show.number($0)))" } ?? ""
            text += "must hold: \(Terminal.clean(forTechnician(constraint.text)))\(limit)\n"
        }
        return text + "\n"
    }

    // MARK: Campaigns and results

    static func rows(_ campaign: CampaignEntry) -> [[String]] {
        [
            ["campaign", campaign.campaign], ["name", campaign.name], ["key", campaign.key ?? "-"],
            ["made", "\(campaign.created) by uid \(campaign.createdBy)"], ["experiments", states(campaign.states)],
            ["metadata", campaign.metadata?.jsonText ?? "-"],
        ]
    }

    static func states(_ states: [String: Int]) -> String {
        states.isEmpty
            ? "none" : states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    static func resultRow(_ record: ExperimentRecord) -> [String] {
        let isResult = record.state == .done || record.state == .attached
        let features = (isResult ? record.features : nil)?.sorted { $0.key < $1.key } ?? []
        let shown = features.map { name, value in
            "\(name)=\(Show.measured(value.mean))+-\(Show.measured(value.sem, like: value.mean))"
        }
        return [
            record.sequence.map { "\($0)" } ?? "-", record.experiment, record.state.rawValue,
            record.transitions.last?.time ?? "-", Show.number(record.plan.temperatureC),
            shown.isEmpty ? record.error.map { "\($0.kind): \($0.detail)" } ?? "" : shown.joined(separator: " "),
        ]
    }

    // MARK: The ledger

    static func reagents(_ ledger: ReagentsList.Result) -> String {
        let rows = ledger.reagents.map { syringe in
            [
                syringe.device, syringe.reagent, syringe.batch ?? "-", syringe.lot ?? "-",
                milliliters(syringe.remainingUL),
                milliliters(syringe.capacityUL), milliliters(syringe.uncertainUL), components(syringe.componentsMM),
                syringe.filled ?? "never said", syringe.low ? "LOW" : "",
            ]
        }
        let header = [
            "pump", "reagent", "batch", "lot", "mL left", "of mL", "uncertain", "components mM", "filled", "",
        ]
        let waste = ledger.waste
        let room = waste.remainingUL.map { ", room for \(milliliters($0)) mL" } ?? ", not limited"
        return TextTable.text(rows, header: header)
            + "waste: \(milliliters(waste.usedUL)) mL\(room), emptied \(Terminal.clean(waste.emptied ?? "never said"))\n"
    }

    static func milliliters(_ microliters: Double?) -> String { Show.number(microliters.map { $0 / 1000 }) }

    private static func components(_ components: [String: Double]) -> String {
        components.sorted { $0.key < $1.key }.map { "\($0.key)=\(Show.number($0.value, 1))" }.joined(separator: " ")
    }

    /// Names the syringe and all that changes, before it is recorded.
    static func refill(_ refill: ReagentsRefill.Params, _ syringe: ReagentsList.Entry) -> String {
        let after = refill.volumeUL ?? syringe.capacityUL
        var rows = [
            [
                "volume", "\(milliliters(syringe.remainingUL)) mL",
                "\(milliliters(after)) mL of \(milliliters(syringe.capacityUL)) mL",
            ],
            ["batch", syringe.batch ?? "not said", refill.batch ?? "not said"],
            ["lot", syringe.lot ?? "not said", refill.lot ?? "not said"],
        ]
        let now = components(syringe.componentsMM)
        rows.append(["components mM", now, refill.componentsMM.map(components) ?? "as in the bench file"])
        if let note = refill.note { rows.append(["note", "", note]) }
        return "The syringe of pump \(Terminal.clean(syringe.device)), reagent \(Terminal.clean(syringe.reagent)):\n"
            + TextTable.text(rows, header: ["", "by the ledger", "will be"]) + "Record it?"
    }

    static func references(_ list: ReferencesList.Result) -> String {
        if list.references.isEmpty {
            return "no dark or reference spectrum is kept\nwhat now: flowlabctl references take --wait\n"
        }
        let rows = list.references.map { one in
            [
                one.device, one.kind, one.valid ? "good" : "NOT good", one.time, Show.duration(one.ageS),
                Show.number(one.integrationS * 1000, 1), "\(one.frames)", one.reason ?? "",
            ]
        }
        let header = ["device", "kind", "state", "taken", "age (bench)", "integration ms", "frames", "why"]
        let advice =
            list.references.allSatisfy(\.valid)
            ? "" : "what now: nothing, the next experiment takes them; or flowlabctl references take --wait\n"
        return TextTable.text(rows, header: header) + advice
    }
}
