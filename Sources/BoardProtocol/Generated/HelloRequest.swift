// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Begins a session, or asks again who is there in the one that is open.
public struct HelloRequest: BoardRequest {
    public static let name = "hello"
    public static let type: UInt8 = 0x01

    /// Not 0; another one than the last begins a new session.
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
        /// Version of this protocol.
        public var `protocol`: UInt8
        public var board: BoardModel
        public var firmwareMajor: UInt8
        public var firmwareMinor: UInt8
        public var firmwarePatch: UInt8
        /// Bit n: it has a channel of enum kind n.
        public var capabilities: UInt16
        /// Hash of the dictionary that it was built with.
        public var dictionary: UInt32
        /// How often it has started.
        public var bootCount: UInt16
        /// Of the last start.
        public var resetCause: BoardResetCause
        /// Its own number; 12 bytes.
        public var serial: [UInt8]
        /// How many it has, from 0.
        public var channels: UInt8
        public var state: BoardState
        public var fault: BoardFault
        /// CRC of what is committed; 0: nothing.
        public var configuration: UInt16
        /// The one that is open.
        public var session: UInt32
        /// Board time in us.
        public var now: UInt32

        public init(
            `protocol`: UInt8, board: BoardModel, firmwareMajor: UInt8, firmwareMinor: UInt8, firmwarePatch: UInt8,
            capabilities: UInt16, dictionary: UInt32, bootCount: UInt16, resetCause: BoardResetCause, serial: [UInt8],
            channels: UInt8, state: BoardState, fault: BoardFault, configuration: UInt16, session: UInt32, now: UInt32
        ) {
            self.protocol = `protocol`
            self.board = board
            self.firmwareMajor = firmwareMajor
            self.firmwareMinor = firmwareMinor
            self.firmwarePatch = firmwarePatch
            self.capabilities = capabilities
            self.dictionary = dictionary
            self.bootCount = bootCount
            self.resetCause = resetCause
            self.serial = serial
            self.channels = channels
            self.state = state
            self.fault = fault
            self.configuration = configuration
            self.session = session
            self.now = now
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 39 else { return nil }
            var reader = PayloadReader(payload)
            `protocol` = reader.number()
            board = BoardModel(code: reader.number())
            firmwareMajor = reader.number()
            firmwareMinor = reader.number()
            firmwarePatch = reader.number()
            capabilities = reader.number()
            dictionary = reader.number()
            bootCount = reader.number()
            resetCause = BoardResetCause(code: reader.number())
            serial = reader.bytes(12)
            channels = reader.number()
            state = BoardState(code: reader.number())
            fault = BoardFault(code: reader.number())
            configuration = reader.number()
            session = reader.number()
            now = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(`protocol`)
            writer.append(board.code)
            writer.append(firmwareMajor)
            writer.append(firmwareMinor)
            writer.append(firmwarePatch)
            writer.append(capabilities)
            writer.append(dictionary)
            writer.append(bootCount)
            writer.append(resetCause.code)
            writer.append(serial, count: 12)
            writer.append(channels)
            writer.append(state.code)
            writer.append(fault.code)
            writer.append(configuration)
            writer.append(session)
            writer.append(now)
            return writer.bytes
        }
    }
}
