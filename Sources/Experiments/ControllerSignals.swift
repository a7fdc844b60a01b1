import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// What was last told of the daemon itself.
struct OwnSignals: Sendable {
    /// A level that falls is told at most so often, but at once when it is out.
    static let levelInterval = BenchDuration.seconds(1)

    /// The ledger's count of changes up to which all is told; nil before the first time.
    var toldRevision: UInt64?
    /// What tells the level of each pump's syringe, in order.
    let levelNames: [(pump: String, signal: SignalName)]
    var levels: [SignalName: (microliters: Double, at: BenchInstant)] = [:]

    var punctuality: LoopPunctuality

    init(pumps: some Sequence<String>, punctuality: LoopPunctuality) {
        levelNames = pumps.sorted().map { ($0, InputTest.remaining(in: DeviceName($0))) }
        self.punctuality = punctuality
    }
}

/// Signals of the daemon itself, which interlocks may watch and technicians may chart.
extension BenchController {
    static let lateAlarm = "loop-late"

    /// The deadline that the loop has armed, where it is another one than the controller's own: the next scan, say.
    /// nil: one that is not to be counted.
    public mutating func armed(for deadline: WireInstant?, at now: Moment) {
        own.punctuality.wakeAt = deadline.map { max($0, now.wire) }
    }

    /// Measured at the begin of each step, and told with the first one that is a second later.
    mutating func noteLateness(at now: Moment) {
        own.punctuality.stepBegins(at: now.wire)
        guard let (worst, verdict) = own.punctuality.endSecond(at: now) else { return }
        // To the millisecond: what is less is the host's own noise, and would be kept for nothing.
        let milliseconds = (worst.seconds * 1000).rounded()
        let reading = Reading(InputTest.loopLateness, milliseconds / 1000, .seconds, at: now)
        take(core.record(reading, ages: false, at: now), at: now)
        tellLateness(verdict, at: now)
    }

    private mutating func tellLateness(_ verdict: LoopPunctuality.Verdict, at now: Moment) {
        switch verdict {
        case .late(let worst, let since, let seconds):
            let limit = Int(LoopPunctuality.limit.seconds * 1000)
            let text =
                "the control loop woke up to \(Int(worst.seconds * 1000)) ms late, more than \(limit) ms in \(seconds) of "
                + "the last \(LoopPunctuality.window) s, since \(since.rfc3339): polls, time-outs and stops that wait for "
                + "a time-out are as late"
            // Told once: its growth is in the history of loop.lateness.
            if !alarms.isTold(Self.lateAlarm) { raiseAlarm(Self.lateAlarm, text, at: now) }
        case .quiet: clearAlarm(Self.lateAlarm, at: now)
        case .undecided: break
        }
    }

    /// What is left in each syringe, and what room in the waste.
    mutating func tellLevels(at now: Moment) {
        guard own.toldRevision != ledger.revision else { return }
        var isAllTold = true
        for (pump, name) in own.levelNames {
            isAllTold = tell(name, ledger.remaining(pump), at: now) && isAllTold
        }
        if let room = ledger.wasteRoom { isAllTold = tell(InputTest.wasteRoom, room, at: now) && isAllTold }
        if isAllTold { own.toldRevision = ledger.revision }
    }

    /// Down to a tenth of a microlitre, the ledger's crumb: what is told as zero is empty for an experiment as well.
    /// - Returns: whether this is what was last told.
    private mutating func tell(_ signal: SignalName, _ level: Volume, at now: Moment) -> Bool {
        let microliters = (level.microliters * 10).rounded(.down) / 10
        if let last = own.levels[signal] {
            if last.microliters == microliters { return true }
            let waits = microliters > 0 && microliters < last.microliters
            if waits, now.bench - last.at < OwnSignals.levelInterval { return false }
        }
        own.levels[signal] = (microliters, now.bench)
        take(core.record(Reading(signal, microliters, .microliters, at: now), ages: false, at: now), at: now)
        return true
    }
}
