import ControlAPI
import ControlClient
import DeviceModel
import Experiments
import Quantities
import Testing
import Wire

/// The live screen, frame by frame.
@Suite struct WatchTests {
    private static let now = Sample.moment(100).wall

    private static func reading(_ value: Double, _ unit: Unit, at seconds: Double = 99) -> SignalValue {
        SignalValue(
            value: value, unit: unit, quality: .good, ageS: 1, time: Sample.moment(seconds).wall.rfc3339, benchS: 1)
    }

    private static func status(
        _ state: String, running: SystemStatus.Running? = nil, held: String? = nil,
        alarms: [SystemStatus.Alarm] = [], latches: [InterlockLatch] = [],
        queue: [String] = ["e-000043", "e-000044"]
    ) -> SystemStatus.Result {
        SystemStatus.Result(
            bench: "test", simulated: true, state: state, time: now.rfc3339, uptimeS: 4000, running: running,
            queue: queue, held: ["e-000044"], heldBecause: held, alarms: alarms, unacknowledged: alarms.count,
            latchedInterlocks: latches,
            devices: ["ready": 11])
    }

    private static let running = SystemStatus.Running(
        experiment: "e-000042", state: .settling, inStateS: 35, stateDeadlineS: 150, sweptTau: 0.6, requiredTau: 1.2,
        residenceTimeS: 94, remainingS: 200)

    private static func busy() -> BenchWatch {
        var watch = BenchWatch()
        watch.status = status("running", running: running)
        watch.experiment = Sample.record(42, .settling, campaign: "c-000001")
        for second in 0..<30 {
            watch.take([
                "heater.temperature": reading(130 + Double(second), .celsius),
                "heater.temperature.set_point": reading(160, .celsius),
                "pump.cui.flow": reading(80, .microlitersPerMinute),
                "pump.cui.flow.set_point": reading(80, .microlitersPerMinute),
                "spectrometer.spec_pl.pl_peak": reading(Double(second / 10), .counts, at: Double(second / 10)),
            ])
        }
        return watch
    }

    private static func frame(
        _ watch: BenchWatch, width: Int = 100, height: Int = 0, isUnicode: Bool = true
    ) -> [WatchFrame.Line] {
        WatchFrame.lines(of: watch, at: now, width: width, height: height, isUnicode: isUnicode)
    }

    private static func text(_ lines: [WatchFrame.Line]) -> String { lines.map(\.text).joined(separator: "\n") }

    @Test func whatRunsAndHowFarItIs() {
        let lines = Self.frame(Self.busy())
        let text = Self.text(lines)
        #expect(lines[0].text.hasPrefix("RUNNING: e-000042 is settling, about 3 min 20 s left"))
        #expect(text.contains("heating → flowing → [SETTLING] → measuring → done"))
        #expect(text.contains("[############............] 0.60 of 1.20 tau, tau 94.0 s"))
        #expect(text.contains("plate     159.00 degC, set 160.00 degC, off by -1.00 K"))
        #expect(text.contains("queue: 2 wait: e-000043 e-000044 (held)"))
        #expect(text.contains("campaign c-000001"))
    }

    /// A feature has one value a burst, however often one looks; a temperature one a look.
    @Test func tracesAreOfWhatWasMeasured() {
        let text = Self.text(Self.frame(Self.busy(), width: 120))
        #expect(text.contains("▁▅█"))
        #expect(text.contains("▁▁▁▁▂▂▂▂▃▃▃▄▄▄▄▅▅▅▅▆▆▆▇▇▇▇████"))
    }

    @Test func aTripStandsFirstWithWhatToDo() {
        let latch = InterlockLatch(
            interlock: "plate-over-temperature", cause: "171.3 degC is above 165", time: Sample.moment(40).wall.rfc3339,
            isFirstOut: true, effects: [], response: "Let the plate cool.")
        var watch = Self.busy()
        watch.status = Self.status("tripped", held: "an interlock is latched", latches: [latch])
        let lines = Self.frame(watch)
        #expect(lines[0].style == .alarm && lines[0].text.hasPrefix("TRIPPED: plate-over-temperature: 171.3 degC"))
        #expect(lines[0].text.contains("(60 s ago)"))
        #expect(lines[1].text.contains("Let the plate cool. Then: flowlabctl interlocks reset plate-over-temperature"))
    }

    @Test func alarmsAndHoldsAreSaidInWords() {
        var watch = Self.busy()
        let alarm = SystemStatus.Alarm(id: "device:cui", text: "cui is offline", since: Sample.moment(95).wall.rfc3339)
        watch.status = Self.status("held", held: "cui is offline", alarms: [alarm])
        let lines = Self.frame(watch)
        #expect(lines[0].text == "HELD: nothing is started: cui is offline" && lines[0].style == .warning)
        #expect(lines.contains { $0.style == .warning && $0.text.hasPrefix("ALARM device:cui: cui is offline") })
    }

    @Test func aLostDaemonIsSaidFirstAndTheLastIsStillShown() {
        var watch = Self.busy()
        watch.absence = .init(since: Sample.moment(55).wall, why: "nobody listens there")
        let lines = Self.frame(watch)
        #expect(lines[0].style == .alarm && lines[0].text.hasPrefix("NO DAEMON since "))
        #expect(Self.text(lines).contains("45 s ago") && Self.text(lines).contains("RUNNING: e-000042"))
    }

    /// Nor does anything that the new daemon says push it off a short screen; later it is an event like the others.
    @Test func aRestartOfTheDaemonStaysAtTheTopForAWhile() {
        var watch = Self.busy()
        watch.notice("the daemon was started anew", isBad: true, at: Sample.moment(95).wall)
        for number in 0..<200 { watch.note("event \(number)", isBad: false) }
        let top = Self.frame(watch, height: 24).prefix(2)
        #expect(top.last?.style == .warning)
        let clock = Sample.moment(95).wall.rfc3339.dropFirst(11).prefix(8)
        #expect(top.last?.text == "the daemon was started anew, \(clock) UTC (5.0 s ago)")
        let later = Sample.moment(95).wall + BenchWatch.noticeSpan
        let lines = WatchFrame.lines(of: watch, at: later, width: 100, height: 24, isUnicode: true)
        #expect(!Self.text(lines).contains("anew"))
    }

    @Test func anEmptyWatchIsAFrameToo() {
        #expect(Self.frame(BenchWatch())[0].text == "waiting for the daemon's first answer")
    }

    /// Every size is kept, and the top is what remains.
    @Test(arguments: [20, 40, 80, 200], [1, 5, 24, 60])
    func framesFitTheScreen(_ width: Int, _ height: Int) {
        var watch = Self.busy()
        for number in 0..<200 { watch.note("event \(number)", isBad: false) }
        let lines = Self.frame(watch, width: width, height: height)
        #expect(lines.count <= height && lines.allSatisfy { $0.text.count <= width })
        #expect(lines[0].text.hasPrefix("RUNNING"))
        if height == 60 { #expect(lines.count == 60 && lines.last?.text == "event 199") }
    }

    @Test func nothingFromTheDaemonMovesTheCursor() {
        var watch = Self.busy()
        watch.status = Self.status("held", held: "\u{1B}[2J\u{9B}x\nnew line")
        watch.note("\u{1B}]0;title\u{7}", isBad: false)
        for line in Self.frame(watch, isUnicode: false) {
            #expect(line.text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0.value < 128 })
        }
    }
}
