import DeviceModel
import Quantities

/// What the bench file says of one controller.
struct URDashboardConfiguration: Sendable {
    /// nil: any.
    let serial: String?
    let poll: WireDuration
    let changeTimeout: BenchDuration

    init(_ settings: DriverSettings) {
        serial = settings.optionalText("serial")
        poll = .milliseconds(settings.integer("poll_ms"))
        changeTimeout = .seconds(settings.number("change_timeout_s"))
    }
}

extension URDashboard {
    static let entry = DriverEntry(
        id: "ur-dashboard", deviceClass: .robot, transports: [.tcp], maturity: "simulated wire",
        settings: [
            .optional("serial", .text, "the controller's serial number; another one is refused"),
            SettingSpec(
                "poll_ms", .integer(50...10_000), default: .integer(200),
                "time from one look to the next; four show all that there is"),
            SettingSpec(
                "change_timeout_s", .number(1...600), default: .number(60),
                "how long power, brakes and program may take to show what they were told"),
        ],
        signals: { _ in
            ["robot_mode", "safety_status", "program", "remote"].map { DriverSignal($0, .code) }
        },
        make: { DialogueDriver(URDashboard($0, $1)) })
}
