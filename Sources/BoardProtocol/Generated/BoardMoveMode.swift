// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `move_mode` of the dictionary.
public enum BoardMoveMode: BoardCode {
    case absolute
    case relative
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .absolute
        case 1: self = .relative
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .absolute: 0
        case .relative: 1
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .absolute: "absolute"
        case .relative: "relative"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardMoveMode] = [.absolute, .relative]
}
