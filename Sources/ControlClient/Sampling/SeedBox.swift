import Experiments

/// The seven inputs of the nanocrystal campaign and their ranges, and what they mean in flows. The whole box is feasible:
/// the fractions of either precursor stream leave room for its solvent at every corner.
public struct SeedBox: Sendable {
    /// In the order of the coordinates of a point.
    public static let names = [
        "temperature_c", "fraction_cui", "fraction_cs_oleate", "fraction_oa_cs", "fraction_oa_cui", "fraction_oam_cui",
        "reaction_time_s",
    ]

    public static let defaults: [String: ClosedRange<Double>] = [
        "temperature_c": 120...150, "fraction_cui": 0.15...0.70, "fraction_cs_oleate": 0.25...0.70,
        "fraction_oa_cs": 0...0.30, "fraction_oa_cui": 0...0.15, "fraction_oam_cui": 0...0.15,
        "reaction_time_s": 25...42,
    ]

    /// Volume of the heated section, uL: 0.76 mm (0.03 inch) bore.
    public static let reactorUL = 420.01

    public private(set) var bounds: [ClosedRange<Double>]

    public init() { self.bounds = Self.names.map { Self.defaults[$0] ?? 0...0 } }

    /// What is wrong with a bound.
    public struct BoundError: Error, Hashable, Sendable {
        public let detail: String
    }

    /// Narrows one input: `temperature_c=130:140`. A range outside of the box is an error, since it may be infeasible.
    public mutating func narrow(_ text: String) throws(BoundError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let ends = (parts.count == 2 ? parts[1] : "").split(separator: ":").compactMap { Double($0) }
        guard let index = Self.names.firstIndex(of: parts.first ?? "") else {
            throw BoundError(detail: "\"\(text)\": expected one of \(Self.names.joined(separator: ", "))=LOW:HIGH")
        }
        let box = Self.defaults[Self.names[index]] ?? 0...0
        guard ends.count == 2, ends[0] <= ends[1], box.contains(ends[0]), box.contains(ends[1]) else {
            throw BoundError(detail: "\"\(text)\": expected LOW:HIGH within \(box.lowerBound):\(box.upperBound)")
        }
        bounds[index] = ends[0]...ends[1]
    }

    /// The inputs at a point of the unit cube, in the order of `names`.
    public func inputs(at point: [Double]) -> [Double] {
        zip(bounds, point).map { $0.lowerBound + ($0.upperBound - $0.lowerBound) * $1 }
    }

    /// Flows of the six pumps that are free, on the pumps' grid of 0.001 uL/min; both precursor streams are a quarter of the
    /// total flow, the carrier half of it, and follow from the bench's rules.
    /// - Precondition: seven inputs, in the order of `names`.
    public static func recipe(_ inputs: [Double]) -> Recipe {
        precondition(inputs.count == names.count, "seven inputs")
        let total = reactorUL / inputs[6] * 60
        let stream = total / 4
        let (cui, cs, oaCs, oaCu, oam) = (inputs[1], inputs[2], inputs[3], inputs[4], inputs[5])
        let flows = [
            "cui": cui * stream, "oa_cui": oaCu * stream, "oam_cui": oam * stream,
            "ode_cui": (1 - cui - oaCu - oam) * stream, "cs_oleate": cs * stream, "oa_cs": oaCs * stream,
        ]
        return .flows(
            FlowsRecipe(
                temperatureC: (inputs[0] * 100).rounded() / 100,
                flowsULMin: flows.mapValues { (max(0, $0) * 1000).rounded() / 1000 }))
    }
}
