import ControlAPI
import ControlCore
import DeviceModel
import Drivers
import Experiments
import Quantities

/// Writes steps of the control loop one after the other into one buffer, which becomes a frame.
///
/// It allocates no more than the buffer grows, and asks no clock.
public struct RecordEncoder: Sendable {
    private let indexOf: [LinkName: Int]
    private var writer: RecordWriter
    private var last = Moment(wire: .zero, bench: .zero, wall: .zero)
    /// When the first step in the buffer was taken; nil while it is empty.
    public private(set) var began: WireInstant?
    /// The number of the next record; every record has one, also those that are lost later.
    public private(set) var next: UInt64 = 1
    private var capacity: Int
    /// What people and programs ask, and where in the buffer it stands: written as JSON on the thread that has time.
    private var late: [LateText] = []

    /// - Parameter links: as `SegmentHead` names them; records tell them by their place.
    public init(links: [LinkName], capacity: Int = 0) {
        indexOf = Dictionary(links.enumerated().map { ($1, $0) }) { first, _ in first }
        self.capacity = capacity
        writer = RecordWriter()
        writer.bytes.reserveCapacity(capacity)
    }

    /// Bytes that wait.
    public var count: Int { writer.bytes.count }

    /// One step: what happened, and what was done to links because of it.
    public mutating func step(_ input: ControllerInput, _ effects: [ControllerEffect], at now: Moment) {
        begin(at: now)
        add(RecordedInput(input), at: now)
        add(effects)
    }

    /// What the controller did when it was started; `RunStart` says when that was.
    public mutating func start(_ effects: [ControllerEffect], at now: Moment) {
        begin(at: now)
        add(effects)
    }

    /// Records before the next one are missing.
    public mutating func gap(lost: UInt64, _ why: String, at now: Moment) {
        begin(at: now)
        kind(.gap)
        writer.whole(lost)
        writer.text(why)
    }

    /// What waits as one frame, with the number of records in it; nil when nothing does.
    public mutating func take() -> RecordFrame? {
        guard began != nil else { return nil }
        defer {
            late = []
            writer.bytes = []
            writer.bytes.reserveCapacity(capacity)
            began = nil
            first = next
        }
        return RecordFrame(content: writer.bytes, late: late, first: first, records: next - first)
    }

    private var first: UInt64 = 1

    /// A frame begins with the number of its first record and the moment that its times count from.
    private mutating func begin(at now: Moment) {
        guard began == nil else { return }
        began = now.wire
        writer.whole(first)
        writer.moment(now, after: Moment(wire: .zero, bench: .zero, wall: .zero))
        last = now
    }

    private mutating func kind(_ kind: RecordKind) {
        writer.byte(kind.rawValue)
        next += 1
    }

    /// One that the bench file does not name stands behind all others.
    private func index(_ link: LinkName) -> Int { indexOf[link] ?? indexOf.count }
}

// MARK: Inputs

extension RecordEncoder {
    private mutating func begin(_ kind: RecordKind, at now: Moment) {
        self.kind(kind)
        writer.moment(now, after: last)
        last = now
    }

    private mutating func add(_ input: RecordedInput, at now: Moment) {
        switch input {
        case .analysed(let id, let at, let unanswered):
            begin(.analysed, at: now)
            writer.whole(id)
            writer.moment(at, after: now)
            writer.byte(unanswered == nil ? 0 : 1)
            if let unanswered { writer.text(unanswered) }
        case .plain(let input): add(input, at: now)
        }
    }

    private mutating func add(_ input: ControllerInput, at now: Moment) {
        switch input {
        case .link(let link, let event): add(event, on: link, at: now)
        case .time: begin(.time, at: now)
        case .archived(let batch):
            begin(.archived, at: now)
            writer.whole(batch)
        case .clientGone(let client):
            begin(.clientGone, at: now)
            writer.whole(client)
        case .archiveFailed(let reason):
            begin(.archiveFailed, at: now)
            writer.text(reason)
        case .shutdown(let reason):
            begin(.shutdown, at: now)
            writer.text(reason)
        case .recorder(let trouble):
            begin(.recorder, at: now)
            writer.text(trouble ?? "")
        case .request(let token, let request, let caller):
            begin(.request, at: now)
            late.append(
                LateText(at: count, value: .request(RecordedRequest(token: token, request: request, caller: caller))))
        case .attends(let experiment, let caller):
            begin(.attends, at: now)
            late.append(
                LateText(at: count, value: .attendance(RecordedAttendance(experiment: experiment, caller: caller))))
        case .analysed: preconditionFailure("an analysis is recorded by its number")
        }
    }

