import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Maintenance: the bench belongs to a person until they give it back.
struct Maintenance: Sendable {
    private(set) var record: MaintenanceRecord
    private(set) var ends: WireInstant
    private let span: WireDuration
    /// The plate is told to go off, and its time counts.
    private(set) var hasBegun = false
    /// Told that all stands, and people may reach in.
    var isToldOn = false
    var isOver = false

    init(_ record: MaintenanceRecord, at now: Moment) {
        self.record = record
        span = .init(nanoseconds: max(0, (record.until - now.wall).nanoseconds))
        ends = now.wire + span
    }

    /// What ran has ended: the time that was asked for begins.
    mutating func begin(at now: Moment) {
        hasBegun = true
        ends = now.wire + span
        record = MaintenanceRecord(
            person: record.person, reason: record.reason, uid: record.uid, since: record.since,
            until: now.wall + WallDuration(nanoseconds: span.nanoseconds))
    }

    /// Why nothing is started.
    var text: String {
        isOver
            ? "the maintenance of \(record.person) ran out at \(record.until.rfc3339) and nobody has ended it "
                + "(\(record.reason)); see that nobody works at the bench, then end it: flowlabctl maintenance exit"
            : "maintenance by \(record.person) until \(record.until.rfc3339): \(record.reason)"
    }
}

extension BenchController {
    static let maintenanceOver = "maintenance-over"

    mutating func enterMaintenance(
        _ person: String, _ reason: String, _ span: WireDuration, _ takesOver: Bool, _ caller: Caller,
        _ token: RequestToken, at now: Moment
    ) {
        if let other = maintenance?.record, other.person != person, !takesOver {
            return refuse(
                token, "in_maintenance",
                "the bench is in maintenance by \(other.person) until \(other.until.rfc3339): \(other.reason)",
                "ask \(other.person); take_over takes the bench from them, and --take-over of flowlabctl does")
        }
        let known = maintenance.flatMap { $0.record.person == person ? $0.record.since : nil }
        let record = MaintenanceRecord(
            person: person, reason: reason, uid: caller.uid, since: known ?? now.wall,
            until: now.wall + .init(nanoseconds: span.nanoseconds))
        maintenance = Maintenance(record, at: now)
        clearAlarm(Self.maintenanceOver, at: now)
        outbox.write(.maintenance(record))
        audit("maintenance.enter", "\(person) for \(span.seconds) s: \(reason)", "entered", caller, at: now)
        beginMaintenance(at: now)
        if maintenance?.isToldOn != true { publishMaintenance(at: now) }
        if let view = maintenanceView { outbox.reply(token, .maintenance(view)) }
    }

    mutating func exitMaintenance(_ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard let view = maintenanceView else {
            return refuse(token, "not_in_maintenance", "no maintenance is on", "see system.status")
        }
        audit("maintenance.exit", "of \(view.record.person)", "ended", caller, at: now)
        // Who ends it knows of it.
        tell((try? alarms.acknowledge(Self.maintenanceOver, by: caller.uid, at: now)) ?? [], at: now)
        clearAlarm(Self.maintenanceOver, at: now)
        endMaintenance("ended by uid \(caller.uid)", at: now)
        outbox.reply(token, .maintenance(view))
    }

    private mutating func endMaintenance(_ why: String, at now: Moment) {
        guard let record = maintenance?.record else { return }
        maintenance = nil
        outbox.write(.maintenance(nil))
        outbox.publish("maintenance", EventData.maintenance(record, why), at: now)
        idleSince = now.bench
    }

    private mutating func publishMaintenance(at now: Moment) {
        guard let view = maintenanceView else { return }
        outbox.publish("maintenance", EventData.maintenance(view.record, view.state.rawValue), at: now)
    }

    /// Once nothing runs any more: a hot plate is nothing to reach over.
    mutating func beginMaintenance(at now: Moment) {
        guard let current = maintenance, active == nil, flush == nil, winding.isEmpty else { return }
        if !current.hasBegun {
            maintenance?.begin(at: now)
            if let record = maintenance?.record { outbox.write(.maintenance(record)) }
            let heating = definition.procedure.heating.filter {
                manual.moved[$0] == nil && core.state(of: $0) == .ready
            }
            stopMoved(heating, at: now)
        }
        guard winding.isEmpty, maintenance?.isToldOn == false else { return }
        maintenance?.isToldOn = true
        publishMaintenance(at: now)
    }

    /// Its time has run out.
    mutating func expireMaintenance(at now: Moment) {
        guard let current = maintenance, current.hasBegun, !current.isOver, current.ends <= now.wire else { return }
        guard definition.maintenance.onExpiry == .hold else { return endMaintenance("its time is over", at: now) }
        maintenance?.isOver = true
        let record = current.record
        let text =
            "the maintenance of \(record.person) (\(record.reason)) ran out at \(record.until.rfc3339), and nobody has ended it"
        raiseAlarm(Self.maintenanceOver, text, at: now)
        publishMaintenance(at: now)
    }

    var maintenanceView: MaintenanceView? {
        guard let current = maintenance else { return nil }
        let isQuiet = current.hasBegun && active == nil && flush == nil && winding.isEmpty
        return MaintenanceView(
            state: current.isOver ? .over : isQuiet ? .on : .waiting, record: current.record,
            running: active?.record.experiment)
    }
}
