// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `state` of the dictionary.
public enum BoardState: BoardCode {
    case idle
    case open
    case ready
    case fault
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .idle
        case 1: self = .open
        case 2: self = .ready
        case 3: self = .fault
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .idle: 0
        case .open: 1
        case .ready: 2
        case .fault: 3
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .idle: "idle"
        case .open: "open"
        case .ready: "ready"
        case .fault: "fault"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardState] = [.idle, .open, .ready, .fault]
}
