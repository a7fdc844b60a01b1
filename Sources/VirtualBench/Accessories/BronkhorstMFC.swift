import Quantities
import RealMath
import Wire

/// A Bronkhorst EL-FLOW controller on its RS-232 line: node 3, 200 mln/min of N2, ProPar in its binary form. Source: the
/// vendor's client `bronkhorst-propar` 1.3.0, its database of parameters, and its bytes on a serial line.
///
/// It does not know chained parameters: a request for several is answered with a protocol error.
struct BronkhorstMFC: Accessory {
    static let link = "mfc"
    static let node: UInt8 = 3
    /// mln/min.
    static let capacity: Float = 200
    private static let lag = 0.3
    private static let fullScale = 32_000.0
    private static let replyDelay = WireDuration.milliseconds(5)

    private enum Status {
        static let good: UInt8 = 0, command: UInt8 = 2, process: UInt8 = 3, parameter: UInt8 = 4, type: UInt8 = 5
        static let value: UInt8 = 6, readOnly: UInt8 = 13, protocolError: UInt8 = 34
    }

    private enum Mode {
        static let bus: UInt8 = 0, closed: UInt8 = 3, purge: UInt8 = 8, zero: UInt8 = 12, rs232: UInt8 = 18
        static let last: UInt8 = 24
    }

    private var setPoint: UInt16 = 0
    private var mode = Mode.bus
    /// Through the valve, mln/min.
    private var flow = 0.0
    private var supplyIsLost = false
    private var leak = 0.0
    private var frames = ProParFrames()
    private var replies = ReplyQueue(delay: replyDelay)
    private var now: BenchInstant

    init(at now: Moment) { self.now = now.bench }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        frames.receive(bytes).compactMap { frame in
            // 0x80 is whoever is there.
            guard frame.node == Self.node || frame.node == 0x80, let data = answer(frame) else { return nil }
            return replies.reply(ProParFrames.bytes(frame.sequence, frame.node, data), at: now.wire)
        }
    }

    mutating func disconnect(link: String, connection: Int) { frames = ProParFrames() }

    mutating func set(_ faults: [Fault: Double]) {
        supplyIsLost = faults[.gasSupplyLost] != nil
        leak = faults[.valveLeak] ?? 0
    }

    mutating func advance(to now: Moment) {
        let seconds = (now.bench - self.now).seconds
        guard seconds > 0 else { return }
        self.now = now.bench
        flow = target + (flow - target) * exp(-seconds / Self.lag)
    }

    private var target: Double {
        guard !supplyIsLost else { return 0 }
        switch mode {
        case Mode.bus, Mode.rs232: return max(leak, Double(setPoint) / Self.fullScale * Double(Self.capacity))
        case Mode.purge: return Double(Self.capacity) * 1.3
        case Mode.closed, Mode.zero: return leak
        // The others take their set point from where nobody gives one here.
        default: return leak
        }
    }

    /// To a tenth, and to a hundredth where hardly anything flows.
    var truth: [String: JSONValue] {
        let shown = flow < 1 ? (flow * 100).rounded() / 100 : (flow * 10).rounded() / 10
        return [
            "flow_ml_min": .number(shown),
            "set_point_ml_min": .number(Double(setPoint) / Self.fullScale * Double(Self.capacity)),
            "mode": .integer(Int64(mode)),
        ]
    }

    // MARK: Requests

    private mutating func answer(_ frame: ProParFrames.Frame) -> [UInt8]? {
        guard let command = frame.data.first else { return nil }
        let rest = Array(frame.data.dropFirst())
        switch command {
        case 1:
            let status = write(rest)
            return [0, status, status == Status.good ? 5 : 1]
        case 2:
            _ = write(rest)
            return nil
        case 4: return read(rest)
        default: return [0, Status.command, 0]
        }
    }

    private func read(_ data: [UInt8]) -> [UInt8] {
        guard data.count >= 4, data[0] & 0x80 == 0, data[1] & 0x80 == 0 else { return [0, Status.protocolError, 1] }
        let (process, parameter, form) = (data[2], data[3] & 0x1f, data[3] & 0x60)
        guard [1, 113].contains(process) else { return [0, Status.process, 3] }
        guard let value = value(process, parameter, form, wanted: data.count > 4 ? data[4] : 0) else {
            return [0, Status.parameter, 4]
        }
        return [2, data[0], data[1]] + value
    }

    private func value(_ process: UInt8, _ parameter: UInt8, _ form: UInt8, wanted: UInt8) -> [UInt8]? {
        switch (process, parameter, form) {
        case (113, 3, 0x60): text("M11202123A", wanted)
        case (1, 0, 0x20): word(UInt16(min(41_942, (flow / Double(Self.capacity) * Self.fullScale).rounded())))
        case (1, 1, 0x20): word(setPoint)
        case (1, 4, 0): [mode]
        case (1, 13, 0x40): (0..<4).reversed().map { UInt8(truncatingIfNeeded: Self.capacity.bitPattern >> (8 * $0)) }
        case (1, 17, 0x60): text("N2", wanted)
        case (1, 31, 0x60): text("mln/min", wanted)
        default: nil
        }
    }

    private func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    /// Padded to the length that is wanted; with length 0 as it is, and a zero at its end.
    private func text(_ value: String, _ wanted: UInt8) -> [UInt8] {
        let bytes = Array(value.utf8)
        guard wanted > 0 else { return [0] + bytes + [0] }
        return [wanted] + (bytes + [UInt8](repeating: 0x20, count: Int(wanted))).prefix(Int(wanted))
    }

    private mutating func write(_ data: [UInt8]) -> UInt8 {
        guard data.count >= 3, data[0] & 0x80 == 0, data[1] & 0x80 == 0 else { return Status.protocolError }
        guard [1, 113].contains(data[0]) else { return Status.process }
        let value = Array(data[2...])
        switch (data[0], data[1] & 0x1f) {
        case (1, 1):
            guard data[1] & 0x60 == 0x20, value.count == 2 else { return Status.type }
            let counts = UInt16(value[0]) << 8 | UInt16(value[1])
            guard counts <= UInt16(Self.fullScale) else { return Status.value }
            setPoint = counts
        case (1, 4):
            guard data[1] & 0x60 == 0, value.count == 1 else { return Status.type }
            guard value[0] <= Mode.last else { return Status.value }
            mode = value[0]
        case (1, 0), (113, 3): return Status.readOnly
        default: return Status.parameter
        }
        return Status.good
    }
}

