import DeviceModel
import Quantities

/// What the bench file says of one valve.
struct ViciConfiguration: Sendable {
    let kind: ViciKind
    /// Before each command; empty where the unit has none.
    let id: String
    let poll: WireDuration
    let moveTimeout: WireDuration
    let limits: ValveLimits

    init(_ settings: DriverSettings) {
        kind = ViciKind(rawValue: settings.text("kind")) ?? .selector
        id = settings.optionalText("id") ?? ""
        poll = .milliseconds(settings.integer("poll_ms"))
        moveTimeout = .seconds(settings.number("move_timeout_s"))
        limits = ValveSettings.limits(settings)
    }

    /// What the valve can show as its position.
    var expected: String { kind == .twoPosition ? "A or B" : "1 to \(ViciKind.mostPorts)" }

    /// `position B (loop)`
    func words(_ port: Int) -> String {
        "position \(kind.shown(port))" + (limits.name(of: port).map { " (\($0))" } ?? "")
    }
}

extension ViciValco {
    static let entry = DriverEntry(
        id: "vici-valco", deviceClass: .valve, transports: [.serial], maturity: "simulated wire",
        settings: ValveSettings.specs + [
            SettingSpec(
                "kind", .choice(ViciKind.allCases.map(\.rawValue)),
                "two-position (A is port 1, B is port 2), or selector"),
            .optional("id", .text, "the unit's address, one of 0-9 and A-Z; without one, none is sent"),
        ],
        problems: { settings in
            let kind = ViciKind(rawValue: settings.text("kind")) ?? .selector
            return ValveSettings.problems(settings, ports: kind.ports) + idProblems(settings)
        },
        make: { DialogueDriver(ViciValco($0, $1)) })

    @Sendable private static func idProblems(_ settings: DriverSettings) -> [SettingProblem] {
        guard let id = settings.optionalText("id") else { return [] }
        let isOne =
            id.utf8.count == 1 && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) }
        return isOne ? [] : [SettingProblem("id", expected: "one of 0-9 and A-Z, as the unit shows it for ID")]
    }
}
