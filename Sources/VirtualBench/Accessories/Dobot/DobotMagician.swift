import Quantities
import Wire

/// A Dobot Magician with a gripper on its serial line. Source: pydobot (frames, ids, the queue and its index).
///
/// Its motion runs in bench time, 100 mm/s. Two places are within its reach, by the coordinates of its own base:
/// place 11 at x 200, y 0, z -20 mm, where a cuvette stands from the start, and place 12 at x 150, y 150, z -20 mm. What
/// closes within 3 mm of a place with a cuvette takes it; what opens within 3 mm of one sets it down, and elsewhere drops it.
struct DobotMagician: Accessory {
    static let link = "dobot"
    static let serial = "DT2021000001", deviceName = "Magician"

    private(set) var arm = DobotArm()
    private var parsers: [Int: DobotParser] = [:]
    private var now: Moment

    init(at now: Moment) { self.now = now }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        var parser = parsers[connection] ?? DobotParser()
        defer { parsers[connection] = parser }
        return parser.receive(bytes).compactMap { request in
            answer(request).map {
                TimedReply(
                    bytes: DobotParser.frame(id: request.id, control: request.control, $0),
                    due: now.wire + .milliseconds(5))
            }
        }
    }

    mutating func disconnect(link: String, connection: Int) { parsers[connection] = nil }

    mutating func advance(to now: Moment) {
        guard now.bench >= self.now.bench else { return }
        arm.advance(by: (now.bench - self.now.bench).seconds)
        self.now = now
    }

    mutating func set(_ faults: [Fault: Double]) { arm.hasAlarm = faults[.dobotAlarm] != nil }

    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment) {
        if fault == .dropCuvette { arm.drop() }
    }

    mutating func meet(_ plant: inout Plant, _ table: inout Worktable) { arm.meet(&table) }

    var truth: [String: JSONValue] {
        [
            "moving": .bool(arm.isMoving), "holding": .integer(Int64(arm.held?.number ?? 0)),
            "closed": .bool(arm.isClosed), "alarm": .bool(arm.hasAlarm), "place": .string(arm.place),
            "queued": .integer(Int64(arm.queue.count)),
        ]
    }

    // MARK: Requests

    /// What stands behind the control byte of the reply; nil: it says nothing to what it does not know.
    private mutating func answer(_ request: DobotParser.Request) -> [UInt8]? {
        let isWrite = request.control & 1 != 0
        if isWrite, request.control & 2 != 0 {
            return DobotArm.Step(request).flatMap { arm.enqueue($0) }.map { Self.bytes($0) }
        }
        switch (request.id, isWrite) {
        case (0, false): return Array(Self.serial.utf8)
        case (1, false): return Array(Self.deviceName.utf8)
        case (10, false): return arm.pose.flatMap { Self.bytes(Float($0)) } + [UInt8](repeating: 0, count: 16)
        case (20, false): return [arm.hasAlarm ? 1 : 0] + [UInt8](repeating: 0, count: 15)
        case (21, true): return []
        case (240, true):
            arm.isStarted = true
            return []
        case (241, true):
            arm.isStarted = false
            return []
        case (245, true):
            arm.queue = []
            return []
        case (246, false): return Self.bytes(arm.currentIndex)
        default: return nil
        }
    }

    private static func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(number >> UInt64(8 * $0) & 0xff) } }

    private static func bytes(_ number: Float) -> [UInt8] {
        (0..<4).map { UInt8(number.bitPattern >> UInt32(8 * $0) & 0xff) }
    }

    static let entry = AccessoryEntry(
        "dobot", "a Dobot Magician with a gripper, between two places",
        links: [AccessoryLink(name: link, transport: .serial)], faults: [.dobotAlarm, .dropCuvette],
        make: { DobotMagician(at: $0) })
}

extension Fault {
    /// A joint at its limit, or a target out of reach: it stands, with an alarm bit, as long as this lasts.
    public static let dobotAlarm = Fault("alarm", .accessory)
}
