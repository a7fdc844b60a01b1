import DeviceModel
import Quantities

/// One input of an interlock: a signal and what it must not do. A stale, bad or missing reading votes to trip as well: an
/// unknown temperature is not a safe one.
public struct InputTest: Hashable, Sendable {
    public enum Condition: Hashable, Sendable {
        case above(Double)
        case below(Double)
        case outside(ClosedRange<Double>)
        /// It rises or falls by more than this per minute, seen over so long.
        case changing(perMinute: Double, over: BenchDuration)
        /// It differs from another signal by more than `limit` and by more than this percentage of the other one.
        case differing(from: SignalName, limit: Double, percent: Double)
        /// It has not changed by one bit for so long: a live sensor has noise.
        case frozen(BenchDuration)
        /// With `output` at this percentage or more it has not risen by `rise` within so long.
        case unresponsive(output: SignalName, percent: Double, rise: Double, within: BenchDuration)
        /// While it is within `band` of its set point, `output`, averaged, is by more than `excess` percent above what holds
        /// it: `percentPerKelvin` above `ambient`.
        case overdriven(HoldModel)
        /// A switch is on, or off.
        case on
        case off
        /// The device is not there, or not in order. The signal is `lost(device)`.
        case lost
        /// Only the input's age and quality count.
        case stale
    }

    /// What a heater needs to hold a temperature.
    public struct HoldModel: Hashable, Sendable {
        public let output: SignalName
        public let setPoint: SignalName
        public let band: Double
        public let percentPerKelvin: Double
        public let ambient: Double
        public let excess: Double

        public init(
            output: SignalName, setPoint: SignalName, band: Double, percentPerKelvin: Double, ambient: Double,
            excess: Double
        ) {
            self.output = output
            self.setPoint = setPoint
            self.band = band
            self.percentPerKelvin = percentPerKelvin
            self.ambient = ambient
            self.excess = excess
        }

        func holding(_ value: Double) -> Double { percentPerKelvin * (value - ambient) }
    }

    public let signal: SignalName
    public let condition: Condition
    public let unit: Unit
    /// How far the value must be back on the good side before a reset is taken.
    public let hysteresis: Double
    /// The age at which the input counts as missing; link time, because it is the link that fell silent. nil: it is told when
    /// it changes, and does not age.
    public let staleAfter: WireDuration?

    public init(
        signal: SignalName, condition: Condition, unit: Unit, hysteresis: Double = 0, staleAfter: WireDuration?
    ) {
        self.signal = signal
        self.condition = condition
        self.unit = unit
        self.hysteresis = hysteresis
        self.staleAfter = staleAfter
    }

    /// Under this name the engine is told whether a device is there: 1, or 0.
    public static func lost(_ device: DeviceName) -> SignalName { SignalName("device.\(device).ready") }

    /// The signals that it needs beside its own.
    public var partners: [SignalName] {
        switch condition {
        case .above, .below, .outside, .changing, .frozen, .on, .off, .lost, .stale: []
        case .differing(let other, _, _): [other]
        case .unresponsive(let output, _, _, _): [output]
        case .overdriven(let model): [model.output, model.setPoint]
        }
    }
}

/// In words.
extension InputTest {
    /// `heater.temperature above 165 degC`.
    public var text: String {
        let unit = unit == .code ? "" : " \(unit.rawValue)"
        switch condition {
        case .above(let limit): return "\(signal) above \(limit)\(unit)"
        case .below(let limit): return "\(signal) below \(limit)\(unit)"
        case .outside(let range): return "\(signal) outside \(range.lowerBound) to \(range.upperBound)\(unit)"
        case .changing(let rate, let over):
            return "\(signal) changes by more than \(rate)\(unit) a minute, seen over \(over.seconds) s"
        case .differing(let other, let limit, let percent):
            let share = percent > 0 ? " and \(percent) %" : ""
            return "\(signal) differs from \(other) by more than \(limit)\(unit)\(share)"
        case .frozen(let span): return "\(signal) has not changed by one bit for \(span.seconds) s"
        case .unresponsive(let output, let percent, let rise, let within):
            return
                "\(signal) has not risen by \(rise)\(unit) in \(within.seconds) s with \(output) at \(percent) % or more"
        case .overdriven(let model):
            return "\(model.output) is \(model.excess) % above what holds \(signal) at \(model.setPoint)"
        case .on: return "\(signal) is on"
        case .off: return "\(signal) is off"
        case .lost: return "\(device) is lost"
        case .stale: return "\(signal) stale for \(staleAfter?.seconds ?? 0) s"
        }
    }

    /// Of `lost`.
    private var device: String { String(signal.text.dropFirst("device.".count).dropLast(".ready".count)) }

    /// What must be true before a reset is taken.
    var resetText: String {
        let unit = unit == .code ? "" : " \(unit.rawValue)"
        switch condition {
        case .above(let limit): return "it must come down to \(limit - hysteresis)\(unit) first"
        case .below(let limit): return "it must come up to \(limit + hysteresis)\(unit) first"
        case .outside(let range):
            return "it must lie in \(range.lowerBound + hysteresis) to \(range.upperBound - hysteresis)\(unit) first"
        case .on: return "it must go off first"
        case .off: return "it must come on first"
        case .lost: return "the device must be ready first"
        case .stale: return "it must be read again first"
        case .changing, .differing, .frozen, .unresponsive, .overdriven: return "that must end first"
        }
    }
}
