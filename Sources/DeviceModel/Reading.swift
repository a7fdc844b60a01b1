import Quantities

/// How far a value may be believed.
public enum Quality: String, Hashable, Sendable, Codable {
    case good
    /// Believable, but not proven: just configured, out of the calibrated range.
    case uncertain
    /// Was good, and is older than the signal may be.
    case stale
    /// The device says that its value is wrong (open sensor, saturated), or nothing was ever read.
    case bad
}

/// One value of one signal. A value that is not known is a reading of quality `bad`, never a special number.
public struct Reading: Hashable, Sendable {
    public let signal: SignalName
    public let value: Double
    public let unit: Unit
    public let quality: Quality
    /// When the device's answer arrived.
    public let at: Moment

    public init(_ signal: SignalName, _ value: Double, _ unit: Unit, quality: Quality = .good, at: Moment) {
        self.signal = signal
        self.value = value
        self.unit = unit
        self.quality = value.isFinite ? quality : .bad
        self.at = at
    }
}
