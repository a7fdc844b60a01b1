/// Every message, field, number and limit of the protocol between the daemon and a board, as `dictionary.json` has them.
public struct ProtocolDictionary: Hashable, Sendable {
    public let version: Int
    /// By name.
    public let constants: [Constant]
    /// By name, their values in order.
    public let enums: [Choices]
    public let flags: [Choices]
    /// In the order of the file, as are the events.
    public let requests: [Request]
    public let events: [Event]

    public struct Constant: Hashable, Sendable {
        public let name: String
        public let value: UInt32
        public let meaning: String
    }

    /// The values of an enum, or the bits of flags.
    public struct Choices: Hashable, Sendable {
        public let name: String
        public let values: [Choice]
    }

    public struct Choice: Hashable, Sendable {
        public let name: String
        public let value: UInt8
    }

    public struct Request: Hashable, Sendable {
        public let name: String
        public let type: UInt8
        public let meaning: String
        public let fields: [Field]
        /// What follows the status.
        public let answer: [Field]
    }

    public struct Event: Hashable, Sendable {
        public let name: String
        public let type: UInt8
        public let meaning: String
        public let fields: [Field]
    }

    public struct Field: Hashable, Sendable {
        public let name: String
        public let kind: FieldKind
        public let meaning: String

        /// Zeros that only make a message longer.
        var isPadding: Bool { name == "padding" }

        /// `state` of a field that is an "enum state, of so and so".
        var enumName: String? { named(after: "enum ") }

        var flagsName: String? { named(after: "flags ") }

        private func named(after word: String) -> String? {
            guard meaning.hasPrefix(word) else { return nil }
            return String(meaning.dropFirst(word.count).prefix { $0 != "," && $0 != " " })
        }

        /// The meaning without the name of its enum.
        var remark: String {
            guard enumName != nil || flagsName != nil else { return meaning }
            return meaning.split(separator: ",", maxSplits: 1).dropFirst().joined().trimmingSpaces
        }
    }
}

/// How a field stands in a payload.
public enum FieldKind: Hashable, Sendable {
    case u8
    case u16
    case u32
    case i32
    case bytes(Int)
    /// All that is left of the payload.
    case rest

    /// - Parameter text: as in the dictionary: `u8`, `bytes12`.
    init?(_ text: String) {
        switch text {
        case "u8": self = .u8
        case "u16": self = .u16
        case "u32": self = .u32
        case "i32": self = .i32
        case "rest": self = .rest
        default:
            guard text.hasPrefix("bytes"), let count = Int(text.dropFirst(5)), (1...64).contains(count) else {
                return nil
            }
            self = .bytes(count)
        }
    }

    var text: String {
        switch self {
        case .u8: "u8"
        case .u16: "u16"
        case .u32: "u32"
        case .i32: "i32"
        case .bytes(let count): "bytes\(count)"
        case .rest: "rest"
        }
    }

    /// Bytes, of `rest` at least.
    var size: Int {
        switch self {
        case .u8: 1
        case .u16: 2
        case .u32, .i32: 4
        case .bytes(let count): count
        case .rest: 0
        }
    }
}

extension Array<ProtocolDictionary.Field> {
    /// Bytes, with `rest` at least.
    var size: Int { reduce(0) { $0 + $1.kind.size } }

    var hasRest: Bool { contains { $0.kind == .rest } }
}

extension StringProtocol {
    var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
