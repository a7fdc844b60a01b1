// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Flags of `read`.
public struct ReadFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let homed = ReadFlags(rawValue: 1)
    public static let limit = ReadFlags(rawValue: 2)
    public static let sensorFault = ReadFlags(rawValue: 4)
    public static let enabled = ReadFlags(rawValue: 8)
}
