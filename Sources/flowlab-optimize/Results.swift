import ControlAPI
import ControlClient
import Experiments
import FoundationEssentials
import Wire

/// What the campaign gave.
struct Results {
    let box: InputBox
    let outcomes: [Outcome]

    init(_ campaign: Campaign) {
        self.box = campaign.box
        self.outcomes = campaign.outcomes
    }

    private var records: [ExperimentRecord] { outcomes.compactMap(\.record) }

    var done: [ExperimentRecord] { records.filter { $0.state == .done } }
    var infeasible: Int { outcomes.count { if case .infeasible = $0.kind { true } else { false } } }
    var failed: Int { outcomes.count - done.count - infeasible }
    var features: [String] { Set(done.flatMap { ($0.features ?? [:]).keys }).sorted() }
    private var pumps: [String] { Set(records.flatMap { $0.plan.flowsULMin.keys }).sorted() }

    /// By feature, %; nothing for features with fewer than two replicates.
    private var spread: [(feature: String, percent: Double)] {
        let baselines = outcomes.filter { $0.point.role == .baseline }.compactMap(\.record)
        return features.compactMap { name in
            let values = baselines.filter { $0.state == .done }.compactMap { $0.features?[name]?.mean }
            return ReplicateSpread.percent(values).map { (name, $0) }
        }
    }

    // MARK: CSV

    /// One row an outcome; the columns are those of all features and pumps seen so far.
    var csv: String {
        let inputs = box.inputs.map(\.name)
        let head =
            ["number", "role", "replicate", "attempt", "experiment", "campaign", "state", "error", "ended"]
            + inputs.map { "requested_\($0)" } + inputs.map { "executed_\($0)" } + ["executed_temperature_c"]
            + pumps.map { "executed_\($0)_ul_min" }
            + ["reaction_time_s", "residence_time_s", "equilibrium_time_s", "measured_temperature_c"]
            + pumps.map { "measured_\($0)_ul_min" }
            + ["verdict", "swept_tau", "required_tau", "elapsed_s", "temperature_deviation_k", "drift_fraction"]
            + ["drift_limit"] + features.flatMap { ["\($0)_mean", "\($0)_sem", "\($0)_n", "\($0)_unit"] }
            + ["flags", "simulated"]
        return CSV.row(head) + outcomes.enumerated().map { CSV.row(row($0.offset + 1, $0.element)) }.joined()
    }

    private func row(_ number: Int, _ outcome: Outcome) -> [String] {
        let record = outcome.record
        let (state, error) = Self.fate(outcome)
        let replicate = outcome.point.role == .baseline ? "\(outcome.point.number)" : ""
        let lead =
            ["\(number)", outcome.point.role.rawValue, replicate, "\(outcome.attempt)", record?.experiment ?? ""]
            + [record?.campaign ?? "", state, error, record?.transitions.last?.time ?? ""]
        return lead + conditions(outcome.point, record) + certificate(record?.certificate) + measured(record)
            + [record?.flags.joined(separator: " ") ?? "", record.map { "\($0.simulated)" } ?? ""]
    }

    /// As asked, as rounded to the devices, as reported by them.
    private func conditions(_ point: SamplingDesign.Point, _ record: ExperimentRecord?) -> [String] {
        var executed: [String: Double] = [:]
        if case .box(let recipe)? = record?.executed { executed = recipe.x }
        let plan = record?.plan
        let times = [plan?.reactionTimeS, plan?.residenceTimeS, plan?.equilibriumTimeS]
        return point.x.map { "\($0)" } + box.inputs.map { text(executed[$0.name]) } + [text(plan?.temperatureC)]
            + pumps.map { text(plan?.flowsULMin[$0]) } + times.map(text) + [text(record?.measured?.temperatureC)]
            + pumps.map { text(record?.measured?.flowsULMin[$0]) }
    }

    private func certificate(_ certificate: Certificate?) -> [String] {
        let numbers = [
            certificate?.sweptTau, certificate?.requiredTau, certificate?.elapsedS, certificate?.temperatureDeviationK,
            certificate?.driftFraction, certificate?.driftLimit,
        ]
        return [certificate?.verdict ?? ""] + numbers.map(text)
    }

    private func measured(_ record: ExperimentRecord?) -> [String] {
        features.flatMap { name in
            let value = record?.state == .done ? record?.features?[name] : nil
            return [text(value?.mean), text(value?.sem), value.map { "\($0.n)" } ?? "", value?.unit ?? ""]
        }
    }

    private static func fate(_ outcome: Outcome) -> (state: String, error: String) {
        switch outcome.kind {
        case .ended(let record): (record.state.rawValue, record.error.map { "\($0.kind): \($0.detail)" } ?? "")
        case .infeasible(let problems):
            ("infeasible", problems.map { "\($0.name) \($0.kind)" }.joined(separator: "; "))
        case .refused(let error): ("refused", "\(error.kind): \(error.detail)")
        }
    }

    private func text(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "" } ?? "" }

    // MARK: For people and programs

    var table: String {
        let units = done.first?.features ?? [:]
        let header =
            ["", "experiment", "", "state", "degC", "t_R s", "swept tau"]
            + features.map { "\($0) \(units[$0]?.unit ?? "")" } + ["error"]
        let rows = outcomes.enumerated().map { number, outcome in
            let record = outcome.record
            let (state, error) = Self.fate(outcome)
            let values = features.map { name in
                guard record?.state == .done, let value = record?.features?[name] else { return "-" }
                return "\(Show.measured(value.mean)) +- \(Show.measured(value.sem, like: value.mean))"
            }
            let lead = [
                "\(number + 1)", record?.experiment ?? "-", outcome.point.role == .baseline ? "baseline" : "", state,
                Show.number(record?.plan.temperatureC, 1), Show.number(record?.plan.reactionTimeS, 1),
                Show.number(record?.certificate?.sweptTau),
            ]
            return lead + values + [error]
        }
        return TextTable.text(rows, header: header) + (spread.isEmpty ? "" : scatter)
    }

    private var scatter: String {
        let parts = spread.map { "\($0.feature) \(Show.number($0.percent)) %" }
        return "scatter of the baselines (relative standard deviation): \(parts.joined(separator: ", "))\n"
    }

    /// - Parameters:
    ///   - campaign: its id.
    ///   - wallS: since the start of this program.
    func summary(campaign: String, wallS: Double, reconnects: Int) -> JSONValue {
        let swept = done.compactMap { $0.certificate?.sweptTau }.min()
        let spread = Dictionary(uniqueKeysWithValues: spread.map { ($0.feature, JSONValue.number($0.percent)) })
        return .object([
            "campaign": .string(campaign),
            "experiments_done": .integer(Int64(done.count)), "experiments_failed": .integer(Int64(failed)),
            "experiments_infeasible": .integer(Int64(infeasible)), "replicate_rsd_percent": .object(spread),
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
            Terminal.note("\(file): cannot be written; is its directory there and writable?\n")
            return false
        }
    }
}
