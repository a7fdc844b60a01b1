import BoardProtocol
import DeviceModel
import Quantities

/// What the bench file says of the inputs and outputs of a board.
struct BoardIOConfiguration: Sendable {
    struct Input: Sendable {
        let name: String
        let channel: UInt8
        let unit: Unit
        /// Of an analog input: counts to the unit.
        let scale: (offset: Double, slope: Double)?
        /// Counts outside of it are a broken sensor.
        let sound: ClosedRange<Int32>
        let words: RelayMessage

        func reading(_ seen: ReadRequest.Answer, _ signal: SignalName, at now: Moment) -> Reading {
            guard let scale else { return Reading(signal, seen.value == 0 ? 0 : 1, .code, at: now) }
            let quality: Quality = sound.contains(seen.value) ? .good : .bad
            return Reading(signal, scale.offset + scale.slope * Double(seen.value), unit, quality: quality, at: now)
        }
    }

    struct Output: Sendable {
        let name: String
        let channel: UInt8
        let isActiveLow: Bool
    }

    struct Channel: Sendable {
        let number: UInt8
        let kind: BoardKind
    }

    let poll: WireDuration
    /// Milliseconds.
    let holdTime: UInt32
    let inputs: [Input]
    let outputs: [Output]

    var channels: [Channel] {
        inputs.map { Channel(number: $0.channel, kind: $0.scale == nil ? .digitalInput : .analogInput) }
            + outputs.map { Channel(number: $0.channel, kind: .digitalOutput) }
    }

    init(_ settings: DriverSettings) {
        poll = .milliseconds(settings.integer("poll_ms"))
        holdTime = UInt32(WireDuration.seconds(settings.number("hold_s")).milliseconds)
        inputs = settings.tables("inputs").map { Self.input($0.name, $0.settings) }
        outputs = settings.tables("outputs").map {
            Output(
                name: $0.name, channel: UInt8($0.settings.integer("channel")),
                isActiveLow: $0.settings.text("on_level") == "low")
        }
    }

    private static func input(_ name: String, _ settings: DriverSettings) -> Input {
        let channel = UInt8(settings.integer("channel"))
        guard let raw = settings.optionalPair("raw"), let scaled = settings.optionalPair("scaled") else {
            let words = ConfigureInputRequest(
                channel: channel, activeLow: settings.text("on_level") == "low" ? 1 : 0,
                debounceMilliseconds: UInt8(clamping: settings.integer("debounce_ms")), report: 1,
                emergencyStop: settings.text("emergency_stop") == "yes" ? 1 : 0)
            return Input(
                name: name, channel: channel, unit: .code, scale: nil, sound: 0...1, words: RelayMessage(words))
        }
        let slope = (scaled.second - scaled.first) / (raw.second - raw.first)
        let low = Int32(clamping: settings.optionalInteger("fault_below") ?? 0)
        let high = Int32(clamping: settings.optionalInteger("fault_above") ?? Int64(UInt16.max))
        let words = ConfigureAnalogRequest(channel: channel, average: UInt8(clamping: settings.integer("average")))
        return Input(
            name: name, channel: channel, unit: settings.optionalText("unit").flatMap(Unit.init(rawValue:)) ?? .counts,
            scale: (scaled.first - slope * raw.first, slope), sound: min(low, high)...max(low, high),
            words: RelayMessage(words))
    }
}

extension BoardIO {
    private static let level = SettingSpec.Kind.choice(["high", "low"])

    static let entry = DriverEntry(
        id: "board-io", deviceClass: .io, transports: [.serial], isOnBoard: true, maturity: "firmware in an emulator",
        settings: [
            BoardChannelSettings.poll, BoardChannelSettings.hold,
            SettingSpec("inputs", .tables(inputKeys), default: .tables([:]), "what the board measures, by name"),
            SettingSpec(
                "outputs", .tables(outputKeys), default: .tables([:]), "what it switches, by name; off is safe"),
        ],
        problems: problems, make: { DialogueDriver(BoardIO($0, $1)) })

    private static let inputKeys: [SettingSpec] = [
        BoardChannelSettings.channel,
        SettingSpec(
            "on_level", level, default: .text("high"), "of a digital input: the level of its pin when it is on"),
        SettingSpec(
            "debounce_ms", .integer(0...255), default: .integer(10), "of a digital input: a level must hold so long"),
        SettingSpec(
            "emergency_stop", .choice(["no", "yes"]), default: .text("no"),
            "of a digital input: on is a fault of the board, and everything on it goes off"),
        .optional("raw", .pair(0...65_535), "of an analog input: two counts"),
        .optional("scaled", .pair(-1e9...1e9), "what those two stand for"),
        .optional("unit", .choice(Unit.allCases.map(\.rawValue)), "the unit of the scaled value"),
        SettingSpec(
            "average", .integer(1...64), default: .integer(8), "of an analog input: samples of the moving mean"),
        .optional("fault_below", .integer(0...65_535), "counts below it are a broken sensor"),
        .optional("fault_above", .integer(0...65_535), "counts above it are a broken sensor"),
    ]

    private static let outputKeys: [SettingSpec] = [
        BoardChannelSettings.channel,
        SettingSpec("on_level", level, default: .text("high"), "the level of its pin when it is on"),
    ]

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        let (inputs, outputs) = (settings.tables("inputs"), settings.tables("outputs"))
        var found: [SettingProblem] = []
        if inputs.isEmpty, outputs.isEmpty {
            found.append(SettingProblem("inputs", expected: "at least one input or output"))
        }
        var owners: [Int64: String] = [:]
        let all = inputs.map { ("inputs.\($0.name)", $0) } + outputs.map { ("outputs.\($0.name)", $0) }
        for (place, point) in all {
            if let other = owners.updateValue(place, forKey: point.settings.integer("channel")) {
                found.append(SettingProblem("\(place).channel", expected: "another channel; \(other) has this one"))
            }
        }
        for output in outputs where inputs.contains(where: { $0.name == output.name }) {
            found.append(SettingProblem("outputs.\(output.name)", expected: "another name; an input has this one"))
        }
        for (name, input) in inputs {
            let given = ["raw", "scaled", "unit"].filter(input.has)
            guard given.isEmpty || given.count == 3 else {
                let missing = ["raw", "scaled", "unit"].filter { !input.has($0) }
                found += missing.map { SettingProblem("inputs.\(name).\($0)", expected: "it beside \(given[0])") }
                continue
            }
            if let low = input.optionalInteger("fault_below"), let high = input.optionalInteger("fault_above"),
                low >= high
            {
                found.append(
                    SettingProblem("inputs.\(name).fault_below", expected: "less than fault_above, which is \(high)"))
            }
        }
        return found
    }
}
