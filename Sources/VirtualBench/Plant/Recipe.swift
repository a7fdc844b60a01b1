/// Concentrations of the stock solutions, mM.
public enum Stock {
    public static let cesium = 30.2
    public static let copper = 7.5
    public static let oleicAcidInCesium = 219.0
    public static let oleicAcidInCopper = 238.0
    public static let oleylamineInCopper = 177.0
    public static let oleicAcid = 570.0
    public static let oleylamine = 425.0
}

/// Flows of the eight pumps, in the order of `PumpName`, with the plate temperature they are meant for.
public struct PlantRecipe: Sendable {
    public var temperature: Double
    public var reactionTime: Double
    /// uL/min.
    public var totalFlow: Double
    public var flows: [Double]

    /// Seven numbers in 0...1: temperature, CuI, Cs-oleate, oleic acid of the Cs and of the Cu stream, oleylamine,
    /// reaction time. The whole box is feasible.
    public init(box x: [Double], geometry: Geometry = Geometry()) {
        precondition(x.count == 7, "the box has seven sides")
        temperature = 120 + 30 * x[0]
        reactionTime = 25 + 17 * x[6]
        totalFlow = geometry.reactorVolume / reactionTime * 60
        let quarter = totalFlow / 4
        let copper = 0.15 + 0.55 * x[1]
        let cesium = 0.25 + 0.45 * x[2]
        let acidOfCesium = 0.30 * x[3]
        let acidOfCopper = 0.15 * x[4]
        let amine = 0.15 * x[5]
        flows = [
            copper * quarter, acidOfCopper * quarter, amine * quarter,
            (1 - copper - acidOfCopper - amine) * quarter,
            cesium * quarter, acidOfCesium * quarter, (1 - cesium - acidOfCesium) * quarter,
            2 * quarter,
        ]
    }

    /// Concentrations in the mixed reactive phase, after the two precursor streams meet.
    public var mixed: Concentrations {
        let copperStream = flows[0] + flows[1] + flows[2] + flows[3]
        let total = copperStream + (flows[4] + flows[5] + flows[6])
        return Concentrations(
            copper: Stock.copper * flows[0] / total,
            cesium: Stock.cesium * flows[4] / total,
            acidOfCesium: (Stock.oleicAcidInCesium * flows[4] + Stock.oleicAcid * flows[5]) / total,
            acidOfCopper: (Stock.oleicAcidInCopper * flows[0] + Stock.oleicAcid * flows[1]) / total,
            amine: (Stock.oleylamineInCopper * flows[0] + Stock.oleylamine * flows[2]) / total)
    }
}

/// The pumps of the bench, in the order in which the plant keeps them.
public enum PumpName: String, CaseIterable, Sendable {
    case cui
    case oaCui = "oa_cui"
    case oamCui = "oam_cui"
    case odeCui = "ode_cui"
    case csOleate = "cs_oleate"
    case oaCs = "oa_cs"
    case odeCs = "ode_cs"
    case pfo

    /// Inner diameter of the syringe that is mounted, mm.
    public var boreMillimeters: Double { self == .pfo ? 40.0 : 28.6 }
    /// What the syringe holds when full, uL.
    public var syringeMicroliters: Double { self == .pfo ? 100_000 : 50_000 }
    /// Volume of one turn of a 1 mm lead screw behind that bore, uL.
    var screwTurnMicroliters: Double { self == .pfo ? 1280 : 642 }
    public var link: String { "pump_" + rawValue }
}
