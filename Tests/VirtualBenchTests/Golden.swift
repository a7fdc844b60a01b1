import FoundationEssentials

/// The noise-free vectors of the reference plant.
struct Golden: Decodable {
    struct Point: Decodable {
        var x: [Double]
        var recipe: [String: Double]
        var mixed: [String: Double]
        var features: [String: Double]
        var peak: Double
        var residenceTime: Double

        enum CodingKeys: String, CodingKey {
            case x, recipe, features
            case mixed = "mixed_mM"
            case peak = "PL_I"
            case residenceTime = "tau_s"
        }
    }

    struct Transition: Decodable {
        var from: [Double]
        var to: [Double]
        var rows: [[Double]]

        enum CodingKeys: String, CodingKey {
            case rows
            case from = "x_from"
            case to = "x_to"
        }
    }

    struct Heating: Decodable {
        var flow: Double
        var rows: [[Double]]

        enum CodingKeys: String, CodingKey {
            case rows
            case flow = "Qtot_uL_s"
        }
    }

    var geometry: [String: Double]
    var points: [Point]
    var transition: Transition
    var heating: Heating

    enum CodingKeys: String, CodingKey {
        case geometry, points, transition
        case heating = "heater_25_to_140"
    }

    /// The fixture beside this file. (Its bundle would need Foundation.)
    static func load() throws -> Golden {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let data = try Data(contentsOf: URL(filePath: folder + "/Fixtures/golden.json"))
        return try JSONDecoder().decode(Golden.self, from: data)
    }
}
