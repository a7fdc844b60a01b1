/// What a client asks for. `kind` says in which form.
public enum Recipe: Hashable, Sendable {
    /// Explicit flows and a temperature; the balancing and the carrier flow follow from the bench's rules.
    case flows(FlowsRecipe)
    /// A point of the bench file's box: each input from 0 to 1.
    case box(BoxRecipe)
    /// No chemistry: takes the dark and the reference spectra that are missing or too old.
    case references
}

public struct FlowsRecipe: Hashable, Sendable, Codable {
    public var temperatureC: Double
    /// uL/min by pump. The pumps that follow from the rules may be left out.
    public var flowsULMin: [String: Double]
    /// The set point moves at most this fast, K/min; nil: at once.
    public var rampKMin: Double?
    /// Positions of valves, by valve; one that is not named stands at its home.
    public var valves: [String: String]?
    /// nil: no sample of the product is taken.
    public var sample: SampleWish?

    public init(
        temperatureC: Double, flowsULMin: [String: Double], rampKMin: Double? = nil, valves: [String: String]? = nil,
        sample: SampleWish? = nil
    ) {
        self.sample = sample
        self.temperatureC = temperatureC
        self.flowsULMin = flowsULMin
        self.rampKMin = rampKMin
        self.valves = valves
    }

    enum CodingKeys: String, CodingKey {
        case valves, sample
        case temperatureC = "temperature_c"
        case flowsULMin = "flows_ul_min"
        case rampKMin = "ramp_k_min"
    }
}

public struct BoxRecipe: Hashable, Sendable, Codable {
    /// By the inputs' names in `[box]` of the bench file, 0 to 1; all are needed.
    public var x: [String: Double]
    /// The set point moves at most this fast, K/min; nil: at once.
    public var rampKMin: Double?
    /// Positions of valves, by valve; one that is not named stands at its home.
    public var valves: [String: String]?
    /// nil: no sample of the product is taken.
    public var sample: SampleWish?

    public init(
        x: [String: Double], rampKMin: Double? = nil, valves: [String: String]? = nil, sample: SampleWish? = nil
    ) {
        self.sample = sample
        self.x = x
        self.rampKMin = rampKMin
        self.valves = valves
    }

    enum CodingKeys: String, CodingKey {
        case x, valves, sample
        case rampKMin = "ramp_k_min"
    }
}

extension Recipe: Codable {
    enum CodingKeys: String, CodingKey { case kind }

    /// The kinds this daemon understands.
    public static let kinds = ["flows", "box", "references"]

    public var kind: String {
        switch self {
        case .flows: "flows"
        case .box: "box"
        case .references: "references"
        }
    }

    /// Positions by valve, as far as it names them.
    public var valves: [String: String] {
        switch self {
        case .flows(let flows): flows.valves ?? [:]
        case .box(let box): box.valves ?? [:]
        case .references: [:]
        }
    }

    public var sample: SampleWish? {
        switch self {
        case .flows(let flows): flows.sample
        case .box(let box): box.sample
        case .references: nil
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(String.self, forKey: .kind) {
        case "flows": self = .flows(try FlowsRecipe(from: decoder))
        case "box": self = .box(try BoxRecipe(from: decoder))
        case "references": self = .references
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container,
                debugDescription:
                    "recipe kind \"\(other)\" is not known; expected one of: \(Self.kinds.joined(separator: ", "))")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        switch self {
        case .flows(let flows): try flows.encode(to: encoder)
        case .box(let box): try box.encode(to: encoder)
        case .references: break
        }
    }
}
