// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// A peristaltic_pump for a finite number of steps.
public struct PumpRequest: BoardRequest {
    public static let name = "pump"
    public static let type: UInt8 = 0x13

    public var channel: UInt8
    /// Millisteps a second.
    public var rate: UInt32
    /// Negative: backward.
    public var steps: Int32

    public init(channel: UInt8, rate: UInt32, steps: Int32) {
        self.channel = channel
        self.rate = rate
        self.steps = steps
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 9 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        rate = reader.number()
        steps = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(rate)
        writer.append(steps)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// The count of steps at which it ends.
        public var target: Int32

        public init(target: Int32) {
            self.target = target
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 4 else { return nil }
            var reader = PayloadReader(payload)
            target = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(target)
            return writer.bytes
        }
    }
}
