/// Points in time that lie one period apart, whatever the delays with which each was met: being late once does not make
/// all that follow late.
public struct Cadence: Hashable, Sendable {
    public let period: WireDuration
    /// The next of them.
    public private(set) var due: WireInstant

    public init(every period: WireDuration, from start: WireInstant) {
        precondition(period > .zero, "a period is longer than nothing")
        self.period = period
        due = start
    }

    /// Whether the next point has come; it is met, and those that were missed as well.
    public mutating func meets(_ now: WireInstant) -> Bool {
        guard now >= due else { return false }
        let periods = (now - due).nanoseconds / period.nanoseconds + 1
        due = due + WireDuration(nanoseconds: periods * period.nanoseconds)
        return true
    }
}
