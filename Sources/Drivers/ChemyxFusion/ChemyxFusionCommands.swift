import DeviceModel
import Interlocks
import Quantities
import Wire

/// A run on its way from the queue to a pump that was seen running.
struct ChemyxRun: Sendable {
    enum Step: Hashable, Sendable {
        /// Status: the pump must stand still before it is programmed.
        case look
        case stop, awaitStop
        /// The volume counter, before the start sets it back.
        case count
        case set(ChemyxSetting, Double)
        case start
        case confirm
        /// Status 0 after a start: has a small volume been delivered already?
        case confirmVolume
    }

    let id: CommandID
    let authority: WriteAuthority
    let flow: FlowRate
    let volume: Volume
    /// The pump takes the direction from the sign of the volume.
    var withdraws = false
    var steps: [Step] = [.look]
    var looks = 0
    var notBefore = WireInstant.zero

    /// Everything is set anew before each run, because a power cycle forgets it.
    func programming(_ configuration: ChemyxConfiguration, delayIsSet: Bool) -> [Step] {
        let rate = flow.rounded(to: configuration.limits.resolution)
        return [
            .count,
            .set(.units, Double(ChemyxUnits.microlitersPerMinute.rawValue)),
            .set(.diameter, configuration.diameterMillimeters),
            .set(.rate, rate.microlitersPerMinute),
            .set(.volume, withdraws ? -volume.microliters : volume.microliters),
        ] + (delayIsSet ? [.set(.delay, 0)] : []) + [.start, .confirm]
    }
}

/// A stop, until the status shows it; stops that come meanwhile join it.
struct ChemyxStop: Sendable {
    static let maximumJoined = 16

    var ids: [CommandID]
    let authority: WriteAuthority
    var isSent = false
    var looks = 0
    var notBefore = WireInstant.zero
}

enum ChemyxJob: Sendable {
    case run(ChemyxRun)
    case stop(ChemyxStop)

    var ids: [CommandID] {
        switch self {
        case .run(let run): [run.id]
        case .stop(let stop): stop.ids
        }
    }

    var authority: WriteAuthority {
        switch self {
        case .run(let run): run.authority
        case .stop(let stop): stop.authority
        }
    }

    var notBefore: WireInstant {
        switch self {
        case .run(let run): run.notBefore
        case .stop(let stop): stop.notBefore
        }
    }

    func question(of driver: ChemyxFusion) -> ChemyxQuestion {
        let status = ChemyxQuestion.status(short: driver.usesShortStatus)
        switch self {
        case .stop(let stop): return stop.isSent ? status : .stop
        case .run(let run):
            switch run.steps.first {
            case .look, .awaitStop, .confirm, nil: return status
            case .stop: return .stop
            case .count, .confirmVolume: return .dispensedVolume
            case .set(let setting, let value): return .set(setting, value)
            case .start: return .start
            }
        }
    }
}

extension ChemyxFusion {
    mutating func enqueue(_ run: ChemyxRun, at now: Moment) -> [DriverEffect] {
        if let reason = refusal(of: run) { return [.finished(run.id, .refused(reason))] }
        queue.append(run)
        return advance(at: now)
    }

    private func refusal(of run: ChemyxRun) -> String? {
        guard case .ready = phase else { return "pump \(device) is not ready: wait until it is identified" }
        guard status != .stalled else { return "pump \(device) is stalled: clear the line, then stop it" }
        guard queue.count < Self.maximumQueued else { return "pump \(device) has \(queue.count) commands waiting" }
        let limits = configuration.limits
        let flow = run.flow.microlitersPerMinute
        let range = limits.minimum.microlitersPerMinute...limits.maximum.microlitersPerMinute
        guard flow.isFinite, range.contains(run.flow.rounded(to: limits.resolution).microlitersPerMinute) else {
            return "flow of pump \(device) is \(flow) uL/min, expected \(range) uL/min"
        }
        let volume = run.volume.microliters
        guard volume.isFinite, volume > 0, run.volume < limits.capacity || run.volume == limits.capacity else {
            let capacity = limits.capacity.microliters
            return
                "volume of pump \(device) is \(volume) uL, expected more than 0 and at most the syringe's \(capacity) uL"
        }
        return nil
    }

    mutating func startQueuedRun(at now: Moment) {
        guard job == nil, !queue.isEmpty, case .ready = phase else { return }
        job = .run(queue.removeFirst())
    }

    /// Goes before all, in every phase of an open link.
    mutating func stop(_ id: CommandID, _ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        var effects = queue.map { DriverEffect.finished($0.id, .refused("a stop came before it began")) }
        queue = []
        var stop = ChemyxStop(ids: [id], authority: authority)
        switch job {
        case .run(let run): effects.append(.finished(run.id, .failed("a stop came before it was confirmed")))
        case .stop(let earlier) where earlier.ids.count < ChemyxStop.maximumJoined: stop.ids = earlier.ids + [id]
        case .stop(let earlier): effects += earlier.ids.map { .finished($0, .failed("too many stops at once")) }
        case nil: break
        }
        job = .stop(stop)
        return effects + writeStop(authority, at: now)
    }

