import Quantities

/// One channel of a Reglo ICC: what it keeps, and how it moves. mL, mL/min, seconds.
struct RegloChannel: Sendable {
    /// By their letters on the wire.
    enum Mode: String, Sendable {
        case rpm = "L"
        case flowRate = "M"
        case volumeAtRate = "O"
        case volumeOverTime = "G"
        case volumeAndPause = "Q"
        case time = "N"
        case timeAndPause = "P"
    }

    /// Why it does not start, as `xe` says it.
    enum Cause: String, Sendable { case cycles = "C", rate = "R", volume = "V" }

    enum Motion: Equatable, Sendable {
        case stopped
        /// So much longer, nil without end; then so many cycles more.
        case pumping(secondsLeft: Double?, cyclesLeft: Int)
        case paused(secondsLeft: Double, cyclesLeft: Int)
    }

    /// 35 mL/min at 100 rpm with the widest tube is the pump's range; that a turn gives as much as the tube's bore has
    /// area is this simulation's own assumption, and so is the largest volume.
    private static let millilitersOfTurn = 0.35 / (3.17 * 3.17)
    private static let fastestTurning = 100.0
    static let largestVolume = 9999.0

    var mode = Mode.rpm
    var isClockwise = true
    var turning = 0.0
    var flow = 0.0
    var volume = 0.0
    var runSeconds = 0.0
    var pauseSeconds = 0.0
    var cycles = 1
    var backsteps = 0
    var tubingMillimeters = 2.79
    /// The cause of the last refusal.
    var cause = Cause.rate

    private(set) var motion = Motion.stopped
    /// mL/min of the run under way.
    private var rate = 0.0
    /// mL, of the run under way or of the last one.
    private(set) var dosed = 0.0
    /// uL through the tube over all runs that have ended; what was drawn back is taken off.
    private(set) var pumped: Double

    init(pumped: Double = 0) { self.pumped = pumped }

    var isRunning: Bool { motion != .stopped }
    var maximumFlow: Double { Self.fastestTurning * millilitersOfTurn }
    private var millilitersOfTurn: Double { Self.millilitersOfTurn * tubingMillimeters * tubingMillimeters }

    /// uL/min through the tube; negative counter-clockwise.
    var trueFlow: Double {
        guard case .pumping = motion else { return 0 }
        return isClockwise ? rate * 1000 : -rate * 1000
    }

    /// nil: it has started.
    mutating func start() -> Cause? {
        let refusal = refusal
        if let refusal {
            cause = refusal
            return refusal
        }
        rate = wantedRate
        dosed = 0
        motion = .pumping(secondsLeft: secondsOfCycle, cyclesLeft: repeats ? cycles - 1 : 0)
        return nil
    }

    mutating func stop() {
        guard isRunning else { return }
        motion = .stopped
        pumped += isClockwise ? dosed * 1000 : -dosed * 1000
    }

    private var repeats: Bool { mode == .volumeAndPause || mode == .timeAndPause }

    private var wantedRate: Double {
        switch mode {
        case .rpm: turning * millilitersOfTurn
        case .flowRate, .volumeAtRate, .volumeAndPause, .time, .timeAndPause: flow
        case .volumeOverTime: runSeconds > 0 ? volume / runSeconds * 60 : 0
        }
    }

    /// nil without end.
    private var secondsOfCycle: Double? {
        switch mode {
        case .rpm, .flowRate: nil
        case .volumeAtRate, .volumeAndPause: volume / flow * 60
        case .volumeOverTime, .time, .timeAndPause: runSeconds
        }
    }

    private var refusal: Cause? {
        if repeats, cycles == 0 { return .cycles }
        if wantedRate <= 0 || wantedRate > maximumFlow { return .rate }
        if volume > Self.largestVolume { return .volume }
        return nil
    }

    /// Whether it came to its end by itself.
    mutating func advance(by seconds: Double) -> Bool {
        var left = seconds
        while left > 0 {
            switch motion {
            case .stopped: return false
            case .paused(let pause, let cyclesLeft):
                guard left >= pause else {
                    motion = .paused(secondsLeft: pause - left, cyclesLeft: cyclesLeft)
                    return false
                }
                left -= pause
                motion = .pumping(secondsLeft: secondsOfCycle, cyclesLeft: cyclesLeft - 1)
            case .pumping(let secondsLeft, let cyclesLeft):
                let time = min(left, secondsLeft ?? left)
                dosed += rate / 60 * time
                left -= time
                guard let secondsLeft, time >= secondsLeft else {
                    motion = .pumping(secondsLeft: secondsLeft.map { $0 - time }, cyclesLeft: cyclesLeft)
                    continue
                }
                guard cyclesLeft > 0 else {
                    stop()
                    return true
                }
                // No shorter pause than a step of the bench, so that no cycle takes no time.
                motion = .paused(secondsLeft: max(pauseSeconds, 0.1), cyclesLeft: cyclesLeft)
            }
        }
        return false
    }
}
