import Experiments
import FoundationEssentials
import Wire

/// The names that the records of an export hold, each kind in alphabetical order.
struct ColumnNames {
    /// Names of a kind beyond these get no columns of their own, since clients who attach results name them as they like.
    static let limit = 40
    static let longestName = 64

    private(set) var pumps: [String] = []
    private(set) var inputs: [String] = []
    private(set) var features: [String] = []

    /// - Parameter campaign: nil for all.
    init(database: Database, campaign: String?) throws(ArchiveError) {
        func names(_ kind: RecordNames.Kind, _ limit: Int) throws(ArchiveError) -> [String] {
            let condition = campaign == nil ? "" : "AND campaign = ?4"
            return try database.query(
                """
                SELECT name FROM experiment_names WHERE kind = ?1 AND length(CAST(name AS BLOB)) <= ?2 \(condition)
                GROUP BY name ORDER BY min(id) LIMIT ?3
                """,
                [.text(kind.rawValue), .integer(Int64(Self.longestName)), .integer(Int64(limit))]
                    + (campaign.map { [.text($0)] } ?? [])
            ) { row throws(ArchiveError) in row.text(0) }.sorted()
        }
        pumps = try names(.pump, Self.limit)
        inputs = try names(.input, Self.limit)
        features = try names(.feature, Self.limit)
    }
}

/// The columns of exported experiments: named by where `experiments.get` has the value, but for the times.
struct ExperimentColumns {
    private struct Column: Sendable {
        let name: String
        let cell: @Sendable (ExperimentRecord) -> Cell
    }

    private let columns: [Column]

    init(_ names: ColumnNames) {
        columns =
            Self.general + Self.requested(names) + Self.executed(names) + Self.measured(names) + Self.features(names)
            + Self.certificate + Self.others(names) + Self.endings
    }

    var header: [String] { columns.map(\.name) }

    func cells(of record: ExperimentRecord) -> [Cell] { columns.map { $0.cell(record) } }

    private static func column(_ name: String, _ cell: @escaping @Sendable (ExperimentRecord) -> Cell) -> Column {
        Column(name: name, cell: cell)
    }

    private static let general = [
        column("experiment") { .word($0.experiment) },
        column("state") { .word($0.state.rawValue) },
        column("origin") { .word($0.origin.rawValue) },
        column("source") { .text($0.source) },
        column("campaign") { .text($0.campaign) },
        column("key") { .text($0.key) },
        column("priority") { .integer($0.priority) },
        column("submitted_by") { .integer(Int($0.submittedBy)) },
        column("sequence") { .integer($0.sequence) },
        column("submitted") { .word($0.transitions.first?.time ?? "") },
        column("started") { record in
            .word(record.transitions.first { !$0.state.isWaiting && !$0.state.isFinal }?.time ?? "")
        },
        column("ended") { record in .word(record.transitions.first { $0.state.isFinal }?.time ?? "") },
        column("simulated") { .flag($0.simulated) },
        column("cause") { .text($0.transitions.last?.cause) },
        column("data") { .word($0.data.rawValue) },
        column("flags") { .word($0.flags.joined(separator: " ")) },
    ]

    private static func requested(_ names: ColumnNames) -> [Column] {
        [
            column("recipe.kind") { .word($0.recipe.kind) },
            column("recipe.temperature_c") { .number($0.recipe.asFlows?.temperatureC) },
            column("recipe.ramp_k_min") { .number($0.recipe.asFlows?.rampKMin ?? $0.recipe.asBox?.rampKMin) },
        ]
            + names.pumps.map { pump in
                column("recipe.flows_ul_min.\(pump)") { .number($0.recipe.asFlows?.flowsULMin[pump]) }
            }
            + names.inputs.map { input in column("recipe.x.\(input)") { .number($0.recipe.asBox?.x[input]) } }
    }

