import FoundationEssentials
import Hydraulics
import Quantities

/// The bench of the golden vectors: five-way and four-way junctions, the cross, a PL cell and an absorption cell.
enum SeedBench {
    static let cuLine = Tube(to: "cross", bore: millimeters(0.508), length: millimeters(700))
    static let csLine = Tube(to: "cross", bore: millimeters(0.508), length: millimeters(500))
    static let segmented = Tube(
        to: "pl_cell",
        sections: [
            TubeSection(name: "reactor", bore: millimeters(0.762), length: millimeters(921)),
            TubeSection(name: "cooling", bore: millimeters(0.762), length: millimeters(600)),
            TubeSection(name: "cell", bore: millimeters(1.016), length: millimeters(60)),
        ])
    static let cuPumps = ["cui", "oa_cui", "oam_cui", "ode_cui"]
    static let csPumps = ["cs_oleate", "oa_cs", "ode_cs"]
    static let nodes: [FlowNode] = [
        .junction("five_way", inlets: cuPumps, tube: cuLine),
        .junction("four_way", inlets: csPumps, tube: csLine),
        .junction("cross", inlets: ["pfo"], tube: segmented),
        .detector("pl_cell", tube: Tube(to: "abs_cell", bore: millimeters(1.016), length: millimeters(100))),
        .detector("abs_cell", tube: nil),
    ]

    static func network() throws -> FlowNetwork {
        try FlowNetwork(origin: "five_way", outlet: "abs_cell", nodes: nodes)
    }

    static func rules() throws -> FlowRules {
        try FlowRules(
            network: network(), balanced: ["five_way", "four_way"], balancingPump: "ode_cs", carrierPump: "pfo")
    }

    static func millimeters(_ value: Double) -> Length { Length(millimeters: value) }
}

func flow(_ microlitersPerMinute: Double) -> FlowRate { FlowRate(microlitersPerMinute: microlitersPerMinute) }

/// The noise-free vectors of the reference model of the plant.
struct Golden: Decodable {
    struct Geometry: Decodable {
        let cuLine: Double
        let reactor: Double
        let segmented: Double
        let equilibrium: Double

        enum CodingKeys: String, CodingKey {
            case cuLine = "V_cu"
            case reactor = "V_r"
            case segmented = "V_seg"
            case equilibrium = "V_eq"
        }
    }

    struct Point: Decodable {
        let recipe: [String: Double]
        let features: [String: Double]
        let peak: Double
        let tau: Double

        enum CodingKeys: String, CodingKey {
            case recipe, features
            case peak = "PL_I"
            case tau = "tau_s"
        }

        /// The flows under the names of the bench.
        var flows: [String: FlowRate] {
            let names = [
                "CuI": "cui", "OA_cu": "oa_cui", "OAm": "oam_cui", "ODE_cu": "ode_cui", "CsOA": "cs_oleate",
                "OA_cs": "oa_cs", "ODE_cs": "ode_cs", "PFO": "pfo",
            ]
            return Dictionary(
                uniqueKeysWithValues: names.compactMap { key, name in recipe[key].map { (name, flow($0)) } })
        }
    }

    let geometry: Geometry
    let points: [Point]

    static func load(from file: String = #filePath) throws -> Golden {
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        let data = try Data(contentsOf: URL(filePath: "/\(folder)/Fixtures/golden.json"))
        return try JSONDecoder().decode(Golden.self, from: data)
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ range: Range<Double> = 0..<1) -> Double { Double.random(in: range, using: &self) }
}
