import DeviceModel
import Quantities

/// What stands at a station, by all that the daemon has seen and was told; the shape that clients see and the archive keeps.
public struct StationRecord: Hashable, Sendable, Codable {
    public var station: String
    public var kind: Station.Kind
    /// Cuvettes that find room.
    public var holds: Int
    public var cuvettes: Int
    /// The experiment whose sample stands there.
    public var sample: String?
    /// Why nobody can say what stands there; nil: it is as written. Until a person has looked, nothing is moved there.
    public var doubt: String?
    /// RFC 3339, UTC: of the last change.
    public var since: String

    public init(
        station: String, kind: Station.Kind, holds: Int, cuvettes: Int, sample: String? = nil, doubt: String? = nil,
        since: String
    ) {
        self.station = station
        self.kind = kind
        self.holds = holds
        self.cuvettes = cuvettes
        self.sample = sample
        self.doubt = doubt
        self.since = since
    }
}

/// Where the cuvettes are. A move changes it when its end is seen; one whose end was not seen leaves both ends in doubt.
struct StationBook: Sendable {
    struct Objection: Error, Sendable {
        let kind: String
        let text: String
        let hint: String
    }

    private struct Move: Sendable {
        let robot: String
        let command: RobotCommand
    }

    private(set) var records: [String: StationRecord] = [:]
    /// In the order of the bench file, grippers last.
    let order: [String]
    private var moves: [CommandID: Move] = [:]
    /// Stations that changed since they were last taken.
    private var changed: Set<String> = []

    /// A station that is new begins as its kind suggests: a supply full, all else empty.
    init(_ stations: [Station], robots: [DeviceName], restored: [StationRecord], at now: Moment) {
        let grippers = stations.isEmpty ? [] : robots.map { Station(name: $0.text, kind: .gripper, holds: 1) }
        order = (stations + grippers).map(\.name)
        let known = Dictionary(restored.map { ($0.station, $0) }) { first, _ in first }
        for station in stations + grippers {
            var record =
                known[station.name]
                ?? StationRecord(
                    station: station.name, kind: station.kind, holds: station.holds,
                    cuvettes: station.kind == .supply ? station.holds : 0, since: now.wall.rfc3339)
            (record.kind, record.holds) = (station.kind, station.holds)
            if !(0...station.holds).contains(record.cuvettes) {
                record.doubt = record.doubt ?? "\(record.cuvettes) cuvettes were kept, and it holds \(station.holds)"
                record.cuvettes = min(max(0, record.cuvettes), station.holds)
            }
            records[station.name] = record
        }
    }

    var views: [StationRecord] { order.compactMap { records[$0] } }

    mutating func takeChanged() -> [StationRecord] {
        defer { changed = [] }
        return order.filter(changed.contains).compactMap { records[$0] }
    }

    /// The robot that moves something there now.
    func mover(at station: String) -> String? {
        moves.values.first { $0.robot == station || $0.command.station == station }?.robot
    }

    /// What is being moved is in doubt for a moment; this is what somebody has to look at.
    func needsALook(_ record: StationRecord) -> String? { mover(at: record.station) == nil ? record.doubt : nil }

    // MARK: May it be?

    /// Why this move would go wrong by what is known; a station that the bench file does not declare is not watched.
    func objection(to command: RobotCommand, of robot: DeviceName) -> Objection? {
        switch command {
        case .pick(let station): lack(at: station) ?? noRoom(at: robot.text)
        case .place(let station): lack(at: robot.text) ?? noRoom(at: station)
        default: nil
        }
    }

    /// Of a whole transfer, before anything moves.
    func objection(from: String, to: String, with robot: DeviceName) -> Objection? {
        lack(at: from) ?? noRoom(at: robot.text) ?? noRoom(at: to)
    }

    /// Nothing is known to stand there that could be fetched.
    func lack(at station: String) -> Objection? {
        guard let record = records[station] else { return nil }
        if let doubt = doubt(about: record) { return doubt }
        guard record.cuvettes == 0 else { return nil }
        return Objection(
            kind: "station_empty", text: "no cuvette stands at \(station)",
            hint: "put one there and say so: flowlabctl stations set \(station) --cuvettes 1")
    }

