import ControlAPI
import Experiments
import Quantities
import Wire

/// What a live screen knows of a bench: the last answers of the daemon, what was seen of some signals, the last events,
/// and since when nobody answers.
public struct BenchWatch: Sendable {
    /// Values that are kept of a signal.
    static let traceLength = 240
    static let keptEvents = 100
    /// How long a notice stays at the top, and how many there are at most.
    public static let noticeSpan = WallDuration.seconds(120)
    static let keptNotices = 3

    /// The daemon does not answer.
    public struct Absence: Hashable, Sendable {
        public let since: WallInstant
        public let why: String

        public init(since: WallInstant, why: String) {
            self.since = since
            self.why = why
        }
    }

    public var status: SystemStatus.Result?
    public var reagents: ReagentsList.Result?
    /// Those that are not ready.
    public var troubledDevices: [DeviceEntry] = []
    /// The experiment that runs.
    public var experiment: ExperimentRecord?
    public var absence: Absence?
    public private(set) var readings: [String: SignalValue] = [:]
    /// By signal; one value a look, of features one a burst.
    private(set) var traces: [String: [Double?]] = [:]
    private(set) var events: [(text: String, isBad: Bool)] = []
    private var allNotices: [(text: String, isBad: Bool, at: WallInstant)] = []

    public init() {}

    public mutating func take(_ new: [String: SignalValue]) {
        for (name, reading) in new where Self.isTraced(name) {
            if Self.isFeature(name), readings[name]?.time == reading.time { continue }
            traces[name, default: []].append(reading.value)
            if traces[name, default: []].count > Self.traceLength { traces[name]?.removeFirst() }
        }
        readings = new
    }

    private static func isFeature(_ name: String) -> Bool { name.hasSuffix(".pl_peak") || name.hasSuffix(".abs_300") }

    private static func isTraced(_ name: String) -> Bool {
        isFeature(name) || name.hasPrefix("heater.") && name.hasSuffix(".temperature")
    }

    /// The signals of which a trace is kept.
    public var tracedSignals: [String] { readings.keys.filter(Self.isTraced).sorted() }

    var heaters: [String] { tracedSignals.filter { !Self.isFeature($0) } }

    /// What a signal was before this screen looked at it.
    public mutating func take(history: [Double?], of signal: String) {
        traces[signal] = (history + (traces[signal] ?? [])).suffix(Self.traceLength)
    }

    // MARK: Events

    public mutating func take(_ event: DaemonConnection.Event) {
        let (text, isBad) = Self.words(of: event)
        note("\(Self.clock(event.time)) \(text)", isBad: isBad)
    }

    public mutating func note(_ text: String, isBad: Bool) {
        events.append((text, isBad))
        if events.count > Self.keptEvents { events.removeFirst() }
    }

    /// What became of the connection. It stands among the events, and at the top for a while: a daemon that was started
    /// anew says so much of its devices that no event of before stays on a short screen.
    public mutating func notice(_ text: String, isBad: Bool, at now: WallInstant) {
        note("\(Self.clock(now.rfc3339)) \(text)", isBad: isBad)
        allNotices.append((text, isBad, now))
        if allNotices.count > Self.keptNotices { allNotices.removeFirst() }
    }

    /// Those that still stand at the top.
    func notices(at now: WallInstant) -> [(text: String, isBad: Bool, at: WallInstant)] {
        allNotices.filter { now - $0.at < Self.noticeSpan }
    }

    /// `02:40:27` of an RFC 3339 time.
    static func clock(_ time: String) -> String { String(time.dropFirst(11).prefix(8)) }

    private static func words(of event: DaemonConnection.Event) -> (String, Bool) {
        let data = event.data
        func text(_ member: String) -> String { data[member]?.text ?? "" }
        switch event.topic {
        case "experiments":
            return ("\(text("experiment")) \(text("state")): \(text("cause"))", data["error"]?.text != nil)
        case "devices" where data["state"]?.text != nil:
            let detail = text("detail").isEmpty ? "" : ": \(text("detail"))"
            return ("\(text("device")) is \(text("state"))\(detail)", ["offline", "faulted"].contains(text("state")))
        case "devices" where data["flush"] != nil:
            return (data["flush"] == .bool(true) ? "the line is being flushed" : "the line is flushed", false)
        case "devices": return ("\(text("device")): \(text("read_back"))", true)
        case "interlocks" where data["interlock"] != nil:
            switch text("state") {
            case "latched": return ("TRIP \(text("interlock")): \(text("cause"))", true)
            case "bypassed": return ("\(text("interlock")) is out of service: \(text("reason"))", true)
            case "restored": return ("\(text("interlock")) is in service again", false)
            default: return ("reset \(text("interlock")): \(text("cause"))", false)
            }
        case "interlocks": return ("\(text("device")) shows its safe state: \(text("read_back"))", false)
        case "alarms":
            let isActive = data["active"] == .bool(true)
            return ("\(isActive ? "ALARM" : "over:") \(text("alarm")): \(text("text"))", isActive)
        case "maintenance" where data["lease"] != nil:
            var devices: [String] = []
            if case .array(let names)? = data["devices"] { devices = names.compactMap(\.text) }
            let words = "\(text("lease")) of \(text("person")) (\(devices.joined(separator: ", "))): \(text("change"))"
            return (words, !["acquired", "released"].contains(text("change")))
        case "maintenance" where data["maintenance"] != nil:
            return ("maintenance by \(text("person")): \(text("maintenance"))", text("maintenance") == "over")
        case "maintenance": return ("\(text("calibrated")) was calibrated by \(text("person"))", false)
        case "stations":
            let sample = text("sample").isEmpty ? "" : ", the sample of \(text("sample"))"
            let doubt = text("doubt")
            let words = "\(text("station")): \(text("cuvettes")) of \(text("holds")) cuvettes\(sample)"
            // Until its end is seen each move is in doubt; an alarm says when somebody has to look.
            return ("\(words)\(doubt.isEmpty ? "" : "; \(doubt)")", false)
        case "gap": return ("events were missed", true)
        default: return ("\(event.topic) \(data.jsonText)", false)
        }
    }
}
