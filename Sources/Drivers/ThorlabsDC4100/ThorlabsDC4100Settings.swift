import DeviceModel
import Quantities

/// What the bench file says of one driver of LEDs.
struct ThorlabsConfiguration: Sendable {
    struct Channel: Sendable {
        let name: String
        /// As on the wire, from 0.
        let index: Int
        let maximumPercent: Double
    }

    /// Sorted by name.
    let channels: [Channel]
    let poll: WireDuration

    init(_ settings: DriverSettings) {
        channels = settings.tables("channels").map { name, channel in
            Channel(
                name: name, index: Int(channel.integer("number")) - 1, maximumPercent: channel.number("max_percent"))
        }
        poll = .milliseconds(settings.integer("poll_ms"))
    }

    var limits: LightLimits {
        LightLimits(channels: channels.map { LightLimits.Channel(name: $0.name, maximumPercent: $0.maximumPercent) })
    }
}

extension ThorlabsDC4100 {
    static let entry = DriverEntry(
        id: "thorlabs-dc4100", deviceClass: .light, transports: [.serial], maturity: "simulated wire",
        settings: [
            SettingSpec("channels", .tables(channelKeys), "the LEDs that are used, by name"),
            SettingSpec(
                "poll_ms", .integer(20...10_000), default: .integer(50),
                "time from one question to the next; a round asks each of the four channels, and some more"),
        ],
        signals: { settings in
            settings.tables("channels").map { DriverSignal($0.name, .percent) } + [DriverSignal("status", .code)]
        },
        problems: problems, make: { DialogueDriver(ThorlabsDC4100($0, $1)) })

    private static let channelKeys: [SettingSpec] = [
        SettingSpec("number", .integer(1...4), "the channel, as the front of the device counts them"),
        SettingSpec(
            "max_percent", .number(0.1...100), default: .number(100), "the brightest light that may be asked for"),
    ]

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        let channels = settings.tables("channels")
        guard !channels.isEmpty else { return [SettingProblem("channels", expected: "at least one channel")] }
        var found: [SettingProblem] = []
        var users: [Int64: String] = [:]
        for (name, channel) in channels {
            if name == "status" {
                found.append(SettingProblem("channels.\(name)", expected: "another name; a signal has this one"))
            }
            if let other = users.updateValue(name, forKey: channel.integer("number")) {
                found.append(
                    SettingProblem(
                        "channels.\(name).number", expected: "another number; channels.\(other) has this one"))
            }
        }
        return found
    }
}
