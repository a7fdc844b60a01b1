import Experiments

/// What the daemon would do about a recipe; changes nothing.
public enum ExperimentsPlan: APIMethod {
    public static let name = "experiments.plan"
    public static let role = Role.optimizer
    public static let summary = "Flows, times and volumes of a recipe, or everything that is wrong with it; a dry run."
    public static let params: [Schema.Member] = [.required("recipe", RecipeSchema.recipe, "What to run.")]
    public static let result = Schema.object([
        .required("feasible", .boolean, "Whether it can be run."),
        .optional("executed", RecipeSchema.recipe, "As it would be run, rounded to the devices' resolution."),
        .required("flows_ul_min", .table(.number()), "All pumps."),
        .optional("reaction_time_s", .number(), "Time in the heated section."),
        .optional("residence_time_s", .number(), "tau: from the origin to the outlet."),
        .optional("equilibrium_time_s", .number(), "t_E: the least time before anything is measured."),
        .optional("duration_s", .number(), "Expected bench time of the whole experiment."),
        .required("reagents_ul", .table(.number()), "What it uses, by reagent."),
        .required("remaining_after_ul", .table(.number()), "What is left after it."),
        .required("warnings", .array(.string()), "What is allowed but unwise."),
        .required("problems", .array(.anything), "Why it is infeasible: kind, name, value, limit, unit, hint."),
    ])

    public struct Params: Codable, Sendable {
        public var recipe: Recipe

        public init(recipe: Recipe) { self.recipe = recipe }
    }

    public typealias Result = PlanReport
}

/// The forms of a recipe.
public enum RecipeSchema {
    public static let recipe = Schema.kinds([
        "flows": .object([
            .required("kind", .word(["flows"]), "Explicit flows."),
            .required("temperature_c", .number(), "Of the heating plate."),
            .required("flows_ul_min", .table(.number()), "By pump; those that follow from the rules may be left out."),
        ])
    ])
}
