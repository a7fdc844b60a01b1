import DeviceModel
import Quantities

extension ModbusIO {
    public static let entry = DriverEntry(
        id: "modbus-io", deviceClass: .io, transports: [.modbus], maturity: "simulated wire",
        settings: [
            SettingSpec("unit", .integer(1...247), default: .integer(1), "the module's Modbus address"),
            SettingSpec("poll_ms", .integer(50...10_000), default: .integer(200), "time from one look to the next"),
            .optional(
                "watchdog.register", address, "the holding register with the time of the module's own watchdog"),
            .optional(
                "watchdog.seconds", .number(0.1...600),
                "when nobody has asked the module for so long, it opens its outputs"),
            SettingSpec(
                "watchdog.step_ms", .integer(1...60_000), default: .integer(1000),
                "what one count of that register stands for"),
            SettingSpec("inputs", .tables(inputKeys), default: .tables([:]), "what the module measures, by name"),
            SettingSpec("outputs", .tables(outputKeys), default: .tables([:]), "what the module switches, by name"),
        ],
        problems: IOSettingsCheck.problems, make: { ModbusIO(device: $0, settings: $1) })

    /// As on the wire, from 0.
    private static let address = SettingSpec.Kind.integer(0...65_535)
    private static let rawRange: ClosedRange<Double> = -32_768...65_535

    private static let inputKeys: [SettingSpec] = [
        .optional("input_register", address, "function 4: the register's address, from 0"),
        .optional("holding_register", address, "function 3: the register's address, from 0"),
        .optional("discrete_input", address, "function 2: the input's address, from 0"),
        SettingSpec(
            "format", .choice(IOFormat.allCases.map(\.rawValue)), default: .text(IOFormat.u16.rawValue),
            "how the register is a number: without a sign, or with one"),
        .optional("raw", .pair(rawRange), "two values of the register"),
        .optional("scaled", .pair(-1e9...1e9), "what those two stand for"),
        .optional("unit", .choice(Unit.allCases.map(\.rawValue)), "the unit of the scaled value"),
        .optional("fault_below", .integer(-32_768...65_535), "raw; below it the sensor or its loop is broken"),
        .optional("fault_above", .integer(-32_768...65_535), "raw; above it the sensor or its loop is broken"),
    ]

    private static let outputKeys: [SettingSpec] = [
        SettingSpec("coil", address, "functions 1 and 5: the coil's address, from 0"),
        SettingSpec("safe", .choice(["off", "on"]), "the level of the safe state"),
        .optional("feedback_input", address, "the discrete input that sees the contact itself; on when it is closed"),
    ]
}

/// How a register is a number.
enum IOFormat: String, Sendable, CaseIterable {
    case u16, s16

    var range: ClosedRange<Double> {
        switch self {
        case .u16: 0...65_535
        case .s16: -32_768...32_767
        }
    }

    func number(_ register: UInt16) -> Double {
        switch self {
        case .u16: Double(register)
        case .s16: Double(Int16(bitPattern: register))
        }
    }
}

/// What no key can say for itself.
enum IOSettingsCheck {
    /// Inputs and outputs of one module; real ones have up to 64.
    static let mostPoints = 128
    /// A watchdog must outlive a few looks that were lost.
    static let looksInWatchdog = 4.0

    @Sendable static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        let (inputs, outputs) = (settings.tables("inputs"), settings.tables("outputs"))
        var found = watchdog(settings)
        if inputs.isEmpty, outputs.isEmpty {
            found.append(SettingProblem("inputs", expected: "at least one input or output"))
        }
        if inputs.count + outputs.count > mostPoints {
            found.append(SettingProblem("inputs", expected: "at most \(mostPoints) inputs and outputs together"))
        }
        for (name, input) in inputs { found += problems(of: input, at: "inputs.\(name)") }
        var coils: [Int64: String] = [:]
        for (name, output) in outputs {
            let place = "outputs.\(name)"
            if inputs.contains(where: { $0.name == name }) {
                found.append(SettingProblem(place, expected: "another name; an input has this one"))
            }
            if let other = coils.updateValue(name, forKey: output.integer("coil")) {
                found.append(SettingProblem("\(place).coil", expected: "another coil; outputs.\(other) has this one"))
            }
        }
        return found
    }

    private static func watchdog(_ settings: DriverSettings) -> [SettingProblem] {
        let given = ["watchdog.register", "watchdog.seconds"].filter(settings.has)
        guard given.count == 2 else {
            guard let one = given.first else { return [] }
            let other = one == "watchdog.register" ? "watchdog.seconds" : "watchdog.register"
            return [SettingProblem(other, expected: "both register and seconds, or no watchdog")]
        }
        let milliseconds = settings.number("watchdog.seconds") * 1000
        guard IOWatchdog(settings) != nil else {
            let step = settings.integer("watchdog.step_ms")
            return [SettingProblem("watchdog.seconds", expected: "1 to 65535 whole steps of step_ms, \(step) ms each")]
        }
        let least = looksInWatchdog * settings.number("poll_ms")
        guard milliseconds < least else { return [] }
        return [SettingProblem("watchdog.seconds", expected: "at least \(least / 1000) s, four times poll_ms")]
    }

    private static let places = ["input_register", "holding_register", "discrete_input"]

    private static func problems(of input: DriverSettings, at place: String) -> [SettingProblem] {
        let given = places.filter(input.has)
        guard given.count == 1 else {
            return [SettingProblem(place, expected: "exactly one of \(places.joined(separator: ", "))")]
        }
        return given == ["discrete_input"] ? problems(ofBit: input, at: place) : problems(ofRegister: input, at: place)
    }

    private static func problems(ofBit input: DriverSettings, at place: String) -> [SettingProblem] {
        var found = ["raw", "scaled", "fault_below", "fault_above"].filter(input.has).map {
            SettingProblem("\(place).\($0)", expected: "it beside a register only; a discrete input is on or off")
        }
        if let unit = input.optionalText("unit"), unit != Unit.code.rawValue {
            found.append(SettingProblem("\(place).unit", expected: "\"code\" beside a discrete input"))
        }
        return found
    }

    private static func problems(ofRegister input: DriverSettings, at place: String) -> [SettingProblem] {
        var found = ["raw", "scaled", "unit"].filter { !input.has($0) }.map {
            SettingProblem("\(place).\($0)", expected: "it beside a register")
        }
        let format = IOFormat(rawValue: input.text("format")) ?? .u16
        if let raw = input.optionalPair("raw"), !format.range.contains(raw.first) || !format.range.contains(raw.second)
        {
            let (low, high) = (Int(format.range.lowerBound), Int(format.range.upperBound))
            found.append(SettingProblem("\(place).raw", expected: "values that \(format) has, \(low) to \(high)"))
        }
        if let low = input.optionalInteger("fault_below"), let high = input.optionalInteger("fault_above"), low >= high
        {
            found.append(SettingProblem("\(place).fault_below", expected: "less than fault_above, which is \(high)"))
        }
        return found
    }
}
