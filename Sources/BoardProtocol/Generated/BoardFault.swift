// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `fault` of the dictionary.
public enum BoardFault: BoardCode {
    case none
    case deadMan
    case lateCommand
    case overTemperature
    case sensor
    case notHeating
    case emergencyStop
    case `internal`
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .none
        case 1: self = .deadMan
        case 2: self = .lateCommand
        case 3: self = .overTemperature
        case 4: self = .sensor
        case 5: self = .notHeating
        case 6: self = .emergencyStop
        case 7: self = .internal
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .none: 0
        case .deadMan: 1
        case .lateCommand: 2
        case .overTemperature: 3
        case .sensor: 4
        case .notHeating: 5
        case .emergencyStop: 6
        case .internal: 7
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .none: "none"
        case .deadMan: "dead_man"
        case .lateCommand: "late_command"
        case .overTemperature: "over_temperature"
        case .sensor: "sensor"
        case .notHeating: "not_heating"
        case .emergencyStop: "emergency_stop"
        case .internal: "internal"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardFault] = [
        .none, .deadMan, .lateCommand, .overTemperature, .sensor, .notHeating, .emergencyStop, .internal,
    ]
}
