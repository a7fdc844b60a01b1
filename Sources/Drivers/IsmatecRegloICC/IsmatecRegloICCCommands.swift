import DeviceModel
import Quantities
import Wire

/// A run on its way: everything set and read back, then started, and seen to run.
struct RegloRun: Sendable {
    fileprivate enum Step: Sendable, Equatable {
        case addressing, isRunning, stop, stopped
        case mode, checkMode, direction, checkDirection, tubing, checkTubing
        case flow, checkFlow, volume, checkVolume
        case start, started, cause, run
    }

    let flow: RegloAmount
    let volume: RegloAmount
    let isClockwise: Bool
    fileprivate var step = Step.addressing
    fileprivate var looks = 0
    fileprivate var startedAt: BenchInstant?
    /// To what was asked or told last; nil until it has come.
    var answer: RegloAnswer?

    init(flow: RegloAmount, volume: RegloAmount, isClockwise: Bool) {
        (self.flow, self.volume, self.isClockwise) = (flow, volume, isClockwise)
    }

    /// uL
    fileprivate var microliters: Double { volume.value * 1000 }
}

/// Told to stop, and looked at until it stands. A pump that may not count its channels is told to, and to stop once more:
/// until then a number above 1 is another pump's to it.
struct RegloStop: Sendable {
    fileprivate var told = 0
    fileprivate var looks = 0
    /// As last shown since it was told.
    var isRunning: Bool?
}

extension IsmatecRegloICC {
    mutating func proceed(_ run: inout RegloRun, at now: Moment) -> DialogueMove<RegloQuestion> {
        let answer = run.answer
        run.answer = nil
        if answer == .notExecuted, run.step != .started {
            return .end(.refused("pump \(name) does not take what sets its run (#, at the step \(run.step))"))
        }
        switch run.step {
        case .addressing:
            guard let answer else { return .ask(.addressing) }
            guard answer == .line("1") else {
                return .end(.failed("pump \(name) has forgotten its settings: its power was cut"))
            }
            run.step = .isRunning
        case .isRunning:
            guard let answer else { return .ask(.isRunning) }
            run.step = answer == .yes ? .stop : .mode
        case .stop:
            run.step = .stopped
            return .tell(.stop)
        case .stopped:
            guard let answer, answer != .executed else { return .ask(.isRunning) }
            run.looks += 1
            guard answer == .yes else {
                run.step = .mode
                break
            }
            guard run.looks < Self.mostLooks else { return .end(.failed("pump \(name) was told to stop and runs on")) }
            return .wait(Self.lookInterval)
        case .mode, .direction, .tubing, .flow, .volume: return tell(&run)
        case .checkMode, .checkDirection, .checkTubing, .checkFlow, .checkVolume:
            guard case .line(let text) = answer else { return .ask(question(ofCheck: run.step)) }
            if let shown = difference(text, run) { return .end(.refused("pump \(name) was told \(shown)")) }
            run.step = next(run.step)
        case .start, .started, .cause, .run: return proceedToStart(&run, answer, at: now)
        }
        return proceed(&run, at: now)
    }

    private func tell(_ run: inout RegloRun) -> DialogueMove<RegloQuestion> {
        let step = run.step
        run.step = next(step)
        switch step {
        case .direction: return .tell(.setDirection(isClockwise: run.isClockwise))
        case .tubing: return .tell(.setTubing(Int((configuration.tubingMillimeters * 100).rounded())))
        case .flow: return .tell(.setFlow(run.flow))
        case .volume: return .tell(.setVolume(run.volume))
        default: return .tell(.setVolumeAtRate)
        }
    }

    private func next(_ step: RegloRun.Step) -> RegloRun.Step {
        switch step {
        case .mode: .checkMode
        case .checkMode: .direction
        case .direction: .checkDirection
        case .checkDirection: .tubing
        case .tubing: .checkTubing
        case .checkTubing: .flow
        case .flow: .checkFlow
        case .checkFlow: .volume
        case .volume: .checkVolume
        default: .start
        }
    }

    private func question(ofCheck step: RegloRun.Step) -> RegloQuestion {
        switch step {
        case .checkDirection: .direction
        case .checkTubing: .tubing
        case .checkFlow: .flow
        case .checkVolume: .volume
        default: .mode
        }
    }

    /// What it was told beside what it keeps; nil where they agree. A number that it was set to it answers with.
    private func difference(_ text: String, _ run: RegloRun) -> String? {
        switch run.step {
        case .checkMode: return text == "O" ? nil : "the mode volume at rate (O) and keeps \(text)"
        case .checkDirection:
            let wanted = run.isClockwise ? "J" : "K"
            return text == wanted ? nil : "the direction \(wanted) and keeps \(text)"
        case .checkTubing:
            let wanted = configuration.tubingMillimeters
            let shown = RegloCodec.millimeters(text) ?? 0
            return (shown - wanted).magnitude <= Self.tubingTolerance
                ? nil : "a tube of \(wanted) mm and keeps \(text): it may not know this bore"
        case .checkFlow:
            return run.flow.isShown(as: text) ? nil : "a flow of \(run.flow.text) and keeps \(text) mL/min"
        default: return run.volume.isShown(as: text) ? nil : "a volume of \(run.volume.text) and keeps \(text) mL"
        }
    }

    private mutating func proceedToStart(
        _ run: inout RegloRun, _ answer: RegloAnswer?, at now: Moment
    ) -> DialogueMove<RegloQuestion> {
        switch run.step {
        case .start:
            run.step = .started
            run.looks = 0
            run.startedAt = now.bench
            counter.begin(run.microliters)
            return .tell(.start)
        case .started where answer == .executed:
            run.step = .run
            return .ask(.isRunning)
        case .started:
            run.step = .cause
            return .ask(.cause)
        case .cause:
            guard case .line(let text) = answer else { return .ask(.cause) }
            return .end(.refused("pump \(name) does not start: \(RegloCodec.words(ofCause: text))"))
        default:
            guard let answer else { return .ask(.isRunning) }
            return answer == .yes || isThrough(run, at: now) ? .end(.done) : lookAgain(&run)
        }
    }

    /// So small a volume that it may have come to its end already.
    private func isThrough(_ run: RegloRun, at now: Moment) -> Bool {
        guard let startedAt = run.startedAt else { return false }
        return (now.bench - startedAt).seconds >= run.volume.value / run.flow.value * 60
    }

    private func lookAgain(_ run: inout RegloRun) -> DialogueMove<RegloQuestion> {
        run.looks += 1
        guard run.looks < Self.mostLooks else {
            return .end(.failed("pump \(name) was started and stands: look whether its rollers or its tube are jammed"))
        }
        return .wait(Self.lookInterval)
    }

    func proceed(_ stop: inout RegloStop) -> DialogueMove<RegloQuestion> {
        let writes: [RegloQuestion] = addressesChannels ? [.stop] : [.stop, .addressChannels, .stop]
        guard stop.told >= writes.count else {
            defer { stop.told += 1 }
            return .tell(writes[stop.told])
        }
        guard let isRunning = stop.isRunning else { return .ask(.isRunning) }
        guard isRunning else { return .end(.done) }
        stop.isRunning = nil
        stop.looks += 1
        guard stop.looks < Self.mostLooks else {
            return .end(.failed("pump \(name) was told to stop and runs on: cut its power"))
        }
        return .wait(Self.lookInterval)
    }
}
