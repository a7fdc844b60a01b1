// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// One channel to its safe state; scheduled messages for it are dropped.
public struct ChannelStopRequest: BoardRequest {
    public static let name = "channel_stop"
    public static let type: UInt8 = 0x15

    public var channel: UInt8

    public init(channel: UInt8) {
        self.channel = channel
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 1 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// Whether it still is not in its safe state.
        public var active: UInt8

        public init(active: UInt8) {
            self.active = active
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 1 else { return nil }
            var reader = PayloadReader(payload)
            active = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(active)
            return writer.bytes
        }
    }
}
