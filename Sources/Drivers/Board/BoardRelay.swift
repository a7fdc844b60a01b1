import DeviceModel
import Interlocks
import Quantities

/// A message to a board, as the dictionary of its protocol numbers it (`firmware-protocol/dictionary.json`).
public struct RelayMessage: Hashable, Sendable {
    public let type: UInt8
    public let payload: [UInt8]

    public init(type: UInt8, payload: [UInt8]) {
        self.type = type
        self.payload = payload
    }
}

/// What a device on a board asks of it, by way of the board's own driver, which alone has the line.
public struct RelayRequest: Hashable, Sendable {
    /// Chosen by the driver; comes back in the reply.
    public let id: UInt64
    public let message: RelayMessage
    /// When the board shall do it, by its own clock; nil: as it comes.
    public let at: WireInstant?
    /// Does not wait for the answer that is due: safe-state writes only.
    public let isUrgent: Bool

    public init(id: UInt64, message: RelayMessage, at: WireInstant? = nil, isUrgent: Bool = false) {
        self.id = id
        self.message = message
        self.at = at
        self.isUrgent = isUrgent
    }
}

public struct RelayReply: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// The fields of the answer, without its status.
        case answer([UInt8])
        /// A status of the protocol other than `ok`.
        case refused(UInt8)
        /// Of a request with a time: done.
        case executed(BoardPunctuality)
        /// No usable answer; why, in words.
        case failed(String)
        /// A trip came first; it was not sent, or not again.
        case refusedByTrip
    }

    public let id: UInt64
    public let outcome: Outcome

    public init(id: UInt64, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}

/// What a board must be told of one of its channels before it may be used.
public struct BoardChannel: Hashable, Sendable {
    public let number: UInt8
    /// The `configure_...` message.
    public let configuration: RelayMessage

    public init(number: UInt8, configuration: RelayMessage) {
        self.number = number
        self.configuration = configuration
    }
}
