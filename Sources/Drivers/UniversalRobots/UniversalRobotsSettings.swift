import DeviceModel
import Quantities

/// What the bench file says of one arm.
struct UniversalRobotsConfiguration: Sendable {
    struct Station: Sendable {
        let name: String
        let number: UInt16
    }

    let unit: UInt8
    let poll: WireDuration
    let heartbeatTimeout: WireDuration
    let moveTimeout: BenchDuration
    /// `5.12`; nil: any.
    let version: String?
    let stations: [Station]

    init(_ settings: DriverSettings) {
        unit = UInt8(clamping: settings.integer("unit"))
        poll = .milliseconds(settings.integer("poll_ms"))
        heartbeatTimeout = .milliseconds(settings.integer("heartbeat_timeout_ms"))
        moveTimeout = .seconds(settings.number("move_timeout_s"))
        version = settings.optionalText("version")
        stations = settings.tables("stations").map {
            Station(name: $0.name, number: UInt16(clamping: $0.settings.integer("number")))
        }
    }

    func number(of station: String) -> UInt16? { stations.first { $0.name == station }?.number }
}

extension UniversalRobots {
    /// Looks in the time after which a heartbeat counts as still.
    private static let looksInTimeout: Int64 = 5

    static let entry = DriverEntry(
        id: "universal-robots", deviceClass: .robot, transports: [.modbus], maturity: "simulated wire",
        settings: [
            SettingSpec(
                "unit", .integer(0...255), default: .integer(255), "Modbus unit; the controller does not look at it"),
            SettingSpec(
                "stations", .tables([SettingSpec("number", .integer(1...99), "its number in the robot's program")]),
                default: .tables([:]), "where the arm picks and places, by name"),
            SettingSpec(
                "poll_ms", .integer(50...10_000), default: .integer(100),
                "time from one look to the next; three show all that there is"),
            SettingSpec(
                "heartbeat_timeout_ms", .integer(500...60_000), default: .integer(2000),
                "when the program's heartbeat stands for so long it does not run"),
            SettingSpec(
                "move_timeout_s", .number(1...3600), default: .number(60),
                "how long a command may take before it counts as failed"),
            .optional("version", .text, "the controller's version, registers 256 and 257, as 5.12"),
        ],
        signals: { _ in
            ["mode", "protective_stop", "emergency_stop", "heartbeat", "holding", "clear", "moving"].map {
                DriverSignal($0, .code)
            }
        },
        problems: { RobotStations.problems($0) + heartbeatProblems($0) },
        make: { DialogueDriver(UniversalRobots($0, $1)) })

    @Sendable private static func heartbeatProblems(_ settings: DriverSettings) -> [SettingProblem] {
        let least = looksInTimeout * settings.integer("poll_ms")
        guard settings.integer("heartbeat_timeout_ms") < least else { return [] }
        return [SettingProblem("heartbeat_timeout_ms", expected: "at least \(least) ms, five times poll_ms")]
    }
}

/// Stations by name, of any robot's bench file.
enum RobotStations {
    @Sendable static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        let stations = settings.tables("stations")
        guard !stations.isEmpty else {
            return [SettingProblem("stations", expected: "a table for each station that the arm goes to")]
        }
        var names: [Int64: String] = [:]
        return stations.compactMap { name, station in
            names.updateValue(name, forKey: station.integer("number")).map {
                SettingProblem("stations.\(name).number", expected: "another number; stations.\($0) has this one")
            }
        }
    }
}
