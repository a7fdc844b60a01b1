import Quantities

/// How late the control loop wakes: every sample for people who look, the worst of each second for the interlocks and
/// the history, and an alarm where it is late again and again.
struct LoopPunctuality: Sendable {
    /// The worst lateness of each such span is told; link time, as it is the host that is late.
    static let second = WireDuration.seconds(1)
    /// Later than this is more than a poll of any driver: a second with it counts as a late one.
    static let limit = WireDuration.milliseconds(100)
    /// The alarm needs so many late seconds in a window: a host that stood still once is none.
    static let lateSeconds = 3
    static let window = 10
    /// It ends after so many without one.
    static let quietSeconds = 30

    let scanPeriod: WireDuration
    private(set) var lateness = DurationHistogram()
    private(set) var overruns: UInt64 = 0
    /// When the loop wanted to be woken, by its last step.
    var wakeAt: WireInstant?

    private var worst = WireDuration.zero
    private var from: WireInstant
    /// The last seconds, the youngest in the lowest bit; set where it was late.
    private var seconds: UInt64 = 0
    /// The worst of those, and when the first was; of the present spell.
    private var spell: (worst: WireDuration, since: WallInstant)?

    /// What one second says.
    enum Verdict: Hashable {
        /// The worst of the spell, and since when it lasts.
        case late(worst: WireDuration, since: WallInstant, seconds: Int)
        case quiet
        /// Neither: an alarm that stands goes on.
        case undecided
    }

    init(scanPeriod: WireDuration, from: WireInstant) {
        self.scanPeriod = scanPeriod
        self.from = from
    }

    /// A step begins. It is late by what has passed since its deadline; one that begins before says nothing.
    mutating func stepBegins(at now: WireInstant) {
        defer { wakeAt = nil }
        guard let wakeAt, now >= wakeAt else { return }
        let late = now - wakeAt
        lateness.add(late)
        if late > scanPeriod { overruns += 1 }
        worst = max(worst, late)
    }

    /// Ends a second that is over.
    mutating func endSecond(at now: Moment) -> (worst: WireDuration, verdict: Verdict)? {
        guard now.wire - from >= Self.second else { return nil }
        defer {
            worst = .zero
            from = now.wire
        }
        return (worst, judge(worst, at: now))
    }

    private mutating func judge(_ worst: WireDuration, at now: Moment) -> Verdict {
        let isLate = worst > Self.limit
        seconds = seconds << 1 | (isLate ? 1 : 0)
        if isLate { spell = (max(worst, spell?.worst ?? .zero), spell?.since ?? now.wall) }
        guard seconds & (1 << UInt64(Self.quietSeconds) - 1) != 0, let spell else {
            self.spell = nil
            return .quiet
        }
        let recent = (seconds & (1 << UInt64(Self.window) - 1)).nonzeroBitCount
        guard recent >= Self.lateSeconds else { return .undecided }
        return .late(worst: spell.worst, since: spell.since, seconds: recent)
    }
}
