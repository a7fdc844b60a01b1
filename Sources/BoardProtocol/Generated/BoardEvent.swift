// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// What a board says unasked.
public enum BoardEvent: Hashable, Sendable {
    case booted(BootedEvent)
    case executed(ExecutedEvent)
    case ended(EndedEvent)
    case faulted(FaultedEvent)
    case input(InputEvent)

    /// Nil for a type that is no event of this dictionary, and for another length.
    public init?(type: UInt8, payload: ArraySlice<UInt8>) {
        switch type {
        case BootedEvent.type:
            guard let event = BootedEvent(payload: payload) else { return nil }
            self = .booted(event)
        case ExecutedEvent.type:
            guard let event = ExecutedEvent(payload: payload) else { return nil }
            self = .executed(event)
        case EndedEvent.type:
            guard let event = EndedEvent(payload: payload) else { return nil }
            self = .ended(event)
        case FaultedEvent.type:
            guard let event = FaultedEvent(payload: payload) else { return nil }
            self = .faulted(event)
        case InputEvent.type:
            guard let event = InputEvent(payload: payload) else { return nil }
            self = .input(event)
        default: return nil
        }
    }

    public var message: any BoardMessage {
        switch self {
        case .booted(let event): event
        case .executed(let event): event
        case .ended(let event): event
        case .faulted(let event): event
        case .input(let event): event
        }
    }
}

/// The board has started; its sequence is 0 and it is not repeated.
public struct BootedEvent: BoardMessage {
    public static let name = "booted"
    public static let type: UInt8 = 0xc0

    public var board: BoardModel
    public var bootCount: UInt16
    public var resetCause: BoardResetCause

    public init(board: BoardModel, bootCount: UInt16, resetCause: BoardResetCause) {
        self.board = board
        self.bootCount = bootCount
        self.resetCause = resetCause
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 4 else { return nil }
        var reader = PayloadReader(payload)
        board = BoardModel(code: reader.number())
        bootCount = reader.number()
        resetCause = BoardResetCause(code: reader.number())
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(board.code)
        writer.append(bootCount)
        writer.append(resetCause.code)
        return writer.bytes
    }
}

/// A scheduled message came to its time.
public struct ExecutedEvent: BoardMessage {
    public static let name = "executed"
    public static let type: UInt8 = 0xc1

    /// Sequence of the schedule request.
    public var request: UInt8
    /// Of the message.
    public var status: BoardStatus
    /// Board time in us as scheduled.
    public var at: UInt32
    /// Board time in us at which it took effect.
    public var done: UInt32

    public init(request: UInt8, status: BoardStatus, at: UInt32, done: UInt32) {
        self.request = request
        self.status = status
        self.at = at
        self.done = done
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 10 else { return nil }
        var reader = PayloadReader(payload)
        request = reader.number()
        status = BoardStatus(code: reader.number())
        at = reader.number()
        done = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(request)
        writer.append(status.code)
        writer.append(at)
        writer.append(done)
        return writer.bytes
    }
}

/// A channel went to its safe state.
public struct EndedEvent: BoardMessage {
    public static let name = "ended"
    public static let type: UInt8 = 0xc2

    public var channel: UInt8
    public var reason: BoardEnded
    /// Level, position in steps, or millidegrees Celsius.
    public var value: Int32
    /// Board time in us.
    public var time: UInt32

    public init(channel: UInt8, reason: BoardEnded, value: Int32, time: UInt32) {
        self.channel = channel
        self.reason = reason
        self.value = value
        self.time = time
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 10 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        reason = BoardEnded(code: reader.number())
        value = reader.number()
        time = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(reason.code)
        writer.append(value)
        writer.append(time)
        return writer.bytes
    }
}

/// A fault was latched; everything is safe.
public struct FaultedEvent: BoardMessage {
    public static let name = "faulted"
    public static let type: UInt8 = 0xc3

    public var fault: BoardFault
    /// Or no_channel.
    public var channel: UInt8
    /// What was seen; of late_command, us too late.
    public var value: Int32
    /// Board time in us.
    public var time: UInt32

    public init(fault: BoardFault, channel: UInt8, value: Int32, time: UInt32) {
        self.fault = fault
        self.channel = channel
        self.value = value
        self.time = time
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 10 else { return nil }
        var reader = PayloadReader(payload)
        fault = BoardFault(code: reader.number())
        channel = reader.number()
        value = reader.number()
        time = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(fault.code)
        writer.append(channel)
        writer.append(value)
        writer.append(time)
        return writer.bytes
    }
}

/// A digital input changed.
public struct InputEvent: BoardMessage {
    public static let name = "input"
    public static let type: UInt8 = 0xc4

    public var channel: UInt8
    /// 1 on, 0 off.
    public var level: UInt8
    /// Board time in us.
    public var time: UInt32

    public init(channel: UInt8, level: UInt8, time: UInt32) {
        self.channel = channel
        self.level = level
        self.time = time
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 6 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        level = reader.number()
        time = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(level)
        writer.append(time)
        return writer.bytes
    }
}
