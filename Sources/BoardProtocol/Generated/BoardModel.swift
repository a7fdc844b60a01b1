// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `board` of the dictionary.
public enum BoardModel: BoardCode {
    case uno
    case stm32f103
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 1: self = .uno
        case 2: self = .stm32f103
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .uno: 1
        case .stm32f103: 2
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .uno: "uno"
        case .stm32f103: "stm32f103"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardModel] = [.uno, .stm32f103]
}
