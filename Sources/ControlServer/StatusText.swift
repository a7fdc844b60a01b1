import ControlAPI

/// `system.status` as JSON: every screen and script asks it once a second or more, so that what it always has is written
/// member by member, and what stands there when something is the matter as its shape. A test holds it against what
/// `Encodable` writes.
public enum StatusText {
    public static func json(_ status: SystemStatus.Result) throws(EncodedJSON.EncodingFailure) -> EncodedJSON {
        var json = JSONWriter()
        json.beginObject()
        json.name("alarms")
        json.value(try EncodedJSON(status.alarms))
        json.name("bench")
        json.value(status.bench)
        write(status.devices, to: &json)
        json.name("held")
        write(status.held, to: &json)
        json.name("held_because")
        json.value(status.heldBecause)
        json.name("latched_interlocks")
        json.value(try EncodedJSON(status.latchedInterlocks))
        json.name("leases")
        json.value(try EncodedJSON(status.leases))
        json.name("maintenance")
        json.value(try EncodedJSON(status.maintenance))
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

    private static func write(_ devices: [String: Int], to json: inout JSONWriter) {
        json.name("devices")
        json.beginObject()
        for (state, count) in devices.sorted(by: { $0.key < $1.key }) {
            json.name(state)
            json.value(count)
        }
        json.endObject()
    }

    private static func write(_ texts: [String], to json: inout JSONWriter) {
        json.beginArray()
        for text in texts {
            json.element()
            json.value(text)
        }
        json.endArray()
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
