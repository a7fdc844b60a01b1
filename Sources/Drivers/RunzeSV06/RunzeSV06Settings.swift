import DeviceModel
import Quantities

/// What the bench file says of one valve.
struct RunzeConfiguration: Sendable {
    /// The heads that Runze makes. Source: its data sheet of the SV-06.
    static let heads: [Int64] = [6, 8, 10, 12, 16]

    let address: UInt8
    let ports: Int
    let poll: WireDuration
    let moveTimeout: WireDuration
    let limits: ValveLimits

    init(_ settings: DriverSettings) {
        address = UInt8(clamping: settings.integer("address"))
        ports = Int(settings.integer("ports"))
        poll = .milliseconds(settings.integer("poll_ms"))
        moveTimeout = .seconds(settings.number("move_timeout_s"))
        limits = ValveSettings.limits(settings)
    }

    /// `port 2 (filler)`
    func words(_ port: Int) -> String { "port \(port)" + (limits.name(of: port).map { " (\($0))" } ?? "") }
}

extension RunzeSV06 {
    static let entry = DriverEntry(
        id: "runze-sv06", deviceClass: .valve, transports: [.serial], maturity: "simulated wire",
        settings: ValveSettings.specs + [
            SettingSpec("address", .integer(0...255), default: .integer(1), "the valve's address on its line"),
            SettingSpec(
                "ports", .integer(6...16), "how many its head has: 6, 8, 10, 12 or 16; it does not say it itself"),
        ],
        problems: { settings in
            let ports = settings.integer("ports")
            guard RunzeConfiguration.heads.contains(ports) else {
                return [SettingProblem("ports", expected: "6, 8, 10, 12 or 16, as it stands on the valve's head")]
            }
            return ValveSettings.problems(settings, ports: 1...Int(ports))
        },
        make: { DialogueDriver(RunzeSV06($0, $1)) })
}
