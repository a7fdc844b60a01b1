// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `kind` of the dictionary.
public enum BoardKind: BoardCode {
    case none
    case digitalOutput
    case digitalInput
    case analogInput
    case stepper
    case peristalticPump
    case heater
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .none
        case 1: self = .digitalOutput
        case 2: self = .digitalInput
        case 3: self = .analogInput
        case 4: self = .stepper
        case 5: self = .peristalticPump
        case 6: self = .heater
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .none: 0
        case .digitalOutput: 1
        case .digitalInput: 2
        case .analogInput: 3
        case .stepper: 4
        case .peristalticPump: 5
        case .heater: 6
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .none: "none"
        case .digitalOutput: "digital_output"
        case .digitalInput: "digital_input"
        case .analogInput: "analog_input"
        case .stepper: "stepper"
        case .peristalticPump: "peristaltic_pump"
        case .heater: "heater"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardKind] = [
        .none, .digitalOutput, .digitalInput, .analogInput, .stepper, .peristalticPump, .heater,
    ]
}
