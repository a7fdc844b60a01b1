import Experiments
import Wire

extension JournalEntry {
    /// What the journal says of an event; nil where it says nothing, or where another event says the same.
    public init?(_ event: BenchEvent) {
        let words = EventWords(event.data)
        switch event.topic {
        case "experiments": self.init(experiment: words)
        case "devices": self.init(device: words)
        case "interlocks": self.init(interlock: words)
        case "alarms": self.init(alarm: words)
        case "maintenance": self.init(maintenance: words)
        default: return nil
        }
    }

    private init?(experiment words: EventWords) {
        guard let name = words["experiment"], let state = words["state"] else { return nil }
        let isBad = words["error"] != nil
        self.init(
            isBad ? .warning : .info, "experiments", "\(name) \(state)" + words.after("cause"), .experiment,
            [.experiment: name, .campaign: words["campaign"], .kind: words["error"] ?? state])
    }

    private init?(device words: EventWords) {
        if let flushes = words.flag("flush") {
            let text = flushes ? "the line is flushed with solvent" : "the line is no longer flushed"
            self.init(.info, "devices", text, .device, [.kind: flushes ? "flushing" : "flushed"])
            return
        }
        guard let device = words["device"] else { return nil }
        if let isSafe = words.flag("safe") {
            let kind = isSafe ? "stopped" : "found-running"
            self.init(
                isSafe ? .info : .warning, "devices", "\(device)" + words.after("read_back"),
                isSafe ? .device : .foundRunning, [.device: device, .kind: kind])
            return
        }
        guard let state = words["state"] else { return nil }
        let isLost = state == "offline" || state == "faulted"
        let priority: Priority = isLost ? .warning : state == "ready" ? .info : .debug
        self.init(
            priority, "devices", "\(device) is \(state)" + words.after("detail"), isLost ? .deviceLost : .device,
            [.device: device, .kind: state])
    }

    private init?(interlock words: EventWords) {
        guard let interlock = words["interlock"] else {
            guard let device = words["device"] else { return nil }
            self.init(
                .info, "interlocks", "\(device) has shown its safe state" + words.after("read_back"), .safeShown,
                [.device: device, .kind: "safe"])
            return
        }
        let fields: [Field: String?] = [.interlock: interlock, .kind: words["state"], .person: words["person"]]
        switch words["state"] {
        case "latched":
            self.init(.error, "interlocks", "TRIP \(interlock)" + words.after("cause"), .tripped, fields)
        case "bypassed":
            let until = words["until"] ?? ""
            let text = "\(interlock) is out of service until \(until), by \(words["person"] ?? "")"
            self.init(.warning, "interlocks", text + words.after("reason"), .bypass, fields)
        case "restored": self.init(.notice, "interlocks", "\(interlock) is in service again", .bypass, fields)
        default: self.init(.notice, "interlocks", "\(interlock)" + words.after("cause"), .reset, fields)
        }
    }

    /// A trip is told as such, and a device that is lost as well: their alarms would only say it again.
    private init?(alarm words: EventWords) {
        guard let alarm = words["alarm"], let change = words["change"] else { return nil }
        if alarm.hasPrefix("interlock:") || alarm.hasPrefix("device:") { return nil }
        let fields: [Field: String?] = [
            .alarm: alarm, .kind: change, .device: alarm.hasPrefix("unproven:") ? alarm.afterColon : nil,
        ]
        guard words.flag("active") == true else {
            self.init(.info, "alarms", "\(alarm) is over", .alarmOver, fields)
            return
        }
        let priority: Priority =
            switch words["priority"] {
            case "critical": .critical
            case "high": .error
            case "medium": .warning
            default: .notice
            }
        let isNew = change == "raised"
        let text = isNew ? "\(alarm)" + words.after("text") : "\(alarm) \(change)" + words.after("text")
        self.init(isNew ? priority : .info, "alarms", text, .alarm, fields)
    }

    private init?(maintenance words: EventWords) {
        let person = words["person"]
        if let lease = words["lease"] {
            let devices = words.list("devices").joined(separator: ", ")
            let text = "\(lease) of \(person ?? "") (\(devices)): \(words["change"] ?? "")"
            self.init(
                .notice, "maintenance", text + words.after("reason"), .maintenance,
                [.person: person, .kind: words["change"]])
        } else if let state = words["maintenance"] {
            self.init(
                state == "over" ? .warning : .notice, "maintenance",
                "maintenance \(state), by \(person ?? "")" + words.after("reason"), .maintenance,
                [.person: person, .kind: state])
        } else if let pump = words["calibrated"] {
            self.init(
                .notice, "maintenance", "\(pump) was calibrated by \(person ?? "")", .maintenance,
                [.device: pump, .person: person, .kind: "calibrated"])
        } else {
            return nil
        }
    }
}

extension String {
    fileprivate var afterColon: String { String(split(separator: ":", maxSplits: 1).last ?? "") }
}

/// The members of an event's data.
private struct EventWords {
    private let data: JSONValue
    init(_ data: JSONValue) { self.data = data }

    subscript(member: String) -> String? { data[member]?.text }

    func flag(_ member: String) -> Bool? {
        guard case .bool(let value)? = data[member] else { return nil }
        return value
    }

    func list(_ member: String) -> [String] {
        guard case .array(let values)? = data[member] else { return [] }
        return values.compactMap(\.text)
    }

    /// `: text`, or nothing.
    func after(_ member: String) -> String { self[member].map { $0.isEmpty ? "" : ": \($0)" } ?? "" }
}
