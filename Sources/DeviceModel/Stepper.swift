/// Positions are millimetres, or whatever the bench file scales steps to, from where the axis is homed.
public enum StepperCommand: Hashable, Sendable {
    /// To this position; only an axis that is homed knows where it is.
    case move(to: Double)
    /// To its limit switch, which is position 0.
    case home
    case stop
}

/// What an axis can do, in millimetres.
public struct StepperLimits: Hashable, Sendable {
    public let minimum: Double
    public let maximum: Double
    /// One step.
    public let resolution: Double
    /// A second.
    public let speed: Double

    public init(minimum: Double, maximum: Double, resolution: Double, speed: Double) {
        self.minimum = minimum
        self.maximum = maximum
        self.resolution = resolution
        self.speed = speed
    }
}
