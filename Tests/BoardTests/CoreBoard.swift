import BoardProtocol
import CBoardFirmware

/// A board that runs the firmware's core in this process.
final class CoreBoard {
    struct Channel {
        let kind: BoardKind
        let label: String
        var maxRate: UInt32 = 0
        var fullScale: UInt16 = 0
    }

    static let bench = [
        Channel(kind: .digitalOutput, label: "D4"), Channel(kind: .digitalOutput, label: "D5"),
        Channel(kind: .digitalInput, label: "D2"), Channel(kind: .analogInput, label: "A0", fullScale: 1023),
        Channel(kind: .stepper, label: "D8", maxRate: 4_000_000),
        Channel(kind: .peristalticPump, label: "PB1", maxRate: 9_000_000), Channel(kind: .heater, label: "D6"),
    ]
    static let serial = (1...12).map { UInt8($0) }
    static let model: UInt8 = 200
    static let bootCount: UInt16 = 0x0203

    private(set) var now: UInt32
    private let board = UnsafeMutablePointer<flowlab_board>.allocate(capacity: 1)
    private let type = UnsafeMutablePointer<flowlab_port_type>.allocate(capacity: 1)
    private let channels = UnsafeMutablePointer<flowlab_channel_type>.allocate(capacity: bench.count)

    init(at now: UInt32 = 0) {
        self.now = now
        for (index, channel) in Self.bench.enumerated() {
            var made = flowlab_channel_type()
            made.kind = channel.kind.code
            made.max_rate = channel.maxRate
            made.full_scale = channel.fullScale
            withUnsafeMutableBytes(of: &made.label) { $0.copyBytes(from: channel.label.utf8.prefix(8)) }
            (channels + index).initialize(to: made)
        }
        type.initialize(
            to: flowlab_port_type(board: Self.model, channels: UInt8(Self.bench.count), channel: channels))
        flowlab_board_start(
            board, type, Self.serial, Self.bootCount, BoardResetCause.powerOn.code, now)
    }

    deinit {
        channels.deallocate()
        type.deallocate()
        board.deallocate()
    }

    /// Lets time pass, with a look each millisecond. Returns what the board has sent.
    func wait(milliseconds: Int) -> [UInt8] {
        var sent: [UInt8] = []
        for _ in 0..<milliseconds {
            now &+= 1000
            sent += poll()
        }
        return sent
    }

    /// The bytes come one after another; the board looks after each. Returns what it has sent.
    func receive(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var sent: [UInt8] = []
        for byte in bytes {
            flowlab_board_receive(board, byte, now)
            sent += poll()
        }
        return sent
    }

    func poll() -> [UInt8] {
        var sent: [UInt8] = []
        var byte: UInt8 = 0
        repeat {
            _ = flowlab_board_poll(board, now)
            while flowlab_board_transmit(board, &byte, now) { sent.append(byte) }
        } while flowlab_board_next_due(board, now) == 0
        return sent
    }

    func setAnalog(_ channel: UInt8, _ count: UInt16) { flowlab_board_set_analog(board, channel, count) }

    func setInput(_ channel: UInt8, isHigh: Bool) { flowlab_board_set_input(board, channel, isHigh) }
}

/// A host with one board: asks, and keeps what came unasked.
final class CoreHost {
    let core: CoreBoard
    private var reader = BoardFrameReader()
    private(set) var sequence: UInt8 = 0
    private(set) var events: [BoardEvent] = []
    /// What was neither the answer nor an event.
    private(set) var strays: [BoardFrame] = []

    init(_ core: CoreBoard = CoreBoard()) {
        self.core = core
        take(core.poll())
    }

    func ask<Request: BoardRequest>(_ request: Request) -> BoardReply<Request.Answer>? {
        sequence &+= 1
        let frames = take(core.receive(BoardFrame(sequence: sequence, request).bytes))
        var reply: BoardReply<Request.Answer>?
        for frame in frames {
            if frame.sequence == sequence, let found = Request.reply(in: frame), reply == nil {
                reply = found
            } else {
                strays.append(frame)
            }
        }
        return reply
    }

    func answer<Request: BoardRequest>(_ request: Request) -> Request.Answer? {
        if case .answered(let answer) = ask(request) { answer } else { nil }
    }

    /// With a heartbeat of `session` each 250 ms.
    func wait(milliseconds: Int, session: UInt32) {
        for _ in 0..<milliseconds / 250 {
            take(core.wait(milliseconds: 250))
            _ = ask(HeartbeatRequest(session: session, eventsSeen: 0))
        }
    }

    /// Answers; events are kept.
    @discardableResult private func take(_ bytes: [UInt8]) -> [BoardFrame] {
        var answers: [BoardFrame] = []
        for frame in reader.frames(in: bytes) {
            if frame.isEvent {
                if let event = BoardEvent(frame) { events.append(event) } else { strays.append(frame) }
            } else {
                answers.append(frame)
            }
        }
        return answers
    }
}
