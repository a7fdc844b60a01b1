/// The tubing, from the five-way junction to the absorption cell. Lengths are choices; bores are those of the lab:
/// 0.02 inch feed lines, 0.03 inch reactor, 0.04 inch cells. Volumes in uL.
public struct Geometry: Sendable {
    public var copperLine = 700.0
    public var cesiumLine = 500.0
    public var reactor = 921.0
    public var cooling = 600.0
    /// From the cooling line to the photoluminescence window, and from there to the absorption window.
    public var toLuminescenceCell = 60.0
    public var toAbsorptionCell = 100.0
    /// Tanks in series: braided single-phase lines mix, slugs do not.
    public var copperTanks = 30
    public var cesiumTanks = 30
    public var segmentedTanks = 300

    public init() {}

    static let feedArea = area(inches: 0.02)
    static let reactorArea = area(inches: 0.03)
    static let cellArea = area(inches: 0.04)

    public var copperVolume: Double { copperLine * Self.feedArea }
    public var cesiumVolume: Double { cesiumLine * Self.feedArea }
    public var reactorVolume: Double { reactor * Self.reactorArea }
    public var segmentedVolume: Double {
        reactorVolume + cooling * Self.reactorArea + (toLuminescenceCell + toAbsorptionCell) * Self.cellArea
    }
    /// Total flow times residence time: the copper line runs at a quarter of the total flow.
    public var equivalentVolume: Double { 4 * copperVolume + segmentedVolume }
    /// The residence time for a total flow in the same unit of volume.
    public func residenceTime(totalFlow: Double) -> Double { equivalentVolume / totalFlow }

    private static func area(inches: Double) -> Double {
        let bore = inches * 25.4
        return Double.pi / 4 * (bore * bore)
    }
}