    func noRoom(at station: String) -> Objection? {
        guard let record = records[station] else { return nil }
        if let doubt = doubt(about: record) { return doubt }
        guard record.cuvettes >= record.holds else { return nil }
        let whose = record.sample.map { ", the sample of \($0)" } ?? ""
        return Objection(
            kind: "station_occupied",
            text: "\(station) has \(record.cuvettes) cuvettes of \(record.holds) since \(record.since)\(whose)",
            hint: "take them away and say so: flowlabctl stations set \(station) --cuvettes 0")
    }

    private func doubt(about record: StationRecord) -> Objection? {
        record.doubt.map {
            Objection(
                kind: "station_unknown", text: "nobody knows what stands at \(record.station): \($0)",
                hint: "look, and say what is there: flowlabctl stations set \(record.station) --cuvettes N")
        }
    }

    // MARK: Moves

    /// A move was told to the robot: until its end is seen, both of its ends are in doubt.
    mutating func begun(_ command: RobotCommand, of robot: DeviceName, as id: CommandID, at now: Moment) {
        guard let station = command.station, records[robot.text] != nil else { return }
        moves[id] = Move(robot: robot.text, command: command)
        for name in [station, robot.text] {
            change(name, at: now) { $0.doubt = "\(robot) \(command.text), and its end was not seen" }
        }
    }

    mutating func finished(_ id: CommandID, _ outcome: CommandOutcome, at now: Moment) {
        guard let move = moves.removeValue(forKey: id), let station = move.command.station else { return }
        switch outcome {
        case .done: carried(move, station, at: now)
        // Refused before it began: all stands where it stood.
        case .refused: for name in [station, move.robot] { change(name, at: now) { $0.doubt = nil } }
        case .failed, .droppedByTrip:
            for name in [station, move.robot] {
                let held = outcome == .droppedByTrip ? "; what it carried may still be in its gripper" : ""
                change(name, at: now) { $0.doubt = "\(move.robot) \(move.command.text): \(outcome.text)\(held)" }
            }
        }
    }

    private mutating func carried(_ move: Move, _ station: String, at now: Moment) {
        let isPick = if case .pick = move.command { true } else { false }
        let (from, to) = isPick ? (station, move.robot) : (move.robot, station)
        let sample = records[from]?.sample
        change(from, at: now) {
            ($0.doubt, $0.cuvettes) = (nil, max(0, $0.cuvettes - 1))
            if $0.cuvettes == 0 { $0.sample = nil }
        }
        change(to, at: now) { ($0.doubt, $0.cuvettes, $0.sample) = (nil, $0.cuvettes + 1, sample) }
    }

    /// What runs into the cuvette that stands there is of this experiment.
    mutating func filled(_ station: String, with sample: String, at now: Moment) {
        change(station, at: now) { $0.sample = sample }
    }

    /// An older doubt says more.
    mutating func doubt(_ names: [String], because why: String, at now: Moment) {
        for name in names where records[name]?.doubt == nil { change(name, at: now) { $0.doubt = why } }
    }

    /// A person has looked.
    mutating func set(_ station: String, cuvettes: Int, sample: String?, at now: Moment) {
        change(station, at: now) { ($0.cuvettes, $0.sample, $0.doubt) = (cuvettes, sample, nil) }
    }

    private mutating func change(_ name: String, at now: Moment, _ change: (inout StationRecord) -> Void) {
        guard var record = records[name] else { return }
        change(&record)
        record.since = now.wall.rfc3339
        records[name] = record
        changed.insert(name)
    }
}

extension RobotCommand {
    /// Where it goes.
    var station: String? {
        switch self {
        case .pick(let station), .place(let station): station
        default: nil
        }
    }

    /// In words, after the robot's name.
    var text: String {
        switch self {
        case .pick(let station): "picks at \(station)"
        case .place(let station): "places at \(station)"
        case .park: "parks"
        case .halt: "halts"
        case .power(let isOn): isOn ? "powers on" : "powers off"
        case .releaseBrakes: "releases its brakes"
        case .play: "plays"
        case .unlock: "unlocks"
        }
    }
}
