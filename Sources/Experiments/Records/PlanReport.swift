/// What the daemon will do about a recipe, or why it cannot. The answer of `experiments.plan`.
public struct PlanReport: Hashable, Sendable, Codable {
    public var feasible: Bool
    /// The recipe as it will be run, in the form it was asked, rounded to what the devices resolve. nil when infeasible.
    public var executed: Recipe?
    /// Of the plate, degC; nil when infeasible, and for recipes that heat nothing.
    public var temperatureC: Double?
    /// All pumps, uL/min.
    public var flowsULMin: [String: Double]
    /// Time in the heated section.
    public var reactionTimeS: Double?
    /// tau: from the origin junction to the outlet.
    public var residenceTimeS: Double?
    /// t_E: the least time before anything is measured.
    public var equilibriumTimeS: Double?
    /// Expected bench time of the whole experiment from its start.
    public var durationS: Double?
    public var reagentsUL: [String: Double]
    public var remainingAfterUL: [String: Double]
    /// What it adds to the waste.
    public var wasteUL: Double?
    public var cost: PlanCost?
    public var warnings: [String]
    public var problems: [PlanProblem]

    public init(
        feasible: Bool, executed: Recipe?, temperatureC: Double? = nil, flowsULMin: [String: Double],
        reactionTimeS: Double?,
        residenceTimeS: Double?, equilibriumTimeS: Double?, durationS: Double?, reagentsUL: [String: Double],
        remainingAfterUL: [String: Double], wasteUL: Double? = nil,
        cost: PlanCost? = nil, warnings: [String], problems: [PlanProblem]
    ) {
        self.feasible = feasible
        self.executed = executed
        self.temperatureC = temperatureC
        self.flowsULMin = flowsULMin
        self.reactionTimeS = reactionTimeS
        self.residenceTimeS = residenceTimeS
        self.equilibriumTimeS = equilibriumTimeS
        self.durationS = durationS
        self.reagentsUL = reagentsUL
        self.remainingAfterUL = remainingAfterUL
        self.wasteUL = wasteUL
        self.cost = cost
        self.warnings = warnings
        self.problems = problems
    }

    enum CodingKeys: String, CodingKey {
        case feasible, executed, cost, warnings, problems
        case temperatureC = "temperature_c"
        case wasteUL = "waste_ul"
        case flowsULMin = "flows_ul_min"
        case reactionTimeS = "reaction_time_s"
        case residenceTimeS = "residence_time_s"
        case equilibriumTimeS = "equilibrium_time_s"
        case durationS = "duration_s"
        case reagentsUL = "reagents_ul"
        case remainingAfterUL = "remaining_after_ul"
    }
}

/// What an experiment is expected to take from the present state of the bench; all times are bench time.
public struct PlanCost: Hashable, Sendable, Codable {
    public var durationS: Double
    public var heatingS: Double
    /// From the first pump's start to the last one's stop.
    public var flowingS: Double
    /// For dark and reference spectra that are due; 0 when those at hand will do.
    public var referencesS: Double
    /// How far the plate has to go from where it is, K, and the time it needs: what another order of experiments could
    /// save.
    public var switching: Switching

    public struct Switching: Hashable, Sendable, Codable {
        public var temperatureK: Double
        public var heatingS: Double

        public init(temperatureK: Double, heatingS: Double) {
            self.temperatureK = temperatureK
            self.heatingS = heatingS
        }

        enum CodingKeys: String, CodingKey {
            case temperatureK = "temperature_k"
            case heatingS = "heating_s"
        }
    }

    public init(durationS: Double, heatingS: Double, flowingS: Double, referencesS: Double, switching: Switching) {
        self.durationS = durationS
        self.heatingS = heatingS
        self.flowingS = flowingS
        self.referencesS = referencesS
        self.switching = switching
    }

    enum CodingKeys: String, CodingKey {
        case switching
        case durationS = "duration_s"
        case heatingS = "heating_s"
        case flowingS = "flowing_s"
        case referencesS = "references_s"
    }
}

/// One reason why a recipe cannot run: everything infeasible is said at once.
public struct PlanProblem: Hashable, Sendable, Codable {
    /// A stable word: `above_limit`, `below_limit`, `unknown_pump`, `missing`, `reagent_short`, `rule`.
    public var kind: String
    /// What it is about: `flows_ul_min.cui`, `temperature_c`.
    public var name: String
    public var value: Double?
    public var limit: Double?
    public var unit: String
    public var hint: String

    public init(kind: String, name: String, value: Double?, limit: Double?, unit: String, hint: String) {
        self.kind = kind
        self.name = name
        self.value = value
        self.limit = limit
        self.unit = unit
        self.hint = hint
    }
}
