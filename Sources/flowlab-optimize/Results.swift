import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Wire

/// What the campaign gave, as files and as a table.
struct Results {
    let outcomes: [Outcome]

    private var records: [ExperimentRecord] {
        outcomes.compactMap { if case .ended(let record) = $0.kind { record } else { nil } }
    }

    var done: [ExperimentRecord] { records.filter { $0.state == .done } }
    var infeasible: Int { outcomes.count { if case .infeasible = $0.kind { true } else { false } } }
    var failed: Int { outcomes.count - done.count }

    private var features: [String] { Set(done.flatMap { ($0.features ?? [:]).keys }).sorted() }

    private var pumps: [String] { Set(records.flatMap { $0.plan.flowsULMin.keys }).sorted() }

    // MARK: CSV

    /// One row an outcome; the columns are those of all features and pumps seen so far.
    var csv: String {
        let head =
            ["number", "experiment", "state", "error"] + SeedBox.names.map { "requested_\($0)" }
            + ["executed_temperature_c"] + pumps.map { "executed_\($0)_ul_min" }
            + ["measured_temperature_c", "reaction_time_s", "residence_time_s", "equilibrium_time_s", "elapsed_s"]
            + ["swept_tau", "required_tau", "verdict", "drift_fraction"]
            + features.flatMap { ["\($0)_mean", "\($0)_sem", "\($0)_n", "\($0)_unit"] } + ["simulated"]
        return CSV.row(head) + outcomes.map { CSV.row(row($0)) }.joined()
    }

    private func row(_ outcome: Outcome) -> [String] {
        let (record, state, error) = Self.fate(outcome)
        let certificate = record?.certificate
        let lead = ["\(outcome.number)", record?.experiment ?? "", state, error] + outcome.inputs.map { "\($0)" }
        let flows = pumps.map { text(record?.plan.flowsULMin[$0]) }
        let times = [
            text(record?.measured?.temperatureC), text(record?.plan.reactionTimeS), text(record?.plan.residenceTimeS),
            text(record?.plan.equilibriumTimeS), text(certificate?.elapsedS),
        ]
        let proof = [
            text(certificate?.sweptTau), text(certificate?.requiredTau), certificate?.verdict ?? "",
            text(certificate?.driftFraction),
        ]
        let measured = features.flatMap { name in
            let value = record?.state == .done ? record?.features?[name] : nil
            return [text(value?.mean), text(value?.sem), value.map { "\($0.n)" } ?? "", value?.unit ?? ""]
        }
        let simulated = record.map { "\($0.simulated)" } ?? ""
        return lead + [text(record?.plan.temperatureC)] + flows + times + proof + measured + [simulated]
    }

    private static func fate(_ outcome: Outcome) -> (ExperimentRecord?, String, String) {
        switch outcome.kind {
        case .ended(let record): (record, record.state.rawValue, record.error.map { "\($0.kind): \($0.detail)" } ?? "")
        case .infeasible(let problems):
            (nil, "infeasible", problems.map { "\($0.name) \($0.kind)" }.joined(separator: "; "))
        case .refused(let error): (nil, "refused", "\(error.kind): \(error.detail)")
        }
    }

    private func text(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "" } ?? "" }

    // MARK: For people and programs

    var table: String {
        let header = ["", "experiment", "state", "degC", "t_R s", "swept tau"] + features + ["error"]
        let rows = outcomes.map { outcome in
            let (record, state, error) = Self.fate(outcome)
            let values = features.map { name in
                guard record?.state == .done, let value = record?.features?[name] else { return "-" }
                return "\(Show.measured(value.mean)) +- \(Show.measured(value.sem, like: value.mean)) \(value.unit)"
            }
            let lead = [
                "\(outcome.number)", record?.experiment ?? "-", state, Show.number(outcome.inputs[0], 1),
                Show.number(outcome.inputs[6], 1), Show.number(record?.certificate?.sweptTau),
            ]
            return lead + values + [error]
        }
        return TextTable.text(rows, header: header)
    }

    func summary(wallS: Double, reconnects: Int) -> JSONValue {
        let swept = done.compactMap { $0.certificate?.sweptTau }.min()
        return .object([
            "experiments_done": .integer(Int64(done.count)), "experiments_failed": .integer(Int64(failed)),
            "experiments_infeasible": .integer(Int64(infeasible)),
            "swept_tau_min": swept.map(JSONValue.number) ?? .null,
            "reconnects": .integer(Int64(reconnects)), "wall_s": .number(wallS),
        ])
    }

    /// Replaces a file as a whole, so that a reader never sees half of it.
    static func write(_ text: String, to file: String) -> Bool {
        do {
            try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
            return true
        } catch {
            Terminal.note("\(file): cannot be written: \(error)\n")
            return false
        }
    }
}
