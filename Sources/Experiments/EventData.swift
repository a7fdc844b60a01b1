import DeviceModel
import Interlocks
import Quantities
import Wire

/// A member of an event's data.
enum EventValue: Sendable {
    case text(String)
    case optional(String?)
    case flag(Bool)
    case texts([String])

    var json: JSONValue {
        switch self {
        case .text(let value): .string(value)
        case .optional(let value): value.map(JSONValue.string) ?? .null
        case .flag(let value): .bool(value)
        case .texts(let values): .array(values.map(JSONValue.string))
        }
    }
}

/// The data of each event, in one place: the shapes are documented in `docs/api.md`.
enum EventData {
    static func experiment(_ record: ExperimentRecord, cause: String) -> [String: EventValue] {
        [
            "experiment": .text(record.experiment), "state": .text(record.state.rawValue), "cause": .text(cause),
            "error": .optional(record.error?.kind), "campaign": .optional(record.campaign),
        ]
    }

    static func device(_ name: DeviceName, _ state: DeviceState) -> [String: EventValue] {
        ["device": .text(name.text), "state": .text(state.word), "detail": .optional(state.detail)]
    }

    static func bypass(_ bypass: Bypass, isOn: Bool) -> [String: EventValue] {
        let state = isOn ? InterlockState.bypassed.rawValue : "restored"
        return [
            "interlock": .text(bypass.interlock.text), "state": .text(state), "person": .text(bypass.person),
            "reason": .text(bypass.reason), "until": .text(bypass.until.rfc3339),
        ]
    }

    static func latch(_ latch: Latch) -> [String: EventValue] {
        [
            "interlock": .text(latch.interlock.text), "state": .text(InterlockState.latched.rawValue),
            "cause": .text(latch.cause), "first_out": .flag(latch.isFirstOut),
            "effects": .texts(latch.effects.map(\.rawValue)),
        ]
    }

    static func station(_ record: StationRecord) -> [String: EventValue] {
        [
            "station": .text(record.station), "kind": .text(record.kind.rawValue),
            "cuvettes": .text("\(record.cuvettes)"), "sample": .optional(record.sample),
            "doubt": .optional(record.doubt),
        ]
    }

    static func reset(_ latch: Latch, by caller: Caller) -> [String: EventValue] {
        [
            "interlock": .text(latch.interlock.text), "state": .text(InterlockState.armed.rawValue),
            "cause": .text("reset by uid \(caller.uid)"),
        ]
    }

    static func result(_ result: AnalyzerResult) -> [String: EventValue] {
        [
            "device": .text(result.device.text), "sample": .text(result.sample), "file": .text(result.file),
            "md5": .text(result.md5),
        ]
    }

    static func proof(_ device: DeviceName, isSafe: Bool, detail: String) -> [String: EventValue] {
        ["device": .text(device.text), "safe": .flag(isSafe), "read_back": .text(detail)]
    }

    static func flush(_ pumps: [DeviceName], isRunning: Bool) -> [String: EventValue] {
        ["flush": .flag(isRunning), "devices": .texts(pumps.map(\.text))]
    }

    static func lease(_ lease: Lease, _ change: String, stopped: [DeviceName] = []) -> [String: EventValue] {
        [
            "lease": .text(lease.lease), "change": .text(change), "devices": .texts(lease.devices.map(\.text)),
            "person": .text(lease.person), "reason": .text(lease.reason), "stopped": .texts(stopped.map(\.text)),
        ]
    }

    static func maintenance(_ record: MaintenanceRecord, _ state: String) -> [String: EventValue] {
        [
            "maintenance": .text(state), "person": .text(record.person), "reason": .text(record.reason),
            "until": .text(record.until.rfc3339),
        ]
    }

    static func calibration(_ pump: DeviceName, _ ratio: Double, by person: String) -> [String: EventValue] {
        ["calibrated": .text(pump.text), "measured_by_displaced": .text("\(ratio)"), "person": .text(person)]
    }

    static func alarm(_ change: AlarmChange) -> [String: EventValue] {
        [
            "alarm": .text(change.alarm.id), "change": .text(change.kind.rawValue),
            "active": .flag(change.alarm.isActive), "state": .text(change.alarm.state.rawValue),
            "priority": .text(change.alarm.priority.rawValue), "text": .text(change.alarm.text),
        ]
    }
}
