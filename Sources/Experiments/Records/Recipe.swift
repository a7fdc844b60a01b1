/// What a client asks for. `kind` says in which form.
public enum Recipe: Hashable, Sendable {
    /// Explicit flows and a temperature; the balancing and the carrier flow follow from the bench's rules.
    case flows(FlowsRecipe)
}

public struct FlowsRecipe: Hashable, Sendable, Codable {
    public var temperatureC: Double
    /// uL/min by pump. The pumps that follow from the rules may be left out.
    public var flowsULMin: [String: Double]

    public init(temperatureC: Double, flowsULMin: [String: Double]) {
        self.temperatureC = temperatureC
        self.flowsULMin = flowsULMin
    }

    enum CodingKeys: String, CodingKey {
        case temperatureC = "temperature_c"
        case flowsULMin = "flows_ul_min"
    }
}

extension Recipe: Codable {
    enum CodingKeys: String, CodingKey { case kind }

    /// The kinds this daemon understands.
    public static let kinds = ["flows"]

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(String.self, forKey: .kind) {
        case "flows": self = .flows(try FlowsRecipe(from: decoder))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container,
                debugDescription:
                    "recipe kind \"\(other)\" is not known; expected one of: \(Self.kinds.joined(separator: ", "))")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .flows(let flows):
            try container.encode("flows", forKey: .kind)
            try flows.encode(to: encoder)
        }
    }
}
