// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Puts what was configured since configure_begin in force.
public struct ConfigureCommitRequest: BoardRequest {
    public static let name = "configure_commit"
    public static let type: UInt8 = 0x0b

    /// Configure messages.
    public var count: UInt8
    /// Over type and payload of each, in order.
    public var crc: UInt16

    public init(count: UInt8, crc: UInt16) {
        self.count = count
        self.crc = crc
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 3 else { return nil }
        var reader = PayloadReader(payload)
        count = reader.number()
        crc = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(count)
        writer.append(crc)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// As the board has counted it.
        public var crc: UInt16

        public init(crc: UInt16) {
            self.crc = crc
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 2 else { return nil }
            var reader = PayloadReader(payload)
            crc = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(crc)
            return writer.bytes
        }
    }
}
