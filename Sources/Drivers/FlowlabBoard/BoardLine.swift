import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// Who asked for something that goes over a board's line.
enum BoardAsker: Hashable, Sendable {
    /// The board's own driver, for a step of its session.
    case session
    case heartbeat
    case clock
    /// A command of the board itself.
    case job
    /// A device on the board, by the core's number of its request.
    case relayed(UInt64)
    /// The same, to be done at a time: what is on its way is the `schedule`.
    case scheduling(UInt64)
}

/// One request to a board, before it has its number.
struct BoardErrand: Sendable {
    let asker: BoardAsker
    let message: RelayMessage
    let authority: WriteAuthority
    var isUrgent = false

    init(_ asker: BoardAsker, _ message: RelayMessage, _ authority: WriteAuthority = .query, isUrgent: Bool = false) {
        (self.asker, self.message, self.authority, self.isUrgent) = (asker, message, authority, isUrgent)
    }

    /// A kept answer would tell an old time.
    var isRepeated: Bool { asker != .heartbeat && asker != .clock }
}

/// The line of a board: one request at a time, its number, its time-out, and its repetition with the same number, which the
/// board answers without doing it twice. Source of the rules: `firmware-protocol/PROTOCOL.md`, sections 2 and 3.
struct BoardLine: Sendable {
    struct Flight: Sendable {
        let task: BoardErrand
        let sequence: UInt8
        let sentAt: WireInstant
        var expires: WireInstant
        var tries = 1
        /// By a trip: what was not written is not written again.
        var isStale = false
    }

    enum Heard: Sendable {
        case answer(Flight, BoardAnswerBody)
        case event(BoardEvent, number: UInt8)
        /// Nothing came; it is not asked again.
        case silence(Flight)
    }

    /// Both frames at 115200 baud take 13 ms at most; an adapter may keep bytes for 16 ms, and a host has other things to do.
    static let replyTime = WireDuration.milliseconds(150)
    static let mostTries = 3
    static let mostQueued = 64

    private var reader = BoardFrameReader()
    private var sequence: UInt8 = 0
    private(set) var flights: [Flight] = []
    private var queue: [BoardErrand] = []
    /// The last frame was not answered: what stands half on the line is ended first.
    private var isDoubtful = true

    var isFull: Bool { queue.count >= Self.mostQueued }
    var deadline: WireInstant? { flights.map(\.expires).min() }
    /// Something of this asker is on its way, or waits.
    func awaits(_ asker: BoardAsker) -> Bool {
        flights.contains { $0.task.asker == asker } || queue.contains { $0.asker == asker }
    }

    mutating func reset() { self = BoardLine() }

    /// What waits and was not sent; what is on its way is answered still.
    mutating func forgetQueue() { queue = [] }

    /// What was to be sent for a set time and was taken back is not sent; its number on the line says nothing any more.
    mutating func forgetSchedules(but kept: Set<UInt64>) {
        func isTakenBack(_ task: BoardErrand) -> Bool {
            if case .scheduling(let id) = task.asker { !kept.contains(id) } else { false }
        }
        queue.removeAll(where: isTakenBack)
        for index in flights.indices where isTakenBack(flights[index].task) { flights[index].isStale = true }
    }

    /// Heartbeats go first, then the others in their order; what is urgent does not wait at all (`write`).
    mutating func add(_ task: BoardErrand) {
        if task.asker == .heartbeat {
            queue.insert(task, at: 0)
        } else {
            queue.append(task)
        }
    }

    /// Writes what may be written now.
    mutating func pump(at now: Moment) -> [DriverEffect] {
        guard flights.isEmpty, !queue.isEmpty else { return [] }
        return write(queue.removeFirst(), at: now)
    }

    /// At once, whatever is on its way.
    mutating func write(_ task: BoardErrand, at now: Moment) -> [DriverEffect] {
        sequence &+= 1
        let frame = BoardFrame(sequence: sequence, type: task.message.type, payload: task.message.payload)
        flights.append(
            Flight(task: task, sequence: sequence, sentAt: now.wire, expires: now.wire + Self.replyTime))
        defer { isDoubtful = false }
        return [.send((isDoubtful ? [0] : []) + frame.bytes, task.authority)]
    }

    mutating func received(_ bytes: [UInt8]) -> [Heard] {
        reader.frames(in: bytes).compactMap { frame in
            if frame.isEvent { return BoardEvent(frame).map { .event($0, number: frame.sequence) } }
            guard
                let index = flights.firstIndex(where: {
                    $0.sequence == frame.sequence && $0.task.message.type | BoardFrame.answerBit == frame.type
                }), isWellFormed(frame), let body = BoardAnswerBody(frame)
            else { return nil }
            return .answer(flights.remove(at: index), body)
        }
    }

    /// A frame whose CRC ends in 0 still checks when that byte is lost, and is no answer then: it is asked again.
    private func isWellFormed(_ frame: BoardFrame) -> Bool {
        func check<Request: BoardRequest>(_ request: Request.Type) -> Bool {
            if case .malformed? = request.reply(in: frame) { false } else { true }
        }
        let request = BoardDictionary.requests.first { $0.type | BoardFrame.answerBit == frame.type }
        return request.map { check($0) } ?? false
    }

    /// What has waited too long: said again where that is right, else given up.
    mutating func expire(at now: Moment) -> (said: [DriverEffect], silent: [Heard]) {
        var said: [DriverEffect] = []
        var silent: [Heard] = []
        for flight in flights where flight.expires <= now.wire {
            isDoubtful = true
            let isNewest = flight.sequence == sequence
            guard flight.task.isRepeated, isNewest, !flight.isStale, flight.tries < Self.mostTries,
                let index = flights.firstIndex(where: { $0.sequence == flight.sequence })
            else {
                flights.removeAll { $0.sequence == flight.sequence }
                silent.append(.silence(flight))
                continue
            }
            flights[index].tries += 1
            flights[index].expires = now.wire + Self.replyTime
            let message = flight.task.message
            let frame = BoardFrame(sequence: flight.sequence, type: message.type, payload: message.payload)
            said.append(.send([0] + frame.bytes, flight.task.authority))
        }
        return (said, silent)
    }

    /// A trip: what actuates and was not sent is forgotten; what was is not sent again. Returns who asked.
    mutating func dropActuation() -> [BoardAsker] {
        let dropped = queue.filter(\.actuates).map(\.asker)
        queue.removeAll(where: \.actuates)
        for index in flights.indices where flights[index].task.actuates { flights[index].isStale = true }
        return dropped
    }
}

extension BoardErrand {
    /// By a permit that a trip ends.
    var actuates: Bool {
        if case .permit(let stamp) = authority { !stamp.makesSafe } else { false }
    }
}

/// An answer's first byte, and what follows it.
struct BoardAnswerBody: Hashable, Sendable {
    let status: BoardStatus
    let fields: [UInt8]

    init?(_ frame: BoardFrame) {
        guard let first = frame.payload.first else { return nil }
        let isSame = frame.version == BoardDictionary.version
        (status, fields) = (isSame ? BoardStatus(code: first) : .badVersion, Array(frame.payload.dropFirst()))
    }
}
