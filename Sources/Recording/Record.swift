import ControlCore
import DeviceModel
import Experiments
import Interlocks
import Quantities

/// One line of a recording.
public enum Record: Sendable {
    /// What happened to the controller, and when.
    case input(RecordedInput, Moment)
    /// What the controller did to a link because of the input before it.
    case action(LinkName, RecordedAction)
    /// Records that were never written, and why.
    case gap(lost: UInt64, why: String)
}

/// What happened to the controller. An analysis is told by its number: its bursts are in the recording, and the analyser is
/// pure.
public enum RecordedInput: Sendable {
    case plain(ControllerInput)
    case analysed(id: UInt64, at: Moment, unanswered: String?)

    public init(_ input: ControllerInput) {
        guard case .analysed(let reply) = input else {
            self = .plain(input)
            return
        }
        self = .analysed(id: reply.id, at: reply.at, unanswered: reply.unanswered)
    }
}

/// A link action without the power to perform it: a stamp that was read from a file permits nothing.
public enum RecordedAction: Hashable, Sendable {
    public enum Authority: Hashable, Sendable {
        case query
        case permit(epoch: UInt64, makesSafe: Bool)

        init(_ authority: WriteAuthority) {
            switch authority {
            case .query: self = .query
            case .permit(let stamp): self = .permit(epoch: stamp.epoch.count, makesSafe: stamp.makesSafe)
            }
        }
    }

    case open
    case close
    case send([UInt8], Authority)
    case modbus(ModbusRequest, Authority, urgent: Bool)
    /// What waits and was permitted before this epoch is thrown away.
    case flush(epoch: UInt64)

    public init(_ action: LinkAction) {
        switch action {
        case .open: self = .open
        case .close: self = .close
        case .send(let bytes, let authority): self = .send(bytes, Authority(authority))
        case .modbus(let request, let authority, let urgent):
            self = .modbus(request, Authority(authority), urgent: urgent)
        case .flush(let epoch): self = .flush(epoch: epoch.count)
        }
    }

    /// Whether something goes out to a device.
    public var isWrite: Bool {
        switch self {
        case .send, .modbus: true
        case .open, .close, .flush: false
        }
    }
}

/// The kinds of records, as the first byte of each says them.
enum RecordKind: UInt8 {
    case time = 1
    case opened, closed, received, modbus, deadline
    case request, clientGone, attends, archived, archiveFailed, analysed, shutdown, recorder, present
    case openLink = 32
    case closeLink, send, askModbus, flush
    case gap = 48
}
