import DeviceModel
import Quantities

/// What the bench file says of one flow controller.
struct AlicatConfiguration: Sendable {
    /// The letter before each command.
    let unit: String
    let poll: WireDuration
    let limits: FlowControllerLimits

    init(_ settings: DriverSettings) {
        unit = settings.text("unit")
        poll = .milliseconds(settings.integer("poll_ms"))
        limits = FlowControllerLimits(
            minimum: settings.number("minimum_ml_min_std"), maximum: settings.number("maximum_ml_min_std"),
            gas: settings.text("gas"))
    }
}

extension Alicat {
    static let entry = DriverEntry(
        id: "alicat", deviceClass: .flowController, transports: [.serial, .tcp], maturity: "simulated wire",
        settings: [
            SettingSpec("gas", .text, "the gas as the controller shows it: N2, Ar, Air"),
            SettingSpec("maximum_ml_min_std", .number(0.1...1e6), "the largest set point that may be asked for"),
            SettingSpec(
                "minimum_ml_min_std", .number(0.001...1e6),
                "a smaller flow is noise: closed means at most so much, and a set point is 0 or more than this"),
            SettingSpec("unit", .choice(units), default: .text("A"), "the controller's letter on the line"),
            SettingSpec("poll_ms", .integer(20...10_000), default: .integer(200), "time from one look to the next"),
        ],
        problems: { settings in
            let maximum = settings.number("maximum_ml_min_std")
            guard settings.number("minimum_ml_min_std") >= maximum else { return [] }
            return [SettingProblem("minimum_ml_min_std", expected: "less than maximum_ml_min_std, which is \(maximum)")]
        },
        make: { DialogueDriver(Alicat($0, $1)) })

    private static let units = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { String(UnicodeScalar($0)) }
}
