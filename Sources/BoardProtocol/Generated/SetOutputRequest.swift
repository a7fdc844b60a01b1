// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// A digital_output on for a finite time, or off.
public struct SetOutputRequest: BoardRequest {
    public static let name = "set_output"
    public static let type: UInt8 = 0x10

    public var channel: UInt8
    /// 1 on, 0 off.
    public var level: UInt8
    /// Of on: 1 to max_on_ms; 0 with off.
    public var durationMilliseconds: UInt32

    public init(channel: UInt8, level: UInt8, durationMilliseconds: UInt32) {
        self.channel = channel
        self.level = level
        self.durationMilliseconds = durationMilliseconds
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 6 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        level = reader.number()
        durationMilliseconds = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(level)
        writer.append(durationMilliseconds)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        public var level: UInt8
        public var remainingMilliseconds: UInt32

        public init(level: UInt8, remainingMilliseconds: UInt32) {
            self.level = level
            self.remainingMilliseconds = remainingMilliseconds
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 5 else { return nil }
            var reader = PayloadReader(payload)
            level = reader.number()
            remainingMilliseconds = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(level)
            writer.append(remainingMilliseconds)
            return writer.bytes
        }
    }
}
