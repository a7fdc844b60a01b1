// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Ends a fault, in a session that began after it.
public struct ClearRequest: BoardRequest {
    public static let name = "clear"
    public static let type: UInt8 = 0x19

    /// The one that is open.
    public var session: UInt32

    public init(session: UInt32) {
        self.session = session
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 4 else { return nil }
        var reader = PayloadReader(payload)
        session = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(session)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        public var state: BoardState

        public init(state: BoardState) {
            self.state = state
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 1 else { return nil }
            var reader = PayloadReader(payload)
            state = BoardState(code: reader.number())
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(state.code)
            return writer.bytes
        }
    }
}
