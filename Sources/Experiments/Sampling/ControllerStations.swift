import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Cuvettes: where they stand, and what may be moved.
extension BenchController {
    /// The one place that tells a device what to do: what a robot carries is booked.
    mutating func issue(
        _ command: DeviceCommand, to device: DeviceName, at now: Moment
    ) throws(PermitRefusal) -> (CommandID, [CoreEffect]) {
        let issued = try core.issue(command, to: device, at: now)
        if case .robot(let move) = command {
            stations.begun(move, of: device, as: issued.0, at: now)
            keepStations(at: now)
        }
        return issued
    }

    /// Robots with a gripper.
    static func carriers(_ definition: BenchDefinition) -> [DeviceName] {
        definition.devices.compactMap { device in
            guard case .robot(let limits) = device.driver.limits, limits.abilities.contains(.transfer) else {
                return nil
            }
            return device.name
        }
    }

    mutating func stationMoveEnded(_ id: CommandID, _ outcome: CommandOutcome, at now: Moment) {
        stations.finished(id, outcome, at: now)
        keepStations(at: now)
    }

    mutating func keepStations(at now: Moment) {
        for record in stations.takeChanged() {
            outbox.write(.station(record))
            outbox.publish("stations", EventData.station(record), at: now)
            callForALook(at: record, at: now)
        }
    }

    /// A robot in somebody's hand may have been told to move in the last moment of an earlier daemon.
    private mutating func takeOverCarried(_ hands: [String: String], at now: Moment) {
        let held = Set(hands.values.flatMap { Lease.devices(in: $0) })
        for robot in Self.carriers(definition) where held.contains(robot.text) {
            guard case .robot(let limits)? = definition.devices.first(where: { $0.name == robot })?.driver.limits
            else { continue }
            stations.doubt(
                limits.stations + [robot.text], because: "the daemon ended while \(robot) was in somebody's hand",
                at: now)
        }
        keepStations(at: now)
    }

    private mutating func callForALook(at record: StationRecord, at now: Moment) {
        let id = "station-unknown:\(record.station)"
        guard let doubt = stations.needsALook(record) else { return clearAlarm(id, at: now) }
        raiseAlarm(id, "nobody knows what stands at \(record.station): \(doubt)", at: now)
    }

    /// Why a sample cannot be taken just now.
    func sampleObjection(_ wish: SampleWish) -> StationBook.Objection? {
        guard let sampling = definition.sampling else { return nil }
        return stations.noRoom(at: sampling.robot.text) ?? stations.lack(at: sampling.supply)
            ?? stations.noRoom(at: sampling.filler) ?? stations.noRoom(at: wish.to)
            ?? sampling.discard.flatMap { stations.noRoom(at: $0) }
    }

    /// A cuvette that was under way when the daemon ended may be anywhere between.
    mutating func takeOverStations(_ unfinished: [ExperimentRecord], hands: [String: String], at now: Moment) {
        takeOverCarried(hands, at: now)
        for record in stations.views where record.doubt != nil { callForALook(at: record, at: now) }
        guard let sampling = definition.sampling else { return }
        for record in unfinished where record.state == .measuring || record.state == .sampling {
            guard let sample = record.recipe.sample else { continue }
            let names =
                [sampling.supply, sampling.filler, sample.to, sampling.robot.text]
                + (sampling.discard.map { [$0] } ?? [])
            stations.doubt(names, because: "the daemon ended while \(record.experiment) took a sample", at: now)
        }
        keepStations(at: now)
    }

    // MARK: People's acts

    mutating func setStation(_ wish: StationWish, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard let record = stations.records[wish.station] else {
            let known = stations.order.isEmpty ? "this bench declares none" : stations.order.joined(separator: ", ")
            return refuse(
                token, "unknown_station", "no station \"\(wish.station.prefix(64))\" on this bench",
                "stations are those of [stations] in the bench file, and the grippers of its robots: \(known)")
        }
        guard (0...record.holds).contains(wish.cuvettes) else {
            return refuse(
                token, "out_of_range", "cuvettes is \(wish.cuvettes), \(record.station) holds 0 to \(record.holds)",
                "give what stands there now; nothing was recorded")
        }
        if let robot = stations.mover(at: record.station) {
            return refuse(
                token, "device_busy", "\(robot) moves something at \(record.station) just now",
                "wait until the move has ended, and look then")
        }
        if let archiveTrouble {
            return answer(
                token,
                .refused(
                    ControlError(
                        kind: "archive_unavailable", detail: archiveTrouble,
                        hint: "make room on its disk, and say it again; nothing was recorded")))
        }
        if let run = active?.run, run.plan.sample != nil {
            return refuse(
                token, "device_busy", "\(active?.record.experiment ?? "") takes a sample, and counts on its stations",
                "wait until it has ended, or cancel it")
        }
        stations.set(wish.station, cuvettes: wish.cuvettes, sample: wish.sample, at: now)
        keepStations(at: now)
        let note = wish.note.map { ", \($0)" } ?? ""
        audit("stations.set", "\(wish.station): \(wish.cuvettes) cuvettes\(note)", "recorded", caller, at: now)
        outbox.reply(token, .station(stations.records[wish.station] ?? record))
    }
}

/// A person has looked at a station.
public struct StationWish: Hashable, Sendable, Codable {
    public var station: String
    public var cuvettes: Int
    /// The experiment whose sample stands there.
    public var sample: String?
    public var note: String?

    public init(station: String, cuvettes: Int, sample: String?, note: String?) {
        self.station = station
        self.cuvettes = cuvettes
        self.sample = sample
        self.note = note
    }
}
