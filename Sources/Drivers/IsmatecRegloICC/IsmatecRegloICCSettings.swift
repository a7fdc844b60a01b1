import DeviceModel
import Quantities

/// What the bench file says of one channel.
struct RegloConfiguration: Sendable {
    /// The least volume of a run no source tells; what the pump does not keep is seen in its read-back.
    private static let smallestMicroliters = 1.0

    let channel: Int
    let tubingMillimeters: Double
    let poll: WireDuration
    let limits: PumpLimits

    init(_ settings: DriverSettings) {
        channel = Int(settings.integer("channel"))
        tubingMillimeters = settings.number("tubing_id_mm")
        poll = .milliseconds(settings.integer("poll_ms"))
        limits = PumpLimits(
            minimum: FlowRate(microlitersPerMinute: settings.number("min_flow_ul_min")),
            maximum: FlowRate(microlitersPerMinute: settings.number("max_flow_ul_min")),
            resolution: FlowRate(microlitersPerMinute: settings.number("resolution_ul_min")),
            smallestVolume: Volume(microliters: Self.smallestMicroliters),
            capacity: Volume(microliters: settings.number("reservoir.volume_ml") * 1000),
            reagent: settings.text("reservoir.reagent"))
    }
}

extension IsmatecRegloICC {
    static let entry = DriverEntry(
        id: "ismatec-reglo-icc", deviceClass: .pump, transports: [.serial], maturity: "simulated wire",
        settings: [
            SettingSpec("channel", .integer(1...4), "which channel; the others are left alone"),
            SettingSpec("tubing_id_mm", .number(0.01...10), "the tube's inner diameter, as the pump's table has it"),
            SettingSpec("max_flow_ul_min", .number(0.1...1e6), "the largest flow that may be asked for"),
            SettingSpec(
                "min_flow_ul_min", .number(0.001...1e6), "the smallest flow that the pump keeps with this tube"),
            SettingSpec(
                "resolution_ul_min", .number(0.000001...1000), default: .number(1),
                "the grid of flows; the pump takes four digits"),
            SettingSpec("reservoir.volume_ml", .number(0.001...9999), "what stands before the tube"),
            SettingSpec("reservoir.reagent", .text, "the name of the reagent in it"),
            SettingSpec("poll_ms", .integer(20...10_000), default: .integer(100), "time from one question to the next"),
        ],
        problems: { settings in
            let maximum = settings.number("max_flow_ul_min")
            guard settings.number("min_flow_ul_min") >= maximum else { return [] }
            return [SettingProblem("min_flow_ul_min", expected: "less than max_flow_ul_min, which is \(maximum)")]
        },
        make: { DialogueDriver(IsmatecRegloICC($0, $1)) })
}
