/// One key that a driver reads from its device's table in the bench file.
public struct SettingSpec: Sendable {
    public indirect enum Kind: Sendable {
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Int64>)
        case choice([String])
        case text
        /// An array of two different numbers.
        case pair(ClosedRange<Double>)
        /// Tables with names of their own, each with these keys.
        case tables([SettingSpec])
    }

    /// Dotted below the device: `syringe.diameter_mm`. The unit is the name's end.
    public let key: String
    public let kind: Kind
    /// nil: the key must be there, unless it is optional.
    public let fallback: SettingValue?
    /// Without a default, and may be left out.
    public let isOptional: Bool
    /// One line for `docs/` and error messages.
    public let meaning: String

    public init(_ key: String, _ kind: Kind, default fallback: SettingValue? = nil, _ meaning: String) {
        self.init(key, kind, fallback, isOptional: false, meaning)
    }

    private init(_ key: String, _ kind: Kind, _ fallback: SettingValue?, isOptional: Bool, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.isOptional = isOptional
        self.meaning = meaning
    }

    public static func optional(_ key: String, _ kind: Kind, _ meaning: String) -> SettingSpec {
        SettingSpec(key, kind, nil, isOptional: true, meaning)
    }
}

public enum SettingValue: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    case text(String)
    case pair(Double, Double)
    case tables([String: DriverSettings])
}

/// What is wrong with one setting beside the others.
public struct SettingProblem: Hashable, Sendable {
    /// Dotted below the device: `inputs.pressure.raw`.
    public let key: String
    /// Goes on after "expected ".
    public let expected: String

    public init(_ key: String, expected: String) {
        self.key = key
        self.expected = expected
    }
}

/// A device's settings, already checked against the driver's specs, so that each lookup of a declared key succeeds.
public struct DriverSettings: Hashable, Sendable {
    private let values: [String: SettingValue]

    public init(_ values: [String: SettingValue]) { self.values = values }

    /// Whether an optional key was given.
    public func has(_ key: String) -> Bool { values[key] != nil }

    /// - Precondition: the driver declared `key` as a number or an integer.
    public func number(_ key: String) -> Double {
        switch values[key] {
        case .number(let value): return value
        case .integer(let value): return Double(value)
        case .text, .pair, .tables, nil: preconditionFailure("setting \(key) is not declared as a number")
        }
    }

    /// - Precondition: the driver declared `key` as an integer.
    public func integer(_ key: String) -> Int64 {
        guard case .integer(let value) = values[key] else {
            preconditionFailure("setting \(key) is not declared as an integer")
        }
        return value
    }

    /// - Precondition: the driver declared `key` as a text or a choice.
    public func text(_ key: String) -> String {
        guard case .text(let value) = values[key] else {
            preconditionFailure("setting \(key) is not declared as a text")
        }
        return value
    }

    /// nil where it was left out.
    public func optionalInteger(_ key: String) -> Int64? { has(key) ? integer(key) : nil }
    public func optionalText(_ key: String) -> String? { has(key) ? text(key) : nil }

    /// nil where it was left out.
    public func optionalPair(_ key: String) -> (first: Double, second: Double)? {
        if case .pair(let first, let second) = values[key] { (first, second) } else { nil }
    }

    /// Named tables, sorted by name.
    public func tables(_ key: String) -> [(name: String, settings: DriverSettings)] {
        guard case .tables(let tables) = values[key] else { return [] }
        return tables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
