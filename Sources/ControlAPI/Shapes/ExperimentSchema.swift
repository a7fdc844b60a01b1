import Experiments
import Wire

/// Names one experiment.
public struct ExperimentReference: Codable, Sendable, PlainParams {
    public var experiment: String

    public init(experiment: String) { self.experiment = experiment }

    public init?(checked json: JSONValue) {
        guard let experiment = json["experiment"]?.text else { return nil }
        self.experiment = experiment
    }
}

/// An experiment and the state it is in now.
public struct ExperimentStanding: Codable, Sendable {
    public var experiment: String
    public var state: ExperimentState

    public init(experiment: String, state: ExperimentState) {
        self.experiment = experiment
        self.state = state
    }

    static let schema = Schema.object([
        .required("experiment", .string(), "Its id."), .required("state", ExperimentSchema.state, "Its state now."),
    ])
}

/// What is known of experiments.
enum ExperimentSchema {
    static let reference = Schema.Member.required("experiment", .string(), "Its id, e-000042.")
    static let state = Schema.shape(
        Schema.Shape(
            "State",
            "How far an experiment is. done, failed, cancelled, interrupted, abandoned and attached are final.",
            .word(ExperimentState.allCases.map(\.rawValue))))
    static let campaign = Schema.string(count: 1...APILimits.nameCharacters)
    static let key = Schema.string(count: 1...APILimits.keyCharacters)
    static let metadata = Schema.Member.optional(
        "metadata", .anything, "Whatever the client likes; kept, at most \(APILimits.metadataBytes) bytes of JSON.")
    static let priority = Schema.Member.optional(
        "priority", .integer(APILimits.priorities),
        "Higher runs first, equal ones in the order of submission; 0 if left out.")

    static let feature = Schema.shape(
        Schema.Shape(
            "Feature", "One feature of the spectra.",
            .object([
                .required("mean", .number(), "Over the droplet frames, or as it was given."),
                .optional("sem", .number(), "Standard error of the mean; null when it is not known."),
                .required("n", .integer(), "Droplet frames, or values that the mean was given of."),
                .required("unit", .string(), "Of mean and sem: AU, counts, nm."),
            ])))
    static let features = Schema.table(feature)

    static let conditions = Schema.shape(
        Schema.Shape(
            "Conditions", "What the devices reported while it was measured.",
            .object([
                .required("temperature_c", .number(), "Mean of the plate."),
                .required("flows_ul_min", .table(.number()), "By pump, as the pumps reported them."),
                .required("volumes_ul", .table(.number()), "By pump, displaced since the flows started."),
            ])))

    static let certificate = Schema.shape(
        Schema.Shape(
            "Certificate", "Why the bench may be believed to have been at steady state. All times are bench time.",
            .object([
                .required("verdict", .string(), "steady; anything else is stored and is never a result."),
                .required("swept_tau", .number(), "Residence times displaced when the measurement began."),
                .required("required_tau", .number(), "The least of them."),
                .required("residence_time_s", .number(), "tau: from the origin to the outlet."),
                .required("elapsed_s", .number(), "From the start of the flows to the measurement."),
                .required("temperature_deviation_k", .number(), "Largest distance of the plate from its set point."),
                .required("temperature_band_k", .number(), "The allowed one."),
                .required("statistic", .string(), "The feature that was tested for drift."),
                .optional("drift_fraction", .number(), "Upper bound of the drift over the window, of the mean."),
                .required("drift_limit", .number(), "The allowed one."),
                .required("samples", .integer(), "How many values of the feature were tested."),
            ])))

    static let transition = Schema.shape(
        Schema.Shape(
            "Transition", "An experiment came into a state.",
            .object([
                .required("state", state, "The state that it came into."), .required("time", .time, "When; UTC."),
                .required("bench_s", .number(), "Bench time since the daemon started."),
                .required("cause", .string(), "Why, in words."),
            ])))

    static let error = Schema.shape(
        Schema.Shape(
            "ExperimentError", "Why an experiment did not end well.",
            .object([
                .required("kind", .string(), "A stable word: trip, deadline, device_lost, not_steady, …"),
                .optional("device", .string(), "The device that it is about."),
                .required("detail", .string(), "What happened."), .required("hint", .string(), "What to do next."),
            ])))

    static let sample = Schema.object([
        .required("to", .string(), "The station where it was set down."),
        .required("volume_ul", .number(), "What ran into the cuvette, by the pumps' own report."),
    ])

