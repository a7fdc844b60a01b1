import DeviceModel
import Quantities

/// One row of the cause-and-effect matrix, as the bench file states it.
public struct InterlockRule: Hashable, Sendable {
    public let name: InterlockName
    public let cause: InterlockCause
    public let effects: [EffectGroup]
    /// What the operator shall do, in the words of the bench file.
    public let response: String

    public init(name: InterlockName, cause: InterlockCause, effects: [EffectGroup], response: String) {
        self.name = name
        self.cause = cause
        self.effects = effects
        self.response = response
    }

    public func covers(_ kind: DeviceClass) -> Bool { effects.contains { $0.covers(kind) } }
}

/// When a row votes to trip. A stale, bad or missing input votes too: an unknown temperature is not a safe one.
public struct InterlockCause: Hashable, Sendable {
    public enum Condition: Hashable, Sendable {
        case above(Double)
        case below(Double)
        /// Only the input's age and quality count.
        case stale
    }

    public let signal: SignalName
    public let condition: Condition
    public let unit: Unit
    /// How long the vote must last (on-delay).
    public let delay: BenchDuration
    /// How far the value must be back on the good side before a reset is taken.
    public let hysteresis: Double
    /// The age at which the input counts as missing; link time, because it is the link that fell silent.
    public let staleAfter: WireDuration

    public init(
        signal: SignalName, condition: Condition, unit: Unit, delay: BenchDuration, hysteresis: Double,
        staleAfter: WireDuration
    ) {
        self.signal = signal
        self.condition = condition
        self.unit = unit
        self.delay = delay
        self.hysteresis = hysteresis
        self.staleAfter = staleAfter
    }

    /// `heater.temperature above 165 degC for 0.5 s`.
    public var text: String {
        let wait = delay > .zero ? " for \(delay.seconds) s" : ""
        switch condition {
        case .above(let limit): return "\(signal) above \(limit) \(unit.rawValue)\(wait)"
        case .below(let limit): return "\(signal) below \(limit) \(unit.rawValue)\(wait)"
        case .stale: return "\(signal) stale for \(staleAfter.seconds) s"
        }
    }

    /// What must be true before a reset is taken.
    var resetText: String {
        switch condition {
        case .above(let limit): "it must come down to \(limit - hysteresis) \(unit.rawValue) first"
        case .below(let limit): "it must come up to \(limit + hysteresis) \(unit.rawValue) first"
        case .stale: "it must be read again first"
        }
    }

    func votes(_ value: Double) -> Bool {
        switch condition {
        case .above(let limit): value > limit
        case .below(let limit): value < limit
        case .stale: false
        }
    }

    /// Back on the good side, by the hysteresis.
    func isGone(at value: Double) -> Bool {
        switch condition {
        case .above(let limit): value <= limit - hysteresis
        case .below(let limit): value >= limit + hysteresis
        case .stale: true
        }
    }
}

/// What a row does. Each group names the classes of device that it brings to their safe state.
public enum EffectGroup: String, Hashable, Sendable, CaseIterable {
    case heaterOff = "heater-off"
    /// Every output of every I/O module to its safe level; the heater's contactor is one of them.
    case contactorOpen = "contactor-open"
    case pumpsStop = "pumps-stop"
    case lampOff = "lamp-off"
    case everything = "everything"

    public func covers(_ kind: DeviceClass) -> Bool {
        switch self {
        case .heaterOff: kind == .heater
        case .contactorOpen: kind == .io
        case .pumpsStop: kind == .pump
        case .lampOff: kind == .spectrometer
        case .everything: true
        }
    }
}

/// Why a trip happened and what it brought down; kept until reset and across restarts.
public struct Latch: Hashable, Sendable {
    public let interlock: InterlockName
    /// The cause with the reading that fulfilled it: `heater.temperature above 165 degC: 171.3 degC`.
    public let cause: String
    public let effects: [EffectGroup]
    public let at: Moment
    /// Came first, alone or with others of the same scan.
    public let isFirstOut: Bool

    public init(interlock: InterlockName, cause: String, effects: [EffectGroup], at: Moment, isFirstOut: Bool) {
        self.interlock = interlock
        self.cause = cause
        self.effects = effects
        self.at = at
        self.isFirstOut = isFirstOut
    }

    public func covers(_ kind: DeviceClass) -> Bool { effects.contains { $0.covers(kind) } }
}
