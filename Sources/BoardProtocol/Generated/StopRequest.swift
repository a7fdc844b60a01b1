// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Every channel to its safe state; all scheduled messages are dropped.
public struct StopRequest: BoardRequest {
    public static let name = "stop"
    public static let type: UInt8 = 0x16

    public init() {}

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 0 else { return nil }
    }

    public var payload: [UInt8] { [] }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// As in heartbeat.
        public var active: UInt16

        public init(active: UInt16) {
            self.active = active
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 2 else { return nil }
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