/// Frames out of bytes: 10 02, then sequence, node, length and data with each 10 doubled, then 10 03.
struct ProParFrames: Sendable {
    struct Frame: Sendable {
        let sequence: UInt8
        let node: UInt8
        let data: [UInt8]
    }

    private enum State: Sendable { case idle, marked, content, contentMarked }

    private static let mark: UInt8 = 0x10
    private static let longest = 258
    private var state = State.idle
    private var content: [UInt8] = []

    mutating func receive(_ bytes: [UInt8]) -> [Frame] { bytes.compactMap { take($0) } }

    private mutating func take(_ byte: UInt8) -> Frame? {
        switch state {
        case .idle: state = byte == Self.mark ? .marked : .idle
        case .marked:
            content = []
            state = byte == 0x02 ? .content : .idle
        case .content:
            if byte == Self.mark { state = .contentMarked } else { append(byte) }
        case .contentMarked:
            state = .idle
            if byte == Self.mark {
                state = .content
                append(byte)
            } else if byte == 0x03, content.count > 3, Int(content[2]) == content.count - 3 {
                return Frame(sequence: content[0], node: content[1], data: Array(content[3...]))
            }
        }
        return nil
    }

    private mutating func append(_ byte: UInt8) {
        content.append(byte)
        if content.count > Self.longest { state = .idle }
    }

    static func bytes(_ sequence: UInt8, _ node: UInt8, _ data: [UInt8]) -> [UInt8] {
        let content = [sequence, node, UInt8(data.count)] + data
        return [mark, 0x02] + content.flatMap { $0 == mark ? [$0, $0] : [$0] } + [mark, 0x03]
    }
}

extension BronkhorstMFC {
    static let entry = AccessoryEntry(
        "mfc", "Bronkhorst mass flow controller, 200 mln/min of N2, ProPar, node 3, 38400 baud",
        links: [AccessoryLink(name: link, transport: .serial)], faults: [.gasSupplyLost, .valveLeak],
        make: { BronkhorstMFC(at: $0) })
}
