// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// set_output, move, home, pump or channel_stop at a board time.
public struct ScheduleRequest: BoardRequest {
    public static let name = "schedule"
    public static let type: UInt8 = 0x17

    /// Board time in us.
    public var at: UInt32
    /// Of the message.
    public var type: UInt8
    /// Its payload.
    public var body: [UInt8]

    public init(at: UInt32, type: UInt8, body: [UInt8]) {
        self.at = at
        self.type = type
        self.body = body
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count >= 5 else { return nil }
        var reader = PayloadReader(payload)
        at = reader.number()
        type = reader.number()
        body = reader.rest()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(at)
        writer.append(type)
        writer.append(body)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// Scheduled messages that still find a place.
        public var free: UInt8

        public init(free: UInt8) {
            self.free = free
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 1 else { return nil }
            var reader = PayloadReader(payload)
            free = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(free)
            return writer.bytes
        }
    }
}
