import ControlAPI
import ControlClient
import Experiments

/// Experiments, plans and problems as people read them.
enum Describe {
    /// The daemon's hints name API methods; a technician has commands.
    private static let commands = [
        ("safe_state.trigger", "flowlabctl stop-all"), ("interlocks.list", "flowlabctl interlocks"),
        ("interlocks.reset", "flowlabctl interlocks reset"), ("devices.list", "flowlabctl devices"),
        ("experiments.list", "flowlabctl experiments"), ("experiments.get", "flowlabctl experiments ID"),
        ("experiments.plan", "flowlabctl plan"), ("experiments.wait", "flowlabctl experiments ID"),
        ("experiments.results", "flowlabctl results"), ("experiments.cancel", "flowlabctl cancel"),
        ("campaigns.create", "flowlabctl campaigns create"), ("campaigns.list", "flowlabctl campaigns"),
        ("reagents.refill", "flowlabctl reagents refill"), ("reagents.list", "flowlabctl reagents"),
        ("references.list", "flowlabctl references"), ("recipes.schema", "flowlabctl recipes"),
        ("signals.list", "flowlabctl signals"), ("system.status", "flowlabctl status"),
        ("lease.release", "flowlabctl leases end"), ("lease.acquire", "a lease"),
        ("maintenance.enter", "flowlabctl maintenance enter"), ("maintenance.exit", "flowlabctl maintenance exit"),
        ("reagents.empty_waste", "flowlabctl reagents empty-waste"), ("devices.get", "flowlabctl devices"),
        ("experiments.release", "flowlabctl release"), ("valves.select", "flowlabctl valve"),
        ("stations.set", "flowlabctl stations set"),
    ]

    static func forTechnician(_ hint: String) -> String {
        if hint.hasPrefix("rpc.discover") { return "flowlabctl COMMAND --help, and docs/api-reference.md" }
        return commands.reduce(hint) { text, pair in text.replacing(pair.0, with: pair.1) }
    }

    static func problems(_ problems: [PlanProblem]) -> String {
        let rows = problems.map { problem in
            [
                problem.name, problem.kind, Show.number(problem.value), Show.number(problem.limit), problem.unit,
                problem.hint,
            ]
        }
        return TextTable.text(rows, header: ["what", "problem", "value", "limit", "unit", "what now"])
    }

    static func plan(_ plan: PlanReport) -> String {
        var text = plan.feasible ? "feasible\n" : "NOT feasible\n"
        if !plan.problems.isEmpty { text += problems(plan.problems) }
        if let temperature = plan.temperatureC {
            text += "temperature       \(Show.number(temperature)) degC\n"
        }
        if let time = plan.reactionTimeS { text += "reaction time     \(Show.number(time, 1)) s\n" }
        if let time = plan.residenceTimeS { text += "residence tau     \(Show.number(time, 1)) s\n" }
        if let time = plan.equilibriumTimeS { text += "equilibrium t_E   \(Show.number(time, 1)) s\n" }
        if let time = plan.durationS { text += "duration          \(Show.duration(time)) (bench time)\n" }
        if let cost = plan.cost {
            text += "parts             heating \(Show.duration(cost.heatingS)), flowing \(Show.duration(cost.flowingS))"
            text += cost.referencesS > 0 ? ", references \(Show.duration(cost.referencesS))\n" : "\n"
            let switching = cost.switching
            text +=
                "plate has to go   \(Show.number(switching.temperatureK, 1)) K, \(Show.duration(switching.heatingS))\n"
        }
        if let waste = plan.wasteUL { text += "waste             \(Show.number(waste / 1000)) mL\n" }
        if !plan.flowsULMin.isEmpty {
            let rows = plan.flowsULMin.sorted { $0.key < $1.key }.map { [$0.key, Show.number($0.value, 3)] }
            text += TextTable.text(rows, header: ["pump", "uL/min"])
        }
        let reagents = Set(plan.reagentsUL.keys).union(plan.remainingAfterUL.keys).sorted()
        if !reagents.isEmpty {
            let rows = reagents.map {
                [$0, Show.number(plan.reagentsUL[$0], 0), Show.number(plan.remainingAfterUL[$0], 0)]
            }
            text += TextTable.text(rows, header: ["pump", "uses uL", "leaves uL"])
        }
        for warning in plan.warnings { text += "warning: \(Terminal.clean(warning))\n" }
        return text
    }

