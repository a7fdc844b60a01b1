import ControlAPI
import DeviceModel
import Drivers
import Experiments
import Quantities

/// The records of one frame. Whatever the bytes are, it never traps.
struct RecordDecoder {
    private static let origin = Moment(wire: .zero, bench: .zero, wall: .zero)

    private let links: [LinkName]
    private var reader: RecordReader
    private var last: Moment
    /// The number of the frame's first record.
    let first: UInt64

    /// nil when the content does not begin as it must.
    init?(_ content: ArraySlice<UInt8>, links: [LinkName]) {
        reader = RecordReader(content)
        self.links = links
        guard let first = reader.whole(), let began = reader.moment(after: Self.origin) else { return nil }
        self.first = first
        last = began
    }

    var isAtEnd: Bool { reader.isAtEnd }

    /// nil when it does not read; nothing behind it can be trusted then.
    mutating func next() -> Record? {
        guard let kind = reader.byte().flatMap(RecordKind.init) else { return nil }
        switch kind {
        case .openLink, .closeLink, .send, .askModbus, .flush: return action(kind)
        case .gap:
            guard let lost = reader.whole(), let why = reader.text() else { return nil }
            return .gap(lost: lost, why: why)
        case .time, .opened, .closed, .received, .modbus, .deadline, .present, .request, .clientGone, .attends,
            .archived, .archiveFailed, .analysed, .shutdown, .recorder:
            guard let now = reader.moment(after: last), let input = input(kind, at: now) else { return nil }
            last = now
            return .input(input, now)
        }
    }

    private mutating func input(_ kind: RecordKind, at now: Moment) -> RecordedInput? {
        switch kind {
        case .analysed: return analysed(at: now)
        case .opened, .closed, .received, .modbus, .deadline, .present:
            guard let link = link(), let event = event(kind) else { return nil }
            return .plain(.link(link, event))
        case .time: return .plain(.time)
        case .clientGone: return reader.whole().map { .plain(.clientGone($0)) }
        case .archived: return reader.whole().map { .plain(.archived(batch: $0)) }
        case .archiveFailed: return reader.text().map { .plain(.archiveFailed($0)) }
        case .shutdown: return reader.text().map { .plain(.shutdown(reason: $0)) }
        case .recorder: return reader.text().map { .plain(.recorder(trouble: $0.isEmpty ? nil : $0)) }
        case .request:
            return json(RecordedRequest.self).map { .plain(.request($0.token, $0.request, $0.caller)) }
        case .attends:
            return json(RecordedAttendance.self).map { .plain(.attends(experiment: $0.experiment, $0.caller)) }
        case .openLink, .closeLink, .send, .askModbus, .flush, .gap: return nil
        }
    }

    private mutating func analysed(at now: Moment) -> RecordedInput? {
        guard let id = reader.whole(), let at = reader.moment(after: now), let mark = reader.byte() else { return nil }
        guard mark == 1 else { return .analysed(id: id, at: at, unanswered: nil) }
        return reader.text().map { .analysed(id: id, at: at, unanswered: $0) }
    }

    private mutating func event(_ kind: RecordKind) -> LinkEvent? {
        switch kind {
        case .opened: reader.text().map { .opened(identity: $0) }
        case .closed: reader.text().map { .closed(reason: $0) }
        case .received: reader.blob().map { .received($0) }
        case .deadline: .deadline
        case .present: .present
        case .modbus: modbusReply().map { .modbus($0) }
        default: nil
        }
    }

    private mutating func modbusReply() -> ModbusReply? {
        guard let id = reader.whole(), let outcome = ModbusRecord.outcome(&reader) else { return nil }
        return ModbusReply(id: id, outcome: outcome)
    }

    private mutating func action(_ kind: RecordKind) -> Record? {
        guard let link = link(), let action = recordedAction(kind) else { return nil }
        return .action(link, action)
    }

    private mutating func recordedAction(_ kind: RecordKind) -> RecordedAction? {
        switch kind {
        case .openLink: return .open
        case .closeLink: return .close
        case .flush: return reader.whole().map { .flush(epoch: $0) }
        case .send:
            guard let authority = authority(), let bytes = reader.blob() else { return nil }
            return .send(bytes, authority)
        case .askModbus:
            guard let authority = authority(), let urgent = reader.byte(), let request = ModbusRecord.request(&reader)
            else { return nil }
            return .modbus(request, authority, urgent: urgent == 1)
        default: return nil
        }
    }

    private mutating func authority() -> RecordedAction.Authority? {
        guard let mark = reader.byte() else { return nil }
        guard mark != 0 else { return .query }
        return reader.whole().map { .permit(epoch: $0, makesSafe: mark == 2) }
    }

    private mutating func link() -> LinkName? {
        reader.whole(Int.self).map { links.indices.contains($0) ? links[$0] : LinkName("link-\($0)") }
    }

    private mutating func json<Value: Decodable>(_ type: Value.Type) -> Value? {
        guard let bytes = reader.blob(), let parsed = try? JSONParser.parse(bytes) else { return nil }
        return try? parsed.value.decoded(as: type)
    }
}
