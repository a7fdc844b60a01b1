/// One message to a Magician. Source of frames, ids and parameters: pydobot (`message.py`, `dobot.py`).
enum DobotQuestion: Hashable, Sendable {
    case serial, deviceName, pose, alarms, index
    case startQueue, stopQueue, clearQueue
    /// Into the queue: in a straight line, mm and degrees.
    case move(DobotPose)
    /// Into the queue: the gripper, or the cup, closes or opens.
    case grip(DobotTool, Bool)

    var id: UInt8 {
        switch self {
        case .serial: 0
        case .deviceName: 1
        case .pose: 10
        case .alarms: 20
        case .grip(.suction, _): 62
        case .grip(.gripper, _): 63
        case .move: 84
        case .startQueue: 240
        case .stopQueue: 241
        case .clearQueue: 245
        case .index: 246
        }
    }

    /// Bit 0: a write; bit 1: into the queue.
    private var control: UInt8 {
        switch self {
        case .serial, .deviceName, .pose, .alarms, .index: 0
        case .startQueue, .stopQueue, .clearQueue: 1
        case .move, .grip: 3
        }
    }

    var isQueued: Bool { control & 2 != 0 }

    private var parameters: [UInt8] {
        switch self {
        // Mode 2 is the straight line to a point.
        case .move(let pose): [2] + [pose.x, pose.y, pose.z, pose.r].flatMap { DobotCodec.bytes(Float($0)) }
        case .grip(_, let isClosed): [1, isClosed ? 1 : 0]
        case .serial, .deviceName, .pose, .alarms, .index, .startQueue, .stopQueue, .clearQueue: []
        }
    }

    var bytes: [UInt8] { DobotCodec.frame([id, control] + parameters) }

    var words: String {
        switch self {
        case .serial: "serial number (0)"
        case .deviceName: "name (1)"
        case .pose: "pose (10)"
        case .alarms: "alarms (20)"
        case .index: "queue index (246)"
        case .startQueue: "start of the queue (240)"
        case .stopQueue: "stop of the queue (241)"
        case .clearQueue: "clearing of the queue (245)"
        case .move(let pose): "move to \(pose.words) (84)"
        case .grip(let tool, let isClosed): "\(tool.rawValue) \(isClosed ? "on" : "off") (\(id))"
        }
    }
}

enum DobotTool: String, Hashable, Sendable, CaseIterable { case gripper, suction }

/// In the coordinates of the arm's own base: mm, degrees.
struct DobotPose: Hashable, Sendable {
    var x, y, z, r: Double

    var words: String { "x \(Self.tenths(x)), y \(Self.tenths(y)), z \(Self.tenths(z)) mm, r \(Self.tenths(r)) deg" }

    private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// No coordinate is farther off than that.
    func isNear(_ other: DobotPose, within distance: Double) -> Bool {
        [x - other.x, y - other.y, z - other.z, r - other.r].allSatisfy { $0.magnitude <= distance }
    }
}

enum DobotAnswer: Hashable, Sendable {
    case text(String)
    case pose(DobotPose)
    case alarms([Int])
    case index(UInt64)
    /// Taken; what went into the queue has its index there.
    case taken(UInt64?)
}

enum DobotCodec {
    private static let mark: [UInt8] = [0xaa, 0xaa]

    /// All behind the length add up to zero.
    static func frame(_ body: [UInt8]) -> [UInt8] {
        mark + [UInt8(truncatingIfNeeded: body.count)] + body + [0 &- body.reduce(0, &+)]
    }

    /// What the first bytes are: nil where a frame has begun and is not whole; else how many bytes are done with, and
    /// the body of the frame they end with, if they are one.
    static func next(_ bytes: [UInt8]) -> (length: Int, body: [UInt8]?)? {
        guard bytes[0] == mark[0] else { return (1, nil) }
        guard bytes.count > 1 else { return nil }
        guard bytes[1] == mark[1] else { return (1, nil) }
        guard bytes.count > 2 else { return nil }
        guard bytes[2] >= 2 else { return (1, nil) }
        let length = 4 + Int(bytes[2])
        guard bytes.count >= length else { return nil }
        let body = Array(bytes[3..<length - 1])
        return body.reduce(bytes[length - 1], &+) == 0 ? (length, body) : (1, nil)
    }

    /// nil: the body is no answer to this.
    static func answer(_ body: [UInt8], to question: DobotQuestion) -> DobotAnswer? {
        guard body[0] == question.id else { return nil }
        let data = Array(body.dropFirst(2))
        switch question {
        case .serial, .deviceName:
            return .text(String(decoding: data.filter { (0x20...0x7e).contains($0) }, as: UTF8.self))
        case .pose:
            let values = stride(from: 0, to: min(data.count, 16) - 3, by: 4).map { number(data[$0..<$0 + 4]) }
            guard values.count == 4, values.allSatisfy(\.isFinite) else { return nil }
            return .pose(DobotPose(x: values[0], y: values[1], z: values[2], r: values[3]))
        case .alarms:
            guard !data.isEmpty else { return nil }
            return .alarms((0..<8 * data.count).filter { data[$0 / 8] >> UInt8($0 % 8) & 1 == 1 })
        case .index: return word(data).map { .index($0) }
        case .move, .grip: return word(data).map { .taken($0) }
        case .startQueue, .stopQueue, .clearQueue: return .taken(nil)
        }
    }

    static func bytes(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Double {
        Double(Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }))
    }

    private static func word(_ bytes: [UInt8]) -> UInt64? {
        bytes.count == 8 ? bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } : nil
    }
}
