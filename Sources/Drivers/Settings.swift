/// One key that a driver reads from its device's table in the bench file.
public struct SettingSpec: Sendable {
    public enum Kind: Sendable {
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Int64>)
        case choice([String])
        case text
    }

    /// Dotted below the device: `syringe.diameter_mm`. The unit is the name's end.
    public let key: String
    public let kind: Kind
    /// nil: the key must be there.
    public let fallback: SettingValue?
    /// One line for `docs/` and error messages.
    public let meaning: String

    public init(_ key: String, _ kind: Kind, default fallback: SettingValue? = nil, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.meaning = meaning
    }
}

public enum SettingValue: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    case text(String)
}

/// A device's settings, already checked against the driver's specs, so that each lookup of a declared key succeeds.
public struct DriverSettings: Sendable {
    private let values: [String: SettingValue]

    public init(_ values: [String: SettingValue]) { self.values = values }

    /// - Precondition: the driver declared `key` as a number or an integer.
    public func number(_ key: String) -> Double {
        switch values[key] {
        case .number(let value): return value
        case .integer(let value): return Double(value)
        case .text, nil: preconditionFailure("setting \(key) is not declared as a number")
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
}
