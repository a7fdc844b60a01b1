// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Tells the board's time without feeding anything; both directions have the same length.
public struct ClockRequest: BoardRequest {
    public static let name = "clock"
    public static let type: UInt8 = 0x03

    public init() {}

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 9 else { return nil }
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append([], count: 9)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// As in heartbeat.
        public var received: UInt32
        /// As in heartbeat.
        public var sent: UInt32

        public init(received: UInt32, sent: UInt32) {
            self.received = received
            self.sent = sent
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 8 else { return nil }
            var reader = PayloadReader(payload)
            received = reader.number()
            sent = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(received)
            writer.append(sent)
            return writer.bytes
        }
    }
}
