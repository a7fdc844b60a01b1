import DeviceModel
import Quantities

/// What the bench file says of one pump.
struct ChemyxConfiguration: Sendable {
    let diameterMillimeters: Double
    let channel: Int
    let poll: WireDuration
    let limits: PumpLimits

    init(_ settings: DriverSettings) {
        diameterMillimeters = settings.number("syringe.diameter_mm")
        channel = Int(settings.integer("channel"))
        poll = .milliseconds(settings.integer("poll_ms"))
        let resolution = settings.number("resolution_ul_min")
        let bore = ChemyxBore(millimeters: diameterMillimeters)
        let smallest = (bore.minimumMicrolitersPerMinute / resolution).rounded(.up) * resolution
        limits = PumpLimits(
            minimum: FlowRate(microlitersPerMinute: max(smallest, resolution)),
            maximum: FlowRate(microlitersPerMinute: bore.maximumMicrolitersPerMinute),
            resolution: FlowRate(microlitersPerMinute: resolution),
            smallestVolume: Volume(microliters: bore.smallestMicroliters),
            capacity: Volume(microliters: settings.number("syringe.volume_ml") * 1000),
            reagent: settings.text("syringe.reagent"))
    }
}

/// What the drive's plunger speeds mean in one bore: flows scale with its area.
/// Source: `125.9622 0.0002 106.0288 0.0141` (mL/min and mL) at 30.000 mm, from the third-party simulator
/// SimChemyxPump; no public source tells the models' speeds apart.
struct ChemyxBore: Sendable {
    private static let measuredMillimeters = 30.0
    private static let measuredMaximum = 125_962.2
    private static let measuredMinimum = 0.2
    /// Printed as 0.0141 mL; rounded up, so that what is allowed here is never raised by the pump.
    private static let measuredSmallestVolume = 14.2

    let maximumMicrolitersPerMinute: Double
    let minimumMicrolitersPerMinute: Double
    let smallestMicroliters: Double

    init(millimeters: Double) {
        let area = (millimeters / Self.measuredMillimeters) * (millimeters / Self.measuredMillimeters)
        maximumMicrolitersPerMinute = Self.measuredMaximum * area
        minimumMicrolitersPerMinute = Self.measuredMinimum * area
        smallestMicroliters = Self.measuredSmallestVolume * area
    }
}

extension ChemyxFusion {
    public static let entry = DriverEntry(
        id: "chemyx-fusion", deviceClass: .pump, transports: [.serial], maturity: "simulated wire",
        settings: [
            SettingSpec("syringe.volume_ml", .number(0.001...200), "what the syringe holds"),
            SettingSpec("syringe.diameter_mm", .number(0.103...40), "the syringe's inner diameter"),
            SettingSpec("syringe.reagent", .text, "the reagent in it, by its name in [reagents]"),
            SettingSpec(
                "model", .choice(["fusion-4000", "fusion-6000"]), default: .text("fusion-6000"),
                "the pump's model, for the records; both speak alike"),
            SettingSpec(
                "poll_ms", .integer(20...10_000), default: .integer(200),
                "time between questions; status and volume are asked in turn"),
            SettingSpec(
                "resolution_ul_min", .number(0.000001...1000), default: .number(0.01), "the grid of flows"),
            SettingSpec(
                "channel", .integer(0...2), default: .integer(0),
                "0 for pumps of one channel; 1 or 2 puts that number before each command"),
        ],
        make: { ChemyxFusion(device: $0, settings: $1) })
}
