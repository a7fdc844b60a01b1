/// What a microcontroller board as a whole is told; what hangs on it are devices of their own.
public enum BoardCommand: Hashable, Sendable {
    /// Everything on it to its safe state.
    case stop
    /// Ends a fault that the board has latched, once its cause is gone. Everything on it is off then.
    case clear
}

/// What a board has.
public struct BoardLimits: Hashable, Sendable {
    /// Of the devices on it, by their numbers on the board.
    public let channels: [Int]

    public init(channels: [Int]) { self.channels = channels }
}
