import Quantities

public enum FlowControllerCommand: Hashable, Sendable {
    /// Hold this flow of gas, in standard millilitres a minute. The controller keeps it when the host dies.
    case set(standardMillilitersPerMinute: Double)
    /// Set point 0, and the valve held shut.
    case close
}

public struct FlowControllerLimits: Hashable, Sendable {
    /// Standard millilitres a minute.
    public let maximum: Double
    /// Below it the reading is noise, and a set point must be 0.
    public let minimum: Double
    /// As the bench file names it.
    public let gas: String

    public init(minimum: Double, maximum: Double, gas: String) {
        self.minimum = minimum
        self.maximum = maximum
        self.gas = gas
    }
}
