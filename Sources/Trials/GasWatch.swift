import ControlCore
import DeviceModel
import Drivers
import Experiments
import Quantities
import VirtualBench
import Wire

/// What must hold of the gas valves on boards, by what their pins really did: closed in time after whatever drives them is
/// gone, and never open unless somebody has asked.
///
/// A pin's truth has the time of its last change by the board's own events, to a tenth of a millisecond; the distance of
/// two records counts for nothing.
struct GasWatch {
    /// Bench seconds from the end of what drives a valve until it must be closed.
    static let closedWithin = 1.1
    /// A command comes to its valve within this, or not at all.
    static let askedWithin = 60.0

    /// What has ended, for all boards or for one of them.
    enum End: String {
        case kill = "the host was killed"
        case power = "the host lost its power"
        case order = "the host ended in order"
        case hang = "the host hung"
        case cable = "its cable was pulled"
        case restart = "its board started anew"
        case stop = "the emergency stop was pressed"

        /// The board is left alone, and notices by itself.
        var isOfTheHost: Bool {
            switch self {
            case .kill, .power, .hang, .cable: true
            case .order, .restart, .stop: false
            }
        }

        init?(_ fault: String) {
            switch fault {
            case "unplug": self = .cable
            case "board_restart": self = .restart
            case "emergency_stop": self = .stop
            default: return nil
            }
        }
    }

    private struct Owed {
        let end: End
        let since: Double
        /// When somebody may open it again; nil: not yet.
        var again: Double?
    }

    private struct Valve {
        let device: String
        let link: String
        let board: String
        let member: String
        var isOpen = false
        var changedAt = 0.0
        var owed: [Owed] = []
        var askedAt: Double?
    }

    private var valves: [Valve]
    /// How many were open when something ended, by its words.
    private(set) var left: [String: Int] = [:]
    /// Seconds, of those that the host left, until the last one was closed.
    private(set) var longest = 0.0
    var leftByTheHost: Int { left.filter { End(rawValue: $0.key)?.isOfTheHost ?? false }.values.reduce(0, +) }

    /// Some valve is, by the last record.
    var isOpen: Bool { valves.contains { $0.isOpen } }

    init(_ definition: BenchDefinition) {
        let boards = VirtualBench.accessoryLinks
        valves = definition.devices.compactMap { device in
            guard device.deviceClass == .valve,
                let board = boards.first(where: { $0.value.contains(device.link.text) })?.key,
                let member = device.boardMember(of: board)
            else { return nil }
            return Valve(device: device.name.text, link: device.link.text, board: board, member: member)
        }
    }

    // MARK: What ends

    /// - Parameters:
    ///   - link: of one board; nil: of all.
    ///   - lasting: for how long; shorter than a board waits, it may not have noticed. nil: until somebody starts anew.
    mutating func ended(_ end: End, link: String? = nil, lasting: Double? = nil, at now: Moment) {
        if let lasting, lasting < Self.closedWithin { return }
        let since = now.bench.seconds
        for index in valves.indices where link.map({ $0 == valves[index].link }) ?? true {
            let again = end == .restart ? since : lasting.map { since + $0 }
            valves[index].owed.append(Owed(end: end, since: since, again: again))
            // What was asked before is not done after; but for a host that hung, and has it still in its hands.
            if end != .hang { valves[index].askedAt = nil }
        }
    }

    mutating func daemonStarted(at now: Moment) {
        for index in valves.indices {
            for owed in valves[index].owed.indices {
                valves[index].owed[owed].again = valves[index].owed[owed].again ?? now.bench.seconds
            }
        }
    }

    /// A client wants it open.
    mutating func asked(_ device: String, at now: Moment) {
        for index in valves.indices where valves[index].device == device { valves[index].askedAt = now.bench.seconds }
    }

    // MARK: Records

    /// What is wrong with it.
    mutating func saw(_ record: TruthRecord) -> [String] {
        var problems: [String] = []
        for index in valves.indices {
            let valve = valves[index]
            guard let truth = record.accessories[valve.board], case .bool(let isOpen)? = truth[valve.member],
                let changedAt = truth[valve.member + "_changed_s"]?.double
            else { continue }
            if isOpen, changedAt > valve.changedAt, changedAt - (valve.askedAt ?? -.infinity) > Self.askedWithin {
                problems.append("\(valve.device) opens at \(changedAt) s, and nobody has asked")
            }
            let wasOpen = valve.isOpen
            (valves[index].isOpen, valves[index].changedAt) = (isOpen, changedAt)
            guard !valve.owed.isEmpty else { continue }
            valves[index].owed = valve.owed.filter { owed in
                !isSettled(owed, valve, wasOpen, isOpen, changedAt, record.seconds, &problems)
            }
        }
        return problems
    }

    private mutating func isSettled(
        _ owed: Owed, _ valve: Valve, _ wasOpen: Bool, _ isOpen: Bool, _ changedAt: Double, _ seconds: Double,
        _ problems: inout [String]
    ) -> Bool {
        // The record may be older than what has ended.
        guard seconds > owed.since || changedAt > owed.since else { return false }
        if isOpen {
            if changedAt > owed.since, let again = owed.again, changedAt > again { return true }
            guard seconds > owed.since + Self.closedWithin else { return false }
            problems.append("\(valve.device) is still open \(seconds - owed.since) s after \(owed.end.rawValue)")
            return true
        }
        // Shut before, or never opened.
        guard wasOpen, changedAt > owed.since else { return true }
        let span = changedAt - owed.since
        left[owed.end.rawValue, default: 0] += 1
        if owed.end.isOfTheHost { longest = max(longest, span) }
        if span > Self.closedWithin {
            problems.append("\(valve.device) was closed \(span) s after \(owed.end.rawValue)")
        }
        return true
    }
}

extension DeviceDefinition {
    /// Of a device on a board: the member of the board's truth that tells whether it is on, or moves.
    func boardMember(of board: String) -> String? {
        driver.boardChannels.lazy.compactMap { VirtualBench.boardMember($0.number, of: board) }.first
    }

    var isOnBoard: Bool { !driver.boardChannels.isEmpty }
}
