import Quantities

/// What a microcontroller board as a whole is told; what hangs on it are devices of their own.
public enum BoardCommand: Hashable, Sendable {
    /// Everything on it to its safe state.
    case stop
    /// Ends a fault that the board has latched, once its cause is gone. Everything on it is off then.
    case clear
}

/// How well something was done at its time.
public struct BoardPunctuality: Hashable, Sendable {
    /// After its time, by the board's own clock.
    public let late: WireDuration
    /// How far off the host can have been with the board's time when it sent the command.
    public let uncertainty: WireDuration

    public init(late: WireDuration, uncertainty: WireDuration) {
        self.late = late
        self.uncertainty = uncertainty
    }
}

/// What a board has.
public struct BoardLimits: Hashable, Sendable {
    /// Of the devices on it, by their numbers on the board.
    public let channels: [Int]
    /// So many timed commands at most within this span.
    public let timedAtOnce: Int
    public let timedSpan: WireDuration

    public init(channels: [Int], timedAtOnce: Int, timedSpan: WireDuration) {
        self.channels = channels
        self.timedAtOnce = timedAtOnce
        self.timedSpan = timedSpan
    }
}
