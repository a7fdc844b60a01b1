// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// The configure message of a channel, as it is kept.
public struct ReadConfigurationRequest: BoardRequest {
    public static let name = "read_configuration"
    public static let type: UInt8 = 0x0c

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
        /// Of the configure message; 0: none.
        public var type: UInt8
        /// Its payload.
        public var body: [UInt8]

        public init(type: UInt8, body: [UInt8]) {
            self.type = type
            self.body = body
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count >= 1 else { return nil }
            var reader = PayloadReader(payload)
            type = reader.number()
            body = reader.rest()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(type)
            writer.append(body)
            return writer.bytes
        }
    }
}
