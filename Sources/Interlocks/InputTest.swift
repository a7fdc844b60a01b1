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
        /// By the ledger nothing is left in the syringe of this pump. The signal is `remaining(in:)`.
        case ledgerEmpty(DeviceName)
        /// By the ledger the waste has no room left. The signal is `wasteRoom`.
        case wasteFull
        /// The control loop was later than its own deadline by more than so many seconds. The signal is `loopLateness`.
        case overrun(Double)
        /// Nobody looks after an experiment that waits or runs.
        case clientGone
        /// A pump's reported flow is not what was commanded, by more than `limit` and by more than this percentage of it: it
        /// moves otherwise, does not say how it moves, or moves though nothing is commanded.
        case following(commanded: SignalName, limit: Double, percent: Double)
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

    /// Signals of the daemon itself: told when they change, they do not grow old.
    public static func remaining(in pump: DeviceName) -> SignalName { SignalName("ledger.\(pump).remaining") }
    public static let wasteRoom: SignalName = "ledger.waste.room"
    public static let loopLateness: SignalName = "loop.lateness"
    public static let clientsGone: SignalName = "clients.gone"

    /// The signals that it needs beside its own.
    public var partners: [SignalName] {
        switch condition {
        case .above, .below, .outside, .changing, .frozen, .on, .off, .lost, .stale, .ledgerEmpty, .wasteFull, .overrun,
            .clientGone:
            []
        case .differing(let other, _, _), .following(let other, _, _): [other]
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
        case .ledgerEmpty(let pump): return "\(pump) has nothing left by the ledger"
        case .clientGone: return "the client of an experiment has gone"
        case .wasteFull: return "no room left in the waste by the ledger"
        case .overrun(let limit): return "the control loop more than \(limit) s later than its deadline"
        case .following(_, let limit, let percent):
            let share = percent > 0 ? " and \(percent) %" : ""
            return "\(pump) does not move as commanded, by more than \(limit)\(unit)\(share)"
        }
    }

    /// Of `ledgerEmpty` and `following`: whom the text speaks of. Rows have one input for each pump, and say that once.
    var subject: String? {
        switch condition {
        case .ledgerEmpty(let pump): pump.text
        case .following: pump
        default: nil
        }
    }

    /// Of `following`, whose signal is `pump.NAME.flow`.
    private var pump: String {
        let parts = signal.text.split(separator: ".")
        return parts.count < 2 ? signal.text : String(parts[parts.count - 2])
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
        case .ledgerEmpty(let pump): return "refill it and record that first: flowlabctl reagents refill \(pump)"
        case .wasteFull: return "empty it and record that first: flowlabctl reagents empty-waste"
        case .clientGone: return "it must come back, or its experiments must end, first: flowlabctl cancel or abandon"
        case .overrun: return "a second without it must pass first"
        case .following: return "it must do what it was told first"
        case .changing, .differing, .frozen, .unresponsive, .overdriven: return "that must end first"
        }
    }
}
