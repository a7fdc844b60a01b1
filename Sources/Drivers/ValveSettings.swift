import DeviceModel
import Quantities

/// What the bench file says of any valve: its positions by name, and which of them is safe.
enum ValveSettings {
    static let specs: [SettingSpec] = [
        SettingSpec(
            "positions",
            .tables([SettingSpec("port", .integer(1...256), "the valve's own number of the position, from 1")]),
            default: .tables([:]), "what is where, by name"),
        .optional("safe", .text, "the position of the safe state; without one the valve stays where it is"),
        SettingSpec("poll_ms", .integer(50...10_000), default: .integer(500), "time from one look to the next"),
        SettingSpec(
            "move_timeout_s", .number(0.2...120), default: .number(5),
            "how long it may take to show its position before a command counts as failed"),
    ]

    static func limits(_ settings: DriverSettings) -> ValveLimits {
        ValveLimits(
            positions: settings.tables("positions").map {
                ValveLimits.Position(name: $0.name, number: Int($0.settings.integer("port")))
            }, safe: settings.optionalText("safe"))
    }

    static func problems(_ settings: DriverSettings, ports: ClosedRange<Int>) -> [SettingProblem] {
        let positions = limits(settings).positions
        var found: [SettingProblem] = []
        if positions.isEmpty { found.append(SettingProblem("positions", expected: "a table for each position in use")) }
        var names: [Int: String] = [:]
        for position in positions {
            let place = "positions.\(position.name).port"
            if !ports.contains(position.number) {
                found.append(
                    SettingProblem(place, expected: "a port of this valve, \(ports.lowerBound) to \(ports.upperBound)"))
            }
            if let other = names.updateValue(position.name, forKey: position.number) {
                found.append(SettingProblem(place, expected: "another port; positions.\(other) has this one"))
            }
        }
        if let safe = settings.optionalText("safe"), !positions.contains(where: { $0.name == safe }) {
            let known = positions.map(\.name).joined(separator: ", ")
            found.append(SettingProblem("safe", expected: "one of the positions, \(known)"))
        }
        return found
    }
}
