import Experiments

/// What the daemon would do about a recipe; changes nothing.
public enum ExperimentsPlan: APIMethod {
    public static let name = "experiments.plan"
    public static let role = Role.optimizer
    public static let summary =
        "Flows, times, volumes and cost of a recipe, or everything that is wrong with it; a dry run."
    public static let params: [Schema.Member] = [.required("recipe", RecipeSchema.recipe, "What to run.")]
    public static let result = PlanSchema.plan

    public struct Params: Codable, Sendable {
        public var recipe: Recipe

        public init(recipe: Recipe) { self.recipe = recipe }
    }

    public typealias Result = PlanReport
}
