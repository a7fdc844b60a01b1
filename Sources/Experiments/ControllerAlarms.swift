import DeviceModel
import Interlocks
import Quantities

/// Alarms: what raises them, what people do with them, and who is told.
extension BenchController {
    mutating func raiseAlarm(_ id: String, _ text: String, at now: Moment) {
        tell(alarms.raise(id, text, at: now), at: now)
    }

    mutating func clearAlarm(_ id: String, at now: Moment) { tell(alarms.clear(id, at: now), at: now) }

    /// A trip is an alarm until it is reset.
    mutating func raiseAlarm(of latch: Latch, at now: Moment) {
        let response = core.response(to: latch.interlock)
        tell(
            alarms.raise(
                "interlock:\(latch.interlock)", latch.cause, response: response, isLatched: true, at: now), at: now)
    }

    mutating func tell(_ changes: [AlarmChange], at now: Moment) {
        for change in changes {
            outbox.write(.alarm(change.alarm, at: now))
            if change.kind == .unshelved { outbox.write(.shelfEnded(change.alarm.id)) }
            outbox.publish("alarms", EventData.alarm(change), at: now)
            if change.notifies { effects.append(.notify(change)) }
        }
    }

    /// What an earlier daemon left. A latch outlives its daemon, and so does its alarm with who acknowledged it.
    mutating func takeOver(_ old: [Alarm], _ shelves: [Alarm.Shelf], at now: Moment) {
        var standing = Set(core.latches.map { "interlock:\($0.interlock)" })
        standing.insert(Self.failures)
        for alarm in alarms.restore(old, shelves, standing: standing, at: now) {
            outbox.write(.alarm(alarm, at: now))
        }
        for shelf in shelves where !alarms.shelved.contains(shelf) { outbox.write(.shelfEnded(shelf.alarm)) }
        for latch in core.latches { raiseAlarm(of: latch, at: now) }
    }

    // MARK: What people ask

    mutating func acknowledge(_ id: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        do throws(AlarmRefusal) {
            tell(try alarms.acknowledge(id, by: caller.uid, at: now), at: now)
            if id == Self.failures { forgiveFailures(at: now) }
            audit("alarms.acknowledge", id, "acknowledged", caller, at: now)
            outbox.reply(token, .alarmAcknowledged(id))
        } catch {
            refuse(token, error.kind, error.text, error.hint)
        }
    }

    mutating func shelve(
        _ id: String, _ person: String, _ reason: String, _ span: WireDuration, _ caller: Caller,
        _ token: RequestToken, at now: Moment
    ) {
        let until = now.wall + .init(nanoseconds: span.nanoseconds)
        let shelf = Alarm.Shelf(alarm: id, person: person, reason: reason, until: until)
        do throws(AlarmRefusal) {
            tell(try alarms.shelve(shelf, for: span, at: now), at: now)
            outbox.write(.shelfSet(shelf))
            audit("alarms.shelve", "\(id) by \(person) for \(span.seconds) s: \(reason)", "shelved", caller, at: now)
            outbox.reply(token, .alarmShelved(id, until: until))
        } catch {
            refuse(token, error.kind, error.text, error.hint)
        }
    }

    mutating func unshelve(_ id: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        do throws(AlarmRefusal) {
            tell(try alarms.unshelve(id), at: now)
            outbox.write(.shelfEnded(id))
            audit("alarms.unshelve", id, "unshelved", caller, at: now)
            outbox.reply(token, .alarmUnshelved(id))
        } catch {
            refuse(token, error.kind, error.text, error.hint)
        }
    }
}
