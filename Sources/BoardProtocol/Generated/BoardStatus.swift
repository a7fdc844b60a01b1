// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// `status` of the dictionary.
public enum BoardStatus: BoardCode {
    case ok
    case unknownMessage
    case badLength
    case noSession
    case wrongSession
    case notConfigured
    case badChannel
    case wrongKind
    case outOfRange
    case busy
    case faulted
    case queueFull
    case tooLate
    case tooFar
    case badConfiguration
    case stale
    case notHomed
    case limit
    case sameSession
    case locked
    case badVersion
    /// A code that the dictionary does not have.
    case other(UInt8)

    public init(code: UInt8) {
        switch code {
        case 0: self = .ok
        case 1: self = .unknownMessage
        case 2: self = .badLength
        case 3: self = .noSession
        case 4: self = .wrongSession
        case 5: self = .notConfigured
        case 6: self = .badChannel
        case 7: self = .wrongKind
        case 8: self = .outOfRange
        case 9: self = .busy
        case 10: self = .faulted
        case 11: self = .queueFull
        case 12: self = .tooLate
        case 13: self = .tooFar
        case 14: self = .badConfiguration
        case 15: self = .stale
        case 16: self = .notHomed
        case 17: self = .limit
        case 18: self = .sameSession
        case 19: self = .locked
        case 20: self = .badVersion
        default: self = .other(code)
        }
    }

    public var code: UInt8 {
        switch self {
        case .ok: 0
        case .unknownMessage: 1
        case .badLength: 2
        case .noSession: 3
        case .wrongSession: 4
        case .notConfigured: 5
        case .badChannel: 6
        case .wrongKind: 7
        case .outOfRange: 8
        case .busy: 9
        case .faulted: 10
        case .queueFull: 11
        case .tooLate: 12
        case .tooFar: 13
        case .badConfiguration: 14
        case .stale: 15
        case .notHomed: 16
        case .limit: 17
        case .sameSession: 18
        case .locked: 19
        case .badVersion: 20
        case .other(let code): code
        }
    }

    /// As the dictionary spells it.
    public var name: String {
        switch self {
        case .ok: "ok"
        case .unknownMessage: "unknown_message"
        case .badLength: "bad_length"
        case .noSession: "no_session"
        case .wrongSession: "wrong_session"
        case .notConfigured: "not_configured"
        case .badChannel: "bad_channel"
        case .wrongKind: "wrong_kind"
        case .outOfRange: "out_of_range"
        case .busy: "busy"
        case .faulted: "faulted"
        case .queueFull: "queue_full"
        case .tooLate: "too_late"
        case .tooFar: "too_far"
        case .badConfiguration: "bad_configuration"
        case .stale: "stale"
        case .notHomed: "not_homed"
        case .limit: "limit"
        case .sameSession: "same_session"
        case .locked: "locked"
        case .badVersion: "bad_version"
        case .other(let code): "\(code)"
        }
    }

    public static let known: [BoardStatus] = [
        .ok, .unknownMessage, .badLength, .noSession, .wrongSession, .notConfigured, .badChannel, .wrongKind,
        .outOfRange, .busy, .faulted, .queueFull, .tooLate, .tooFar, .badConfiguration, .stale, .notHomed, .limit,
        .sameSession, .locked, .badVersion,
    ]
}
