// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Feeds the dead-man timer, acknowledges events, and tells the board's time; both directions have the same length.
public struct HeartbeatRequest: BoardRequest {
    public static let name = "heartbeat"
    public static let type: UInt8 = 0x02

    /// The one that is open.
    public var session: UInt32
    /// Number of the last event in unbroken order.
    public var eventsSeen: UInt8

    public init(session: UInt32, eventsSeen: UInt8) {
        self.session = session
        self.eventsSeen = eventsSeen
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 21 else { return nil }
        var reader = PayloadReader(payload)
        session = reader.number()
        eventsSeen = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(session)
        writer.append(eventsSeen)
        writer.append([], count: 16)
        return writer.bytes
    }

    /// What follows the status ok.
    public struct Answer: BoardFields {
        /// Board time in us at which the request's last byte was there.
        public var received: UInt32
        /// Board time in us at which this answer's first byte was handed to the line.
        public var sent: UInt32
        public var state: BoardState
        public var fault: BoardFault
        /// Bit n: channel n is not in its safe state.
        public var active: UInt16
        /// Bit n: digital input n is on.
        public var inputs: UInt16
        /// Scheduled messages that wait.
        public var queued: UInt8
        /// Number of the newest event.
        public var events: UInt8
        /// CRC of what is committed; 0: nothing.
        public var configuration: UInt16
        /// Frames that were no frames, since the start, modulo 65536.
        public var dropped: UInt16

        public init(
            received: UInt32, sent: UInt32, state: BoardState, fault: BoardFault, active: UInt16, inputs: UInt16,
            queued: UInt8, events: UInt8, configuration: UInt16, dropped: UInt16
        ) {
            self.received = received
            self.sent = sent
            self.state = state
            self.fault = fault
            self.active = active
            self.inputs = inputs
            self.queued = queued
            self.events = events
            self.configuration = configuration
            self.dropped = dropped
        }

        public init?(payload: ArraySlice<UInt8>) {
            guard payload.count == 20 else { return nil }
            var reader = PayloadReader(payload)
            received = reader.number()
            sent = reader.number()
            state = BoardState(code: reader.number())
            fault = BoardFault(code: reader.number())
            active = reader.number()
            inputs = reader.number()
            queued = reader.number()
            events = reader.number()
            configuration = reader.number()
            dropped = reader.number()
        }

        public var payload: [UInt8] {
            var writer = PayloadWriter()
            writer.append(received)
            writer.append(sent)
            writer.append(state.code)
            writer.append(fault.code)
            writer.append(active)
            writer.append(inputs)
            writer.append(queued)
            writer.append(events)
            writer.append(configuration)
            writer.append(dropped)
            return writer.bytes
        }
    }
}
