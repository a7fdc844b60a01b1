import Quantities

/// The motor side of a syringe pump: programmed steps, running, pausing, stalling, and how far the plunger went.
/// Volumes uL, rates uL/min, by the pump's own idea of the bore.
struct ChemyxDrive: Sendable {
    enum State: Int, Sendable {
        case stopped = 0
        case running = 1
        case paused = 2
        case delayed = 3
        case stalled = 4
    }

    struct Step: Sendable, Equatable {
        var rate: Double
        /// Positive infuses, negative withdraws.
        var volume: Double
        var delay: BenchDuration
    }

    private(set) var state = State.stopped
    private var program: [Step] = []
    private var stepIndex = 0
    private var now: BenchInstant = .zero
    private var delayLeft: BenchDuration = .zero
    private var runTime: BenchDuration = .zero
    /// Moved in this step of the program, and in the steps before it, without sign.
    private var movedInStep = 0.0
    private var movedBefore = 0.0

    /// Dispensed since the start of the run, uL.
    var dispensed: Double { movedBefore + movedInStep }
    var elapsed: BenchDuration { runTime }

    /// The rate at which the plunger now moves, uL/min; negative while it withdraws.
    var rate: Double {
        guard state == .running, stepIndex < program.count else { return 0 }
        return program[stepIndex].volume < 0 ? -program[stepIndex].rate : program[stepIndex].rate
    }

    mutating func start(_ steps: [Step]) {
        if state == .paused {
            state = .running
            return
        }
        program = steps.filter { $0.volume != 0 && $0.rate > 0 }
        stepIndex = 0
        movedBefore = 0
        movedInStep = 0
        runTime = .zero
        enterStep()
    }

    mutating func restart() {
        guard !program.isEmpty else { return }
        state = .stopped
        start(program)
    }

    mutating func stop() { state = .stopped }

    mutating func pause() {
        if state == .running || state == .delayed { state = .paused }
    }

    mutating func stall() {
        if state == .running || state == .delayed { state = .stalled }
    }

    /// A rate set while the plunger moves takes effect at once.
    mutating func changeRates(_ rates: [Double]) {
        guard !rates.isEmpty else { return }
        for index in program.indices { program[index].rate = rates[min(index, rates.count - 1)] }
    }

    private mutating func enterStep() {
        guard stepIndex < program.count else {
            state = .stopped
            return
        }
        delayLeft = program[stepIndex].delay
        state = delayLeft > .zero ? .delayed : .running
    }

    /// Time passes without motion.
    mutating func skip(to instant: BenchInstant) { now = max(now, instant) }

    /// Moves on to `instant`; what the plunger displaced meanwhile, uL, negative when withdrawn.
    mutating func advance(to instant: BenchInstant) -> Double {
        var left = instant - now
        guard left > .zero else { return 0 }
        now = instant
        var displaced = 0.0
        while left > .zero {
            switch state {
            case .stopped, .paused, .stalled:
                return displaced
            case .delayed:
                let waited = min(left, delayLeft)
                delayLeft = delayLeft - waited
                left = left - waited
                runTime = runTime + waited
                if delayLeft == .zero { state = .running }
            case .running:
                displaced += run(for: &left)
            }
        }
        return displaced
    }

    private mutating func run(for left: inout BenchDuration) -> Double {
        let step = program[stepIndex]
        let target = abs(step.volume)
        let possible = step.rate / 60 * left.seconds
        let sign: Double = step.volume < 0 ? -1 : 1
        guard movedInStep + possible >= target else {
            movedInStep += possible
            runTime = runTime + left
            left = .zero
            return sign * possible
        }
        let moved = target - movedInStep
        let took = min(left, BenchDuration.seconds(moved / (step.rate / 60)))
        movedBefore += target
        movedInStep = 0
        runTime = runTime + took
        left = left - took
        stepIndex += 1
        enterStep()
        return sign * moved
    }
}
