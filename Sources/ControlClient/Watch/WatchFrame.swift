import ControlAPI
import Experiments
import Quantities

/// One frame of the live screen: what a technician needs first stands first, in words.
public struct WatchFrame: Sendable {
    /// How a line is shown where there are colours.
    public enum Style: Sendable {
        case plain, heading, good, warning, alarm
    }

    public struct Line: Hashable, Sendable {
        public let text: String
        public let style: Style
    }

    /// Narrower than this nothing is shown that anybody could read.
    public static let leastWidth = 20
    /// Room for the trace of a signal.
    static let traceWidth = 40

    let watch: BenchWatch
    let now: WallInstant
    let width: Int
    let isUnicode: Bool
    private(set) var lines: [Line] = []

    /// Events where the number of lines does not limit them.
    static let unlimitedEvents = 12

    /// - Parameter height: lines at most; 0: as many as there are.
    public static func lines(
        of watch: BenchWatch, at now: WallInstant, width: Int, height: Int, isUnicode: Bool
    ) -> [Line] {
        var frame = WatchFrame(watch: watch, now: now, width: max(leastWidth, width), isUnicode: isUnicode)
        frame.build()
        let top = height > 0 ? frame.lines.prefix(height) : frame.lines[...]
        frame.lines = Array(top)
        frame.addEvents(room: height > 0 ? height - top.count : unlimitedEvents + 1)
        return frame.lines
    }

    private init(watch: BenchWatch, now: WallInstant, width: Int, isUnicode: Bool) {
        self.watch = watch
        self.now = now
        self.width = width
        self.isUnicode = isUnicode
    }

    private mutating func build() {
        addHeadline()
        addAlarms()
        addExperiment()
        addQueue()
        addPumps()
        addSignals()
    }

    // MARK: Lines

    mutating func add(_ text: String, _ style: Style = .plain) {
        lines.append(Line(text: cut(text, to: width), style: style))
    }

    /// Words over several lines, the following ones indented.
    mutating func addWrapped(_ text: String, _ style: Style) {
        var line = ""
        for word in Terminal.clean(text).split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                add(line, style)
                line = "   "
            }
            line += (line.isEmpty || line == "   " ? "" : " ") + word
        }
        add(line, style)
    }

    private func cut(_ text: String, to width: Int) -> String {
        let text = Terminal.clean(text)
        return text.count > width ? text.prefix(width - 1) + (isUnicode ? "…" : ">") : text
    }

    /// `02:40:27 (4 min ago)` of an RFC 3339 time.
    func since(_ time: String) -> String {
        guard let instant = TimeText.instant(time) else { return time }
        return "\(BenchWatch.clock(time)) UTC (\(Show.duration((now - instant).seconds)) ago)"
    }

    // MARK: The top

    private mutating func addHeadline() {
        if let absence = watch.absence {
            addWrapped(
                "NO DAEMON since \(since(absence.since.rfc3339)): \(absence.why). What stands below is what it last said.",
                .alarm)
            addWrapped(
                "now: look at the bench itself; pumps end their finite volumes, a heater keeps its set point. Then "
                    + "read the journal of flowlabd and start it again.", .alarm)
        }
        guard let status = watch.status else { return add("waiting for the daemon's first answer", .warning) }
        addState(of: status)
        for notice in watch.notices(at: now) {
            addWrapped("\(notice.text), \(since(notice.at.rfc3339))", notice.isBad ? .warning : .plain)
        }
        let devices = status.devices.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let name = status.bench + (status.simulated ? " (simulated)" : "")
        add(
            "bench \(name), \(BenchWatch.clock(status.time)) UTC, daemon up \(Show.duration(status.uptimeS)), "
                + "devices: \(devices)")
    }

    private mutating func addState(of status: SystemStatus.Result) {
        switch status.state {
        case "tripped":
            for latch in status.latchedInterlocks {
                addWrapped("TRIPPED: \(latch.interlock): \(latch.cause), since \(since(latch.time))", .alarm)
                addWrapped("now: \(latch.response) Then: flowlabctl interlocks reset \(latch.interlock)", .alarm)
            }
        case "held": addWrapped("HELD: nothing is started: \(status.heldBecause ?? "no reason given")", .warning)
        case "running":
            let running = status.running
            let left = "about \(Show.duration(running?.remainingS)) left (bench time)"
            addWrapped("RUNNING: \(running?.experiment ?? "?") is \(running?.state.rawValue ?? "?"), \(left)", .good)
        case "maintenance":
            addWrapped("MAINTENANCE: nothing is started until flowlabctl maintenance exit", .warning)
        case "idle" where !status.queue.isEmpty:
            addWrapped("IDLE: what waits is held; flowlabctl release EXPERIMENT lets it go on", .warning)
        default: add("IDLE: nothing runs, nothing waits", .good)
        }
        if let one = status.maintenance {
            let until = "\(BenchWatch.clock(one.until)) UTC"
            let begun = one.state == "over" ? "RAN OUT at \(until)" : "until \(until)"
            let words = one.state == "waiting" ? "begins when what runs has ended" : begun
            addWrapped("maintenance by \(one.person), \(words): \(one.reason)", .warning)
        }
        for lease in status.leases {
            addWrapped("in the hand of \(lease.person): \(lease.devices.joined(separator: ", "))", .warning)
        }
        if status.state != "held", status.maintenance == nil, let held = status.heldBecause {
            addWrapped("the queue waits: \(held)", .warning)
        }
    }

    private mutating func addAlarms() {
        for alarm in watch.status?.alarms ?? [] {
            addWrapped("ALARM \(alarm.id): \(alarm.text), since \(since(alarm.since))", .warning)
        }
        for device in watch.troubledDevices {
            addWrapped("\(device.device) is \(device.state): \(device.detail ?? "no detail")", .warning)
        }
    }

    // MARK: The end

    private mutating func addEvents(room: Int) {
        let shown = watch.events.suffix(max(0, room - 1))
        guard !shown.isEmpty else { return }
        add("last events (UTC)", .heading)
        for event in shown { add(event.text, event.isBad ? .warning : .plain) }
    }
}
