import Quantities
import Wire

/// A VICI Valco valve actuator: a two-position valve (AM1, AM2) or a selector (AM3), as its serial line shows it.
///
/// Commands are upper-case words ended by CR; what it does not know, and what is out of range, it leaves without an
/// answer, and an action command too while its response mode is IFM0. While it moves `CP` shows the position that it left.
/// Source: VICI's manuals of the universal actuator (azmanual.top 595651, pages 14 to 19) and of the microelectric ones
/// (595646 page 5, 595648 page 7). No public source says what it does with a command that comes while it moves: here it
/// turns to the new target.
struct ViciActuator: Accessory {
    enum Mode: Int, Sendable {
        case twoPositionWithStops = 1
        case twoPosition = 2
        case selector = 3
        var isTwoPosition: Bool { self != .selector }
    }

    /// A way that has begun: `steps` positions, upwards or downwards.
    private struct Move {
        let target: Int
        let steps: Int
        let isUpwards: Bool
        let ends: BenchInstant
    }

    /// Bench seconds; VICI gives another time for each valve.
    static let moveTime = 0.3
    static let replyDelay = WireDuration.milliseconds(10)
    static let longestLine = 40

    /// Whether position B leads the stream of the plant through the loop.
    private let feedsLoop: Bool
    var mode: Mode
    /// Where it stands, from 1; A is 1 and B is 2.
    private(set) var position = 1
    /// Positions of a selector, ports of a two-position valve.
    var count: Int
    var cycles = 0
    /// The long form of replies, which the microelectric actuators have.
    var isLong: Bool
    /// The response mode: 0 says nothing to action commands.
    var responseMode = 0
    /// What each command must begin with; nil: nothing.
    var id: UInt8?
    private var move: Move?
    private var faults: [Fault: Double] = [:]
    private var line: [UInt8] = []
    private var busyUntil = WireInstant.zero

    init(_ mode: Mode, count: Int, isLong: Bool, feedsLoop: Bool) {
        self.mode = mode
        self.count = count
        self.isLong = isLong
        self.feedsLoop = feedsLoop
    }

    var truth: [String: JSONValue] {
        ["position": .integer(Int64(position)), "moving": .bool(move != nil), "cycles": .integer(Int64(cycles))]
    }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        var replies: [TimedReply] = []
        for byte in bytes {
            // Clients end their lines with CR or CR LF, and both are understood.
            if byte == UInt8(ascii: "\n") && line.isEmpty { continue }
            guard byte == UInt8(ascii: "\r") else {
                if line.count <= Self.longestLine { line.append(byte) }
                continue
            }
            defer { line = [] }
            guard line.count <= Self.longestLine, let command = addressed(line),
                let answer = execute(command, at: now)
            else { continue }
            busyUntil = max(busyUntil, now.wire) + Self.replyDelay
            replies.append(TimedReply(bytes: Array((answer + "\r").utf8), due: busyUntil))
        }
        return replies
    }

    mutating func disconnect(link: String, connection: Int) { line = [] }

    mutating func set(_ faults: [Fault: Double]) { self.faults = faults }

    mutating func advance(to now: Moment) {
        guard let move, now.bench >= move.ends else { return }
        self.move = nil
        guard faults[.stuck] == nil else { return }
        let short = faults[.wrongPosition] == nil ? 0 : 1
        cycles = (cycles + move.steps - short) & 0xffff
        let back = move.isUpwards ? -short : short
        position = (move.target - 1 + back + last) % last + 1
    }

    mutating func meet(_ plant: inout Plant, _ table: inout Worktable) {
        if feedsLoop { plant.isLoopInline = position == 2 }
    }

    /// The highest position.
    private var last: Int { mode.isTwoPosition ? 2 : count }

    /// Without what addresses it: its ID, `/` and its ID as on RS-485, or `*` for all; nil where it is for others.
    private func addressed(_ line: [UInt8]) -> String? {
        let isForAll = line.first == UInt8(ascii: "*")
        guard let id, !isForAll else { return String(decoding: isForAll ? line.dropFirst() : line[...], as: UTF8.self) }
        let rest = line.first == UInt8(ascii: "/") ? line.dropFirst() : line[...]
        return rest.first == id ? String(decoding: rest.dropFirst(), as: UTF8.self) : nil
    }

    /// Begins an action command; false where it is ignored, as is one to the position that it stands in.
    mutating func act(_ word: String, _ argument: Substring, at now: Moment) -> Bool {
        guard let way = mode.isTwoPosition ? twoPositionWay(word, argument) : selectorWay(word, argument),
            way.target != position || move != nil
        else { return false }
        let upwards = (way.target - position + last) % last
        let isUpwards = way.isUpwards ?? (2 * upwards <= last)
        let seconds = faults[.slowMove] ?? Self.moveTime
        move = Move(
            target: way.target, steps: isUpwards ? upwards : (last - upwards) % last, isUpwards: isUpwards,
            ends: now.bench + .seconds(seconds))
        return true
    }

    private func twoPositionWay(_ word: String, _ argument: Substring) -> (target: Int, isUpwards: Bool?)? {
        let other = 3 - position
        return switch (word, argument) {
        case ("GO", "A"), ("CW", ""): (1, false)
        case ("GO", "B"), ("CC", ""): (2, true)
        case ("GO", ""), ("TO", ""): (other, other == 2)
        default: nil
        }
    }

    private func selectorWay(_ word: String, _ argument: Substring) -> (target: Int, isUpwards: Bool?)? {
        let next = position % last + 1
        let previous = (position + last - 2) % last + 1
        let target = Self.number(argument).flatMap { (1...last).contains($0) ? $0 : nil }
        return switch (word, argument, target) {
        case ("GO", "", _), ("CW", "", _): (next, true)
        case ("CC", "", _): (previous, false)
        case ("HM", "", _): (1, nil)
        case ("GO", _, .some(let target)): (target, nil)
        case ("CW", _, .some(let target)): (target, true)
        case ("CC", _, .some(let target)): (target, false)
        default: nil
        }
    }

    /// The valve is another one now: a rotor beyond B stands in B.
    mutating func setMode(_ mode: Mode) {
        self.mode = mode
        move = nil
        position = min(position, last)
    }

    /// Decimal digits only.
    static func number(_ text: Substring) -> Int? {
        !text.isEmpty && text.count <= 5 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}

extension ViciActuator {
    static let feedValve = AccessoryEntry(
        "feed_valve", "VICI two-position injection valve: its loop in the line of the copper stream in position B",
        links: [AccessoryLink(name: "feed_valve", transport: .serial)], faults: [.stuck, .slowMove, .wrongPosition]
    ) { _ in ViciActuator(.twoPositionWithStops, count: 6, isLong: false, feedsLoop: true) }

    static let reagentSelector = AccessoryEntry(
        "reagent_selector", "VICI selector of ten positions, for itself",
        links: [AccessoryLink(name: "reagent_selector", transport: .serial)],
        faults: [.stuck, .slowMove, .wrongPosition]
    ) { _ in ViciActuator(.selector, count: 10, isLong: true, feedsLoop: false) }
}

/// What goes wrong with valves.
extension Fault {
    /// The rotor does not move, whatever it is told.
    public static let stuck = Fault("stuck", .accessory)
    /// Bench seconds for each move.
    public static let slowMove = Fault("slow_move", .accessory, 0...600, usual: .value(5))
    /// The rotor stops one position short.
    public static let wrongPosition = Fault("wrong_position", .accessory)
}