    /// A line that is half-written, or a reply that is still due, is ended first, in the same breath.
    private mutating func writeStop(_ authority: WriteAuthority, at now: Moment) -> [DriverEffect] {
        guard exchange != nil || lineMayBeTorn else { return ask(.stop, authority, at: now) }
        reader.reset()
        for line in ["?", "stop"] { remember(line) }
        exchange = Exchange(
            question: .stop, line: "stop", drains: true, askedAt: now.wire, expires: now.wire + Self.replyTimeout)
        return [.send(Array("?\rstop\r".utf8), authority)]
    }

    /// No reply to something that was not a question. A stop goes on to look at the status; a run is over.
    mutating func commandLost(_ question: ChemyxQuestion, _ what: String) -> [DriverEffect] {
        switch job {
        case .stop(var stop):
            stop.isSent = true
            job = .stop(stop)
            return []
        case .run(let run):
            job = nil
            return [.finished(run.id, .failed("pump \(device) \(what); its state is shown by its status"))]
        case nil:
            return []
        }
    }

    /// Takes a command on by one answer.
    mutating func progress(_ question: ChemyxQuestion, _ answer: ChemyxAnswer, at now: Moment) -> [DriverEffect] {
        switch job {
        case .stop(let stop): progress(stop, answer, at: now)
        case .run(let run): progress(run, question, answer, at: now)
        case nil: []
        }
    }

    private mutating func progress(_ stop: ChemyxStop, _ answer: ChemyxAnswer, at now: Moment) -> [DriverEffect] {
        var stop = stop
        if case .status(let status) = answer, stop.isSent {
            guard status != .stopped else { return finish(.done) }
            stop.looks += 1
            guard stop.looks < Self.maximumStatusLooks else {
                return finish(.failed("pump \(device) was stopped, but shows \(status.text)"))
            }
            stop.notBefore = now.wire + configuration.poll
        }
        stop.isSent = true
        job = .stop(stop)
        return []
    }

    private mutating func finish(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { job = nil }
        return (job?.ids ?? []).map { .finished($0, outcome) }
    }

    private mutating func progress(
        _ run: ChemyxRun, _ question: ChemyxQuestion, _ answer: ChemyxAnswer, at now: Moment
    ) -> [DriverEffect] {
        guard let step = run.steps.first else { return finish(.failed("pump \(device): the run has no step left")) }
        var run = run
        switch (step, answer) {
        case (.set, .invalidCommand), (.start, .invalidCommand):
            let line = question.line(channel: configuration.channel)
            return finish(.refused("pump \(device) answered `\(line)` with \"Invalid Command!\""))
        case (.set(let setting, let asked), .kept(let kept)):
            guard setting.isKept(kept, asked: asked) else { return finish(.refused(clamped(setting, asked, kept))) }
            if setting == .diameter { settingsAreOurs = true }
            run.steps.removeFirst()
        case (.start, _):
            counter.restart()
            run.steps.removeFirst()
        case (.look, .status(let status)):
            if status == .stalled { return finish(.refused("pump \(device) is stalled: clear the line, then stop it")) }
            let programming = run.programming(configuration, delayIsSet: delayMinutes.map { $0 > 0 } ?? false)
            run.steps = (status == .stopped ? [] : [.stop, .awaitStop]) + programming
        case (.awaitStop, .status(let status)):
            if status == .stopped { run.steps.removeFirst() } else { return lookAgain(run, status, at: now) }
        case (.confirm, .status(let status)): return confirm(run, status, at: now)
        case (.confirmVolume, .dispensedVolume(let shown)): return confirmVolume(run, shown, at: now)
        case (.stop, _), (.count, _): run.steps.removeFirst()
        case (.look, _), (.awaitStop, _), (.confirm, _), (.confirmVolume, _), (.set, _): break
        }
        job = .run(run)
        return []
    }

    private func clamped(_ setting: ChemyxSetting, _ asked: Double, _ kept: Double) -> String {
        let digits = setting.decimals
        let wish = shortDecimal(asked, digits)
        // What the pump answers is bounded by the codec, so that it fits.
        return "pump \(device) was asked for \(setting.rawValue) \(wish) and kept \(shortDecimal(kept, digits)): "
            + "out of its range; nothing was started"
    }

    private mutating func lookAgain(_ run: ChemyxRun, _ status: ChemyxStatus, at now: Moment) -> [DriverEffect] {
        var run = run
        run.looks += 1
        guard run.looks < Self.maximumStatusLooks else {
            return finish(.failed("pump \(device) still shows \(status.text) after \(run.looks) looks"))
        }
        run.notBefore = now.wire + configuration.poll
        job = .run(run)
        return []
    }

    private mutating func confirm(_ run: ChemyxRun, _ status: ChemyxStatus, at now: Moment) -> [DriverEffect] {
        var run = run
        switch status {
        case .running: return finish(.done)
        case .stalled: return finish(.failed("pump \(device) stalled at its start"))
        case .stopped:
            run.steps = [.confirmVolume, .confirm]
            job = .run(run)
            return []
        case .paused, .delayed: return lookAgain(run, status, at: now)
        }
    }

    private mutating func confirmVolume(_ run: ChemyxRun, _ shown: Double, at now: Moment) -> [DriverEffect] {
        var run = run
        run.steps = [.confirm]
        // A run is over by its own volume when all but the counter's last step is out.
        if shown >= run.volume.microliters * 0.99 { return finish(.done) }
        return lookAgain(run, .stopped, at: now)
    }
}