    static func experiment(_ record: ExperimentRecord) -> String {
        var text = "\(Terminal.clean(record.experiment))  \(record.state.rawValue)"
        if let last = record.transitions.last {
            text += " since \(Terminal.clean(last.time)): \(Terminal.clean(last.cause))"
        }
        text += record.simulated ? "  (simulated bench)\n" : "\n"
        if let error = record.error {
            text += "failed:   \(Terminal.clean(error.kind)): \(Terminal.clean(error.detail))\n"
            if let device = error.device { text += "where:    \(Terminal.clean(device))\n" }
            text += "what now: \(Terminal.clean(forTechnician(error.hint)))\n"
        }
        text += remarks(record)
        if let temperature = record.plan.temperatureC {
            let valves = record.executed.valves.sorted { $0.key < $1.key }.map {
                " \(Terminal.clean($0.key))=\(Terminal.clean($0.value))"
            }
            if !valves.isEmpty { text += "valves:\(valves.joined())\n" }
            text += "temperature \(Show.number(temperature)) degC; flows in uL/min:"
            text += record.plan.flowsULMin.sorted { $0.key < $1.key }
                .map { " \(Terminal.clean($0.key))=\(Show.number($0.value, 3))" }.joined()
            text += "\n"
        }
        if let sample = record.sample {
            let found = sample.result.map {
                ", \(Terminal.clean($0.device)) has measured it: \(Terminal.clean($0.file))"
            }
            text += "sample: \(Show.number(sample.volumeUL, 1)) uL at \(Terminal.clean(sample.to))\(found ?? "")\n"
        }
        if let features = record.features { text += self.features(features) }
        if let partial = record.partialFeatures, !partial.isEmpty {
            text += "seen before it ended, no result:\n" + features(partial)
        }
        if let certificate = record.certificate { text += self.certificate(certificate) }
        let rows = record.transitions.map { [$0.time, Show.number($0.benchS, 1), $0.state.rawValue, $0.cause] }
        return text + TextTable.text(rows, header: ["time", "bench s", "state", "cause"])
    }

    /// What is not as usual.
    private static func remarks(_ record: ExperimentRecord) -> String {
        var text = ""
        if let campaign = record.campaign { text += "campaign  \(Terminal.clean(campaign))\n" }
        if record.priority != 0 { text += "priority  \(record.priority)\n" }
        if let source = record.source { text += "source    \(Terminal.clean(source)) (not measured here)\n" }
        if !record.flags.isEmpty {
            text += "flags     \(record.flags.map(Terminal.clean).joined(separator: ", "))\n"
        }
        return text
    }

    static func features(_ features: [String: FeatureValue]) -> String {
        let rows = features.sorted { $0.key < $1.key }.map { name, value in
            [name, Show.measured(value.mean), Show.measured(value.sem, like: value.mean), "\(value.n)", value.unit]
        }
        return TextTable.text(rows, header: ["feature", "mean", "sem", "n", "unit"])
    }

    static func certificate(_ one: Certificate) -> String {
        let drift = "\(Show.number(one.driftFraction * 100)) % (limit \(Show.number(one.driftLimit * 100)) %)"
        return """
            certificate \(Terminal.clean(one.verdict)): swept \(Show.number(one.sweptTau)) tau of \(Show.number(one.requiredTau)), \
            tau \(Show.number(one.residenceTimeS, 1)) s, drift of \(Terminal.clean(one.statistic)) \(drift), \
            plate within \(Show.number(one.temperatureDeviationK)) K of \(Show.number(one.temperatureBandK)) K\n
            """
    }
}
