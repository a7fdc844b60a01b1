import DeviceModel
import Quantities

/// What the bench file says of one flow controller.
struct BronkhorstConfiguration: Sendable {
    /// Its node on the line.
    let node: UInt8
    /// The control mode in which it takes its set point from here.
    let mode: UInt8
    let serial: String
    let poll: WireDuration
    let limits: FlowControllerLimits

    init(_ settings: DriverSettings) {
        node = UInt8(clamping: settings.integer("node"))
        mode = settings.text("set_point_from") == "rs232" ? 18 : 0
        serial = settings.text("serial")
        poll = .milliseconds(settings.integer("poll_ms"))
        limits = FlowControllerLimits(
            minimum: settings.number("minimum_ml_min_std"), maximum: settings.number("maximum_ml_min_std"),
            gas: settings.text("gas"))
    }
}

extension BronkhorstProPar {
    static let entry = DriverEntry(
        id: "bronkhorst-propar", deviceClass: .flowController, transports: [.serial, .tcp], maturity: "simulated wire",
        settings: [
            SettingSpec("gas", .text, "the fluid as the controller names it: N2, Ar, Air"),
            SettingSpec("maximum_ml_min_std", .number(0.1...1e6), "the largest set point that may be asked for"),
            SettingSpec(
                "minimum_ml_min_std", .number(0.001...1e6),
                "a smaller flow is noise: closed means at most so much, and a set point is 0 or more than this"),
            SettingSpec(
                "node", .integer(1...128), default: .integer(128), "its node; 128: the only one on this line"),
            SettingSpec(
                "set_point_from", .choice(["bus", "rs232"]), default: .text("bus"),
                "the control mode in which it obeys: 0 (bus) or 18 (rs232)"),
            SettingSpec("serial", .text, default: .text(""), "its serial number; another one is refused; empty: any"),
            SettingSpec("poll_ms", .integer(20...10_000), default: .integer(100), "time from one question to the next"),
        ],
        signals: { _ in
            [
                DriverSignal("flow", .standardMillilitersPerMinute),
                DriverSignal("flow.set_point", .standardMillilitersPerMinute), DriverSignal("mode", .code),
            ]
        },
        problems: { settings in
            let maximum = settings.number("maximum_ml_min_std")
            guard settings.number("minimum_ml_min_std") >= maximum else { return [] }
            return [SettingProblem("minimum_ml_min_std", expected: "less than maximum_ml_min_std, which is \(maximum)")]
        },
        make: { DialogueDriver(BronkhorstProPar($0, $1)) })
}