    /// Temperature and flows of the plan: a recipe names neither all pumps nor, as a box, any.
    private static func executed(_ names: ColumnNames) -> [Column] {
        [column("plan.temperature_c") { .number($0.plan.temperatureC ?? $0.executed.asFlows?.temperatureC) }]
            + names.pumps.map { pump in
                column("plan.flows_ul_min.\(pump)") { .number($0.plan.flowsULMin[pump]) }
            }
            + names.inputs.map { input in column("executed.x.\(input)") { .number($0.executed.asBox?.x[input]) } }
            + [
                column("plan.reaction_time_s") { .number($0.plan.reactionTimeS) },
                column("plan.residence_time_s") { .number($0.plan.residenceTimeS) },
                column("plan.equilibrium_time_s") { .number($0.plan.equilibriumTimeS) },
                column("plan.duration_s") { .number($0.plan.durationS) },
                column("plan.waste_ul") { .number($0.plan.wasteUL) },
                column("executed.valves") { record in
                    let valves = record.executed.asFlows?.valves ?? record.executed.asBox?.valves ?? [:]
                    return .text(
                        valves.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
                },
            ]
    }

    private static func measured(_ names: ColumnNames) -> [Column] {
        [column("measured.temperature_c") { .number($0.measured?.temperatureC) }]
            + names.pumps.map { pump in
                column("measured.flows_ul_min.\(pump)") { .number($0.measured?.flowsULMin[pump]) }
            }
            + names.pumps.map { pump in
                column("measured.volumes_ul.\(pump)") { .number($0.measured?.volumesUL[pump]) }
            }
            + [
                column("sample.to") { .text($0.sample?.to) },
                column("sample.volume_ul") { .number($0.sample?.volumeUL) },
                column("sample.result.file") { .text($0.sample?.result?.file) },
                column("sample.result.md5") { .text($0.sample?.result?.md5) },
            ]
    }

    private static func features(_ names: ColumnNames) -> [Column] {
        names.features.flatMap { feature in
            [
                column("features.\(feature).mean") { .number($0.features?[feature]?.mean) },
                column("features.\(feature).sem") { .number($0.features?[feature]?.sem) },
                column("features.\(feature).n") { .integer($0.features?[feature]?.n) },
                column("features.\(feature).unit") { .text($0.features?[feature]?.unit) },
            ]
        }
    }

    /// How much of a record stands in no column.
    private static func others(_ names: ColumnNames) -> [Column] {
        let known: [RecordNames.Kind: Set<String>] = [
            .pump: Set(names.pumps), .input: Set(names.inputs), .feature: Set(names.features),
        ]
        return [
            column("names_without_columns") { record in
                .integer(
                    RecordNames.names(in: record).reduce(0) { sum, kind in
                        sum + kind.1.subtracting(known[kind.0] ?? []).count
                    })
            }
        ]
    }

    private static let certificate = [
        column("certificate.verdict") { .word($0.certificate?.verdict ?? "") },
        column("certificate.swept_tau") { .number($0.certificate?.sweptTau) },
        column("certificate.required_tau") { .number($0.certificate?.requiredTau) },
        column("certificate.residence_time_s") { .number($0.certificate?.residenceTimeS) },
        column("certificate.elapsed_s") { .number($0.certificate?.elapsedS) },
        column("certificate.temperature_deviation_k") { .number($0.certificate?.temperatureDeviationK) },
        column("certificate.temperature_band_k") { .number($0.certificate?.temperatureBandK) },
        column("certificate.statistic") { .word($0.certificate?.statistic ?? "") },
        column("certificate.drift_fraction") { .number($0.certificate?.driftFraction) },
        column("certificate.drift_limit") { .number($0.certificate?.driftLimit) },
        column("certificate.samples") { .integer($0.certificate?.samples) },
    ]

    private static let endings = [
        column("error.kind") { .word($0.error?.kind ?? "") },
        column("error.device") { .text($0.error?.device) },
        column("error.detail") { .text($0.error?.detail) },
        column("metadata_bytes") { .integer(metadata(of: $0)?.utf8.count) },
        column("metadata") { .json(metadata(of: $0)) },
    ]

    private static func metadata(of record: ExperimentRecord) -> String? {
        record.metadata.flatMap { value in
            guard case .text(let text)? = try? Coding.json(value, of: "metadata") else { return nil }
            return text
        }
    }
}

extension Recipe {
    fileprivate var asFlows: FlowsRecipe? { if case .flows(let flows) = self { flows } else { nil } }
    fileprivate var asBox: BoxRecipe? { if case .box(let box) = self { box } else { nil } }
}