    static let experiment = Schema.shape(
        Schema.Shape("Experiment", "Everything that is known of one experiment.", .object(members)))

    private static let members: [Schema.Member] = [
        .required("experiment", .string(), "Its id."), .required("state", state, "How far it is."),
        .optional("key", .string(), "The idempotency key it was submitted with."),
        .optional("campaign", .string(), "The campaign it belongs to."),
        .optional("metadata", .anything, "As submitted."),
        .required("priority", .integer(), "Higher runs first."),
        .required("origin", .word(["bench", "external"]), "Where it was measured."),
        .optional("source", .string(), "Where an external result comes from, in its giver's words."),
        .required("submitted_by", .integer(), "uid of the submitter."),
        .optional(
            "if_client_gone", .word(ClientGonePolicy.allCases.map(\.rawValue)),
            "What becomes of it when its client has gone; null: as the bench file says."),
        .required("recipe", RecipeSchema.recipe, "As asked."),
        .required("executed", RecipeSchema.recipe, "As run, rounded to what the devices resolve."),
        .required("plan", PlanSchema.plan, "What was planned."),
        .optional("measured", conditions, "What the devices reported; null until it is measured."),
        .optional("features", features, "By name; null until there is a certificate."),
        .optional("certificate", certificate, "Why the features may be believed; null until then."),
        .optional("sample", sample, "The cuvette with its product; null until it is set down."),
        .required("data", .word(["complete", "partial", "none"]), "What is there of its data, however it ended."),
        .optional("partial_features", features, "What was seen before it ended badly; never a result."),
        .required(
            "flags", .array(.string()),
            "What is remarkable: saturated, dropout, unsegmented, secondary_population, low_flow."),
        .optional("sequence", .integer(), "The number of its end among all ends; null until it has ended."),
        .required("transitions", .array(transition), "In order."),
        .optional("error", error, "Why it did not end well."),
        .required("simulated", .boolean, "Whether the devices were simulated."),
    ]
}

/// What a plan says.
enum PlanSchema {
    static let plan = Schema.shape(
        Schema.Shape(
            "Plan", "What the daemon would do about a recipe. All times are bench time.",
            .object([
                .required("feasible", .boolean, "Whether it can be run."),
                .optional("executed", RecipeSchema.recipe, "As it would be run, in the form it was asked."),
                .optional("temperature_c", .number(), "Of the plate; null for recipes that heat nothing."),
                .required("flows_ul_min", .table(.number()), "By pump; all pumps."),
                .optional("reaction_time_s", .number(), "Time in the heated section."),
                .optional("residence_time_s", .number(), "tau: from the origin to the outlet."),
                .optional("equilibrium_time_s", .number(), "t_E: the least time before anything is measured."),
                .optional("duration_s", .number(), "Expected for the whole experiment."),
                .required("reagents_ul", .table(.number()), "What it uses, by pump."),
                .required("remaining_after_ul", .table(.number()), "What is left after it, by pump."),
                .optional("waste_ul", .number(), "What it adds to the waste."),
                .optional("cost", cost, "What it takes from the present state of the bench."),
                .required("warnings", .array(.string()), "What is allowed but unwise."),
                .required("problems", .array(problem), "Why it is infeasible: everything at once."),
            ])))

    private static let cost = Schema.object([
        .required("duration_s", .number(), "Expected for the whole experiment."),
        .required("heating_s", .number(), "Until the plate is steady."),
        .required("flowing_s", .number(), "From the first pump's start to the last one's stop."),
        .required("references_s", .number(), "For dark and reference spectra that are due."),
        .required(
            "switching",
            .object([
                .required("temperature_k", .number(), "How far the plate has to go from where it is."),
                .required("heating_s", .number(), "The time that this takes."),
            ]), "What another order of experiments could save."),
    ])

    static let problem = Schema.shape(
        Schema.Shape(
            "Problem", "One reason why a recipe cannot run.",
            .object([
                .required("kind", .string(), "A stable word: above_limit, below_limit, unknown_pump, missing, …"),
                .required("name", .string(), "What it is about: flows_ul_min.cui, temperature_c."),
                .optional("value", .number(), "The value that was asked."),
                .optional("limit", .number(), "The limit that it breaks."),
                .required("unit", .string(), "Of value and limit."), .required("hint", .string(), "What to do."),
            ])))
}
