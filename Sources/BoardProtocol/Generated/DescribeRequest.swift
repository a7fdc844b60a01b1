// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// What a channel is.
public struct DescribeRequest: BoardRequest {
    public static let name = "describe"
    public static let type: UInt8 = 0x04

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
        /// Of its pin, ASCII, zeros behind it; 8 bytes.
        public var label: [UInt8]
        /// Millisteps a second at most; 0 where nothing steps.
        public var maxRate: UInt32
        /// Counts of an analog input; 0 elsewhere.
        public var fullScale: UInt16

        public init(kind: BoardKind, label: [UInt8], maxRate: UInt32, fullScale: UInt16) {
            self.kind = kind
            self.label = label
            self.maxRate = maxRate
            self.fullScale = fullScale
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 15 else { return nil }
            var reader = PayloadReader(payload)
            kind = BoardKind(code: reader.number())
            label = reader.bytes(8)
            maxRate = reader.number()
            fullScale = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(kind.code)
            writer.append(label, count: 8)
            writer.append(maxRate)
            writer.append(fullScale)
            return writer.bytes
        }
    }
}
