import ControlAPI

/// `system.status` as JSON, member by member: every screen and script asks it once a second or more. A test holds it
/// against what `Encodable` writes.
public enum StatusText {
    public static func json(_ status: SystemStatus.Result) -> EncodedJSON {
        var json = JSONWriter()
        json.beginObject()
        write(status.alarms, to: &json)
        json.name("bench")
        json.value(status.bench)
        write(status.devices, to: &json)
        json.name("held")
        write(status.held, to: &json)
        json.name("held_because")
        json.value(status.heldBecause)
        write(status.latchedInterlocks, to: &json)
        json.name("leases")
        json.beginArray()
        for lease in status.leases { write(lease, to: &json) }
        json.endArray()
        json.name("maintenance")
        if let maintenance = status.maintenance { write(maintenance, to: &json) } else { json.null() }
        json.name("queue")
        write(status.queue, to: &json)
        json.name("running")
        if let running = status.running { write(running, to: &json) } else { json.null() }
        json.name("simulated")
        json.value(status.simulated)
        json.name("state")
        json.value(status.state)
        json.name("time")
        json.value(status.time)
        json.name("unacknowledged")
        json.value(status.unacknowledged)
        json.name("uptime_s")
        json.value(status.uptimeS)
        json.endObject()
        return json.encoded
    }

    private static func write(_ alarms: [SystemStatus.Alarm], to json: inout JSONWriter) {
        json.name("alarms")
        json.beginArray()
        for alarm in alarms {
            json.element()
            json.beginObject()
            json.name("id")
            json.value(alarm.id)
            json.name("priority")
            json.value(alarm.priority)
            json.name("since")
            json.value(alarm.since)
            json.name("state")
            json.value(alarm.state)
            json.name("text")
            json.value(alarm.text)
            json.endObject()
        }
        json.endArray()
    }

    private static func write(_ devices: [String: Int], to json: inout JSONWriter) {
        json.name("devices")
        json.beginObject()
        for (state, count) in devices.sorted(by: { $0.key < $1.key }) {
            json.name(state)
            json.value(count)
        }
        json.endObject()
    }

    private static func write(_ latches: [InterlockLatch], to json: inout JSONWriter) {
        json.name("latched_interlocks")
        json.beginArray()
        for latch in latches {
            json.element()
            json.beginObject()
            json.name("cause")
            json.value(latch.cause)
            json.name("effects")
            write(latch.effects, to: &json)
            json.name("first_out")
            json.value(latch.isFirstOut)
            json.name("interlock")
            json.value(latch.interlock)
            json.name("response")
            json.value(latch.response)
            json.name("time")
            json.value(latch.time)
            json.endObject()
        }
        json.endArray()
    }

    private static func write(_ texts: [String], to json: inout JSONWriter) {
        json.beginArray()
        for text in texts {
            json.element()
            json.value(text)
        }
        json.endArray()
    }

    private static func write(_ lease: LeaseShape, to json: inout JSONWriter) {
        json.element()
        json.beginObject()
        json.name("devices")
        write(lease.devices, to: &json)
        json.name("lease")
        json.value(lease.lease)
        json.name("person")
        json.value(lease.person)
        json.name("pid")
        json.value(Int(lease.pid))
        json.name("reason")
        json.value(lease.reason)
        json.name("since")
        json.value(lease.since)
        json.name("uid")
        json.value(Int(lease.uid))
        json.name("until")
        json.value(lease.until)
        json.endObject()
    }

    private static func write(_ maintenance: MaintenanceShape, to json: inout JSONWriter) {
        json.beginObject()
        json.name("person")
        json.value(maintenance.person)
        json.name("reason")
        json.value(maintenance.reason)
        json.name("running")
        json.value(maintenance.running)
        json.name("since")
        json.value(maintenance.since)
        json.name("state")
        json.value(maintenance.state)
        json.name("uid")
        json.value(Int(maintenance.uid))
        json.name("until")
        json.value(maintenance.until)
        json.endObject()
    }

    private static func write(_ running: SystemStatus.Running, to json: inout JSONWriter) {
        json.beginObject()
        json.name("experiment")
        json.value(running.experiment)
        json.name("in_state_s")
        json.value(running.inStateS)
        json.name("remaining_s")
        json.value(running.remainingS)
        json.name("required_tau")
        json.value(running.requiredTau)
        json.name("residence_time_s")
        json.value(running.residenceTimeS)
        json.name("state")
        json.value(running.state.rawValue)
        json.name("state_deadline_s")
        json.value(running.stateDeadlineS)
        json.name("swept_tau")
        json.value(running.sweptTau)
        json.endObject()
    }
}
