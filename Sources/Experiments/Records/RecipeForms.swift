/// What recipes may look like on this bench, for machines: the answer of `recipes.schema`.
public struct RecipeForms: Hashable, Sendable, Codable {
    /// By the recipe's kind.
    public var kinds: [String: Form]

    public init(kinds: [String: Form]) { self.kinds = kinds }

    public struct Form: Hashable, Sendable, Codable {
        public var parameters: [Parameter]
        public var constraints: [Constraint]

        public init(parameters: [Parameter], constraints: [Constraint]) {
            self.parameters = parameters
            self.constraints = constraints
        }
    }

    public struct Parameter: Hashable, Sendable, Codable {
        public enum Kind: String, Hashable, Sendable, Codable { case continuous, categorical }

        /// `temperature_c`, `flows_ul_min.cui`, `x.cui`
        public var name: String
        public var type: Kind
        public var minimum: Double?
        public var maximum: Double?
        public var unit: String
        /// The grid on which it is executed.
        public var resolution: Double?
        /// The words of a categorical one.
        public var choices: [String]?
        /// Changing it takes far longer than the others.
        public var hardToChange: Bool
        public var required: Bool
        public var meaning: String
        /// What a number without a unit means on the bench, linearly; nil when it is that itself.
        public var standsFor: Quantity?

        public init(
            name: String, type: Kind = .continuous, minimum: Double?, maximum: Double?, unit: String,
            resolution: Double?, choices: [String]? = nil, hardToChange: Bool = false, required: Bool, meaning: String,
            standsFor: Quantity? = nil
        ) {
            self.name = name
            self.type = type
            self.minimum = minimum
            self.maximum = maximum
            self.unit = unit
            self.resolution = resolution
            self.choices = choices
            self.hardToChange = hardToChange
            self.required = required
            self.meaning = meaning
            self.standsFor = standsFor
        }

        enum CodingKeys: String, CodingKey {
            case name, type, minimum, maximum, unit, resolution, choices, required, meaning
            case hardToChange = "hard_to_change"
            case standsFor = "stands_for"
        }
    }

    /// The range of a quantity on the bench: `temperature_c`, 120 to 150 degC.
    public struct Quantity: Hashable, Sendable, Codable {
        public var name: String
        public var minimum: Double
        public var maximum: Double
        public var unit: String

        public init(name: String, minimum: Double, maximum: Double, unit: String) {
            self.name = name
            self.minimum = minimum
            self.maximum = maximum
            self.unit = unit
        }
    }

    public struct Constraint: Hashable, Sendable, Codable {
        /// A stable word: `balanced_streams`, `carrier_equals_precursors`, `total_flow`, `pump_range`, `reagents`, `waste`.
        public var kind: String
        public var text: String
        public var names: [String]
        public var limit: Double?

        public init(kind: String, text: String, names: [String], limit: Double? = nil) {
            self.kind = kind
            self.text = text
            self.names = names
            self.limit = limit
        }
    }
}