    private mutating func add(_ event: LinkEvent, on link: LinkName, at now: Moment) {
        switch event {
        case .opened(let identity):
            begin(.opened, at: now)
            writer.whole(index(link))
            writer.text(identity)
        case .closed(let reason):
            begin(.closed, at: now)
            writer.whole(index(link))
            writer.text(reason)
        case .received(let bytes):
            begin(.received, at: now)
            writer.whole(index(link))
            writer.blob(bytes)
        case .deadline:
            begin(.deadline, at: now)
            writer.whole(index(link))
        case .present:
            begin(.present, at: now)
            writer.whole(index(link))
        case .relayed: preconditionFailure("what a board replies to its channels comes from no link")
        case .modbus(let reply):
            begin(.modbus, at: now)
            writer.whole(index(link))
            writer.whole(reply.id)
            ModbusRecord.write(reply.outcome, to: &writer)
        }
    }
}

// MARK: Actions

extension RecordEncoder {
    private mutating func add(_ effects: [ControllerEffect]) {
        for case .link(let link, let action) in effects { add(RecordedAction(action), on: link) }
    }

    private mutating func begin(_ kind: RecordKind, on link: LinkName) {
        self.kind(kind)
        writer.whole(index(link))
    }

    private mutating func add(_ action: RecordedAction, on link: LinkName) {
        switch action {
        case .open: begin(.openLink, on: link)
        case .close: begin(.closeLink, on: link)
        case .flush(let epoch):
            begin(.flush, on: link)
            writer.whole(epoch)
        case .send(let bytes, let authority):
            begin(.send, on: link)
            write(authority)
            writer.blob(bytes)
        case .modbus(let request, let authority, let urgent):
            begin(.askModbus, on: link)
            write(authority)
            writer.byte(urgent ? 1 : 0)
            ModbusRecord.write(request, to: &writer)
        }
    }

    private mutating func write(_ authority: RecordedAction.Authority) {
        switch authority {
        case .query: writer.byte(0)
        case .permit(let epoch, let makesSafe):
            writer.byte(makesSafe ? 2 : 1)
            writer.whole(epoch)
        }
    }
}

/// Some steps of the control loop, ready to be written.
public struct RecordFrame: Sendable {
    private let content: [UInt8]
    private let late: [LateText]
    /// The number of its first record.
    public let first: UInt64
    public let records: UInt64

    fileprivate init(content: [UInt8], late: [LateText], first: UInt64, records: UInt64) {
        self.content = content
        self.late = late
        self.first = first
        self.records = records
    }

    /// Says that these frames are missing; it stands where they would.
    public static func gap(instead first: UInt64, lost: UInt64, why: String, at now: Moment) -> RecordFrame {
        var writer = RecordWriter()
        writer.whole(first)
        writer.moment(now, after: Moment(wire: .zero, bench: .zero, wall: .zero))
        writer.byte(RecordKind.gap.rawValue)
        writer.whole(lost)
        writer.text(why)
        return RecordFrame(content: writer.bytes, late: [], first: first, records: 0)
    }

    /// As it stands in a segment.
    public var bytes: [UInt8] {
        guard !late.isEmpty else { return RecordingFormat.frame(.records, content) }
        var writer = RecordWriter()
        var copied = 0
        for text in late {
            writer.bytes += content[copied..<text.at]
            copied = text.at
            writer.blob(text.value.json)
        }
        writer.bytes += content[copied...]
        return RecordingFormat.frame(.records, writer.bytes)
    }
}

/// A text that is written later than the records around it.
private struct LateText: Sendable {
    enum Value: Sendable {
        case request(RecordedRequest)
        case attendance(RecordedAttendance)

        /// What JSON cannot hold, a number that is not finite, is written as null.
        var json: [UInt8] {
            switch self {
            case .request(let request): (try? EncodedJSON(request))?.bytes ?? []
            case .attendance(let attendance): (try? EncodedJSON(attendance))?.bytes ?? []
            }
        }
    }

    let at: Int
    let value: Value
}

struct RecordedRequest: Codable, Sendable {
    let token: RequestToken
    let request: ControlRequest
    let caller: Caller
}

struct RecordedAttendance: Codable, Sendable {
    let experiment: String
    let caller: Caller
}
