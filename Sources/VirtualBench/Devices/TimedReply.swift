import Quantities

/// Bytes that a device puts on its wire at a time.
public struct TimedReply: Sendable, Equatable {
    public var bytes: [UInt8]
    public var due: WireInstant

    public init(bytes: [UInt8], due: WireInstant) {
        self.bytes = bytes
        self.due = due
    }
}
