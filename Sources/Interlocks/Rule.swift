import DeviceModel
import Quantities

/// One row of the cause-and-effect matrix, as the bench file states it: what brings something down, and latches; or, with
/// `blocks`, what must not be so while something starts (a permissive: it brings nothing down).
public struct InterlockRule: Hashable, Sendable {
    public let name: InterlockName
    public let cause: InterlockCause
    public let effects: [EffectGroup]
    /// Classes of device that may not be started while the cause is there.
    public let blocks: [DeviceClass]
    /// Whether a technician may take it out of service for a while.
    public let mayBypass: Bool
    /// What the operator shall do, in the words of the bench file.
    public let response: String

    public init(
        name: InterlockName, cause: InterlockCause, effects: [EffectGroup], blocks: [DeviceClass] = [],
        mayBypass: Bool = false, response: String
    ) {
        self.name = name
        self.cause = cause
        self.effects = effects
        self.blocks = blocks
        self.mayBypass = mayBypass
        self.response = response
    }

    public var isPermissive: Bool { effects.isEmpty }

    public func covers(_ kind: DeviceClass) -> Bool {
        blocks.contains(kind) || effects.contains { $0.covers(kind) }
    }
}

/// When a row trips: so many of its inputs vote to, for so long.
public struct InterlockCause: Hashable, Sendable {
    public let inputs: [InputTest]
    /// How many inputs must vote at once.
    public let votes: Int
    /// How long they must (on-delay).
    public let delay: BenchDuration
    /// `heater.temperature above 165 degC for 0.5 s`. Made once: every snapshot of the bench tells it.
    public let text: String

    public init(inputs: [InputTest], votes: Int = 1, delay: BenchDuration) {
        self.inputs = inputs
        self.votes = votes
        self.delay = delay
        text = Self.text(inputs, votes, delay)
    }

    private static func text(_ inputs: [InputTest], _ votes: Int, _ delay: BenchDuration) -> String {
        let wait = delay > .zero ? " for \(delay.seconds) s" : ""
        guard inputs.count > 1 else { return (inputs.first?.text ?? "nothing") + wait }
        let all = common(inputs) ?? inputs.map(\.text).joined(separator: "; ")
        return "\(votes) of \(inputs.count): \(all)\(wait)"
    }

    /// What is the same of all inputs but for whom it is said of: `a, b, oil has nothing left by the ledger`.
    private static func common(_ inputs: [InputTest]) -> String? {
        let subjects = inputs.compactMap(\.subject)
        guard subjects.count == inputs.count else { return nil }
        let rests = Set(zip(inputs, subjects).map { $0.text.dropFirst($1.count) })
        guard rests.count == 1, let rest = rests.first else { return nil }
        return subjects.joined(separator: ", ") + rest
    }
}

/// What a row does. Each group names the classes of device that it brings to their safe state.
public enum EffectGroup: String, Hashable, Sendable, Codable, CaseIterable {
    case heaterOff = "heater-off"
    /// Every output of every I/O module to its safe level; the heater's contactor is one of them.
    case contactorOpen = "contactor-open"
    case pumpsStop = "pumps-stop"
    /// Every valve to its safe position.
    case valvesSafe = "valves-safe"
    /// Robots and steppers.
    case robotHalt = "robot-halt"
    /// Every gas flow controller shut.
    case gasOff = "gas-off"
    /// Of spectrometers and of LED drivers.
    case lampOff = "lamp-off"
    /// All but analyzers, which can hurt nobody.
    case everything = "everything"

    public func covers(_ kind: DeviceClass) -> Bool {
        switch self {
        case .heaterOff: kind == .heater
        case .contactorOpen: kind == .io
        case .pumpsStop: kind == .pump
        case .valvesSafe: kind == .valve
        case .robotHalt: kind == .robot || kind == .stepper
        case .gasOff: kind == .flowController
        case .lampOff: kind == .spectrometer || kind == .light
        case .everything: kind != .analyzer
        }
    }
}

/// Why a trip happened and what it brought down; kept until reset and across restarts.
public struct Latch: Hashable, Sendable, Codable {
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

    /// Somebody has shown the interlock its cause.
    public var isProofTest: Bool { cause.contains(Self.proofMark) }
    static let proofMark = "(proof test)"
}
