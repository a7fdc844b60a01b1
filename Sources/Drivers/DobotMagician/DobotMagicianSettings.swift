import DeviceModel
import Quantities

/// What the bench file says of one arm.
struct DobotConfiguration: Sendable {
    struct Station: Sendable {
        let name: String
        let pose: DobotPose
    }

    /// nil: any.
    let serial: String?
    let deviceName: String?
    let tool: DobotTool
    /// mm above a station, where the arm comes from and goes to.
    let approach: Double
    /// The station above which it parks.
    let park: String?
    let poll: WireDuration
    let moveTimeout: BenchDuration
    let stations: [Station]

    init(_ settings: DriverSettings) {
        serial = settings.optionalText("serial")
        deviceName = settings.optionalText("name")
        tool = DobotTool(rawValue: settings.text("tool")) ?? .gripper
        approach = settings.number("approach_mm")
        park = settings.optionalText("park")
        poll = .milliseconds(settings.integer("poll_ms"))
        moveTimeout = .seconds(settings.number("move_timeout_s"))
        stations = settings.tables("stations").map { name, station in
            let pose = DobotPose(
                x: station.number("x_mm"), y: station.number("y_mm"), z: station.number("z_mm"),
                r: station.number("r_deg"))
            return Station(name: name, pose: pose)
        }
    }

    func pose(of station: String) -> DobotPose? { stations.first { $0.name == station }?.pose }
}

extension DobotMagician {
    static let entry = DriverEntry(
        id: "dobot-magician", deviceClass: .robot, transports: [.serial], maturity: "simulated wire",
        settings: [
            SettingSpec(
                "stations", .tables(stationKeys), default: .tables([:]), "where the arm picks and places, by name"),
            SettingSpec(
                "approach_mm", .number(5...200), default: .number(40), "how far above a station it comes and goes"),
            SettingSpec(
                "tool", .choice(DobotTool.allCases.map(\.rawValue)), default: .text(DobotTool.gripper.rawValue),
                "what it grips with"),
            .optional("park", .text, "the station above which it parks"),
            .optional("serial", .text, "its serial number; another one is refused"),
            .optional("name", .text, "its name as the device keeps it; another one is refused"),
            SettingSpec("poll_ms", .integer(100...10_000), default: .integer(300), "time from one look to the next"),
            SettingSpec(
                "move_timeout_s", .number(1...3600), default: .number(60),
                "how long a command may take before it counts as failed"),
        ],
        signals: { _ in [DriverSignal("moving", .code), DriverSignal("alarm", .code)] }, problems: problems,
        make: { DialogueDriver(DobotMagician($0, $1)) })

    private static let stationKeys: [SettingSpec] =
        ["x_mm", "y_mm", "z_mm"].map {
            SettingSpec($0, .number(-500...500), "mm from the arm's own base, as its software shows it")
        } + [SettingSpec("r_deg", .number(-180...180), default: .number(0), "turn of the gripper")]

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        let stations = settings.tables("stations").map(\.name)
        guard !stations.isEmpty else {
            return [SettingProblem("stations", expected: "a table for each station that the arm goes to")]
        }
        guard let park = settings.optionalText("park"), !stations.contains(park) else { return [] }
        return [SettingProblem("park", expected: "one of the stations, \(stations.joined(separator: ", "))")]
    }
}
