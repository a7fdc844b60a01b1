// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// What a channel does.
public struct ReadRequest: BoardRequest {
    public static let name = "read"
    public static let type: UInt8 = 0x18

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
        public var kind: BoardKind
        /// 1: not in its safe state.
        public var active: UInt8
        public var flags: ReadFlags
        /// Level; count; position in steps; millidegrees Celsius.
        public var value: Int32
        /// Position at which it ends; set point as it is now.
        public var target: Int32
        /// Ms of on-time; steps.
        public var remaining: UInt32
        /// Per mille of a heater; duty of what is on.
        public var output: UInt16
        /// Board time in us of all that.
        public var time: UInt32

        public init(
            kind: BoardKind, active: UInt8, flags: ReadFlags, value: Int32, target: Int32, remaining: UInt32,
            output: UInt16, time: UInt32
        ) {
            self.kind = kind
            self.active = active
            self.flags = flags
            self.value = value
            self.target = target
            self.remaining = remaining
            self.output = output
            self.time = time
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 21 else { return nil }
            var reader = PayloadReader(payload)
            kind = BoardKind(code: reader.number())
            active = reader.number()
            flags = ReadFlags(rawValue: reader.number())
            value = reader.number()
            target = reader.number()
            remaining = reader.number()
            output = reader.number()
            time = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(kind.code)
            writer.append(active)
            writer.append(flags.rawValue)
            writer.append(value)
            writer.append(target)
            writer.append(remaining)
            writer.append(output)
            writer.append(time)
            return writer.bytes
        }
    }
}
