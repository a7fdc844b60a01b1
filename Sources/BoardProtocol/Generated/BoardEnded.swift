// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `ended` of the dictionary.
public enum BoardEnded: BoardCode {
    case finished
    case expired
    case stopped
    case limit
    case fault
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .finished
        case 1: self = .expired
        case 2: self = .stopped
        case 3: self = .limit
        case 4: self = .fault
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .finished: 0
        case .expired: 1
        case .stopped: 2
        case .limit: 3
        case .fault: 4
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .finished: "finished"
        case .expired: "expired"
        case .stopped: "stopped"
        case .limit: "limit"
        case .fault: "fault"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardEnded] = [.finished, .expired, .stopped, .limit, .fault]
}
