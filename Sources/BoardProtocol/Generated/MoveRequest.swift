// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// A stepper to a position.
public struct MoveRequest: BoardRequest {
    public static let name = "move"
    public static let type: UInt8 = 0x11

    public var channel: UInt8
    public var mode: BoardMoveMode
    /// Steps.
    public var position: Int32
    /// Millisteps a second.
    public var rate: UInt32

    public init(channel: UInt8, mode: BoardMoveMode, position: Int32, rate: UInt32) {
        self.channel = channel
        self.mode = mode
        self.position = position
        self.rate = rate
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 10 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        mode = BoardMoveMode(code: reader.number())
        position = reader.number()
        rate = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(mode.code)
        writer.append(position)
        writer.append(rate)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// Steps.
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
