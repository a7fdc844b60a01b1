import Experiments
import Wire

/// What recipes may look like on this bench, for machines.
public enum RecipesSchema: APIMethod {
    public static let name = "recipes.schema"
    public static let role = Role.observer
    public static let summary = "Parameters, limits and constraints of recipes on this bench, for machines."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("kinds", .table(RecipeSchema.forms), "By the recipe's kind."),
        .required(
            "metadata",
            .object([
                .required("free", .boolean, "true: any JSON is taken."),
                .required("max_bytes", .integer(), "As JSON, at most."),
            ]), "What may be kept with an experiment."),
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var kinds: [String: RecipeForms.Form]
        public var metadata: Metadata

        public init(_ forms: RecipeForms) {
            self.kinds = forms.kinds
            self.metadata = Metadata(free: true, maxBytes: APILimits.metadataBytes)
        }
    }

    public struct Metadata: Codable, Sendable {
        public var free: Bool
        public var maxBytes: Int

        enum CodingKeys: String, CodingKey {
            case free
            case maxBytes = "max_bytes"
        }
    }
}
