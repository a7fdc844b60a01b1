// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `reset_cause` of the dictionary.
public enum BoardResetCause: BoardCode {
    case unknown
    case powerOn
    case external
    case brownOut
    case watchdog
    case software
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .unknown
        case 1: self = .powerOn
        case 2: self = .external
        case 3: self = .brownOut
        case 4: self = .watchdog
        case 5: self = .software
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .unknown: 0
        case .powerOn: 1
        case .external: 2
        case .brownOut: 3
        case .watchdog: 4
        case .software: 5
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .unknown: "unknown"
        case .powerOn: "power_on"
        case .external: "external"
        case .brownOut: "brown_out"
        case .watchdog: "watchdog"
        case .software: "software"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardResetCause] = [.unknown, .powerOn, .external, .brownOut, .watchdog, .software]
}
