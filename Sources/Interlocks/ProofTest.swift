import DeviceModel
import Quantities

/// What a row is shown in a proof test, as if its devices had said it.
public struct Injection: Hashable, Sendable {
    public let interlock: InterlockName
    /// `heater.temperature = 170 degC`, `no heater.temperature`.
    public let text: String
    public let effects: [EffectGroup]
    /// How long the row waits before it trips.
    public let delay: BenchDuration
}

/// Why a row is not tested now.
public enum ProofRefusal: Error, Hashable, Sendable {
    case unknown(InterlockName, known: [InterlockName])
    case permissive(InterlockName)
    case latched(InterlockName)
    case bypassed(InterlockName)
    case unread(InterlockName, SignalName)
    case voting(InterlockName, String)

    public var kind: String {
        switch self {
        case .unknown: "unknown_interlock"
        case .permissive, .latched, .bypassed, .unread, .voting: "not_testable"
        }
    }

    public var text: String {
        switch self {
        case .unknown(let name, let known):
            "no interlock \(name); this bench has \(known.map(\.text).joined(separator: ", "))"
        case .permissive(let name): "\(name) only refuses a start: it has no effect to test"
        case .latched(let name): "\(name) is latched: a test needs a bench on which nothing is"
        case .bypassed(let name): "\(name) is out of service"
        case .unread(let name, let signal): "\(name) has not yet read \(signal)"
        case .voting(let name, let why): "\(name) is about to trip by itself: \(why)"
        }
    }

    public var hint: String {
        switch self {
        case .unknown, .permissive: "see interlocks.list"
        case .latched: "do what its response says, reset it, and test again"
        case .bypassed: "end the bypass with interlocks.restore, and test again"
        case .unread: "bring back the device that measures it, and test again"
        case .voting: "look at the signal that it watches"
        }
    }
}

extension InterlockEngine {
    /// Shows a row its cause, once: it trips as it would by itself, after its delay. Everything from the judgement on is
    /// real; the sensor and its link are not tested by this.
    public mutating func inject(
        _ name: InterlockName, at now: Moment
    ) throws(ProofRefusal) -> (injection: Injection, latches: [Latch]) {
        guard let index = rows.firstIndex(where: { $0.rule.name == name }) else {
            throw .unknown(name, known: rows.map(\.rule.name))
        }
        if let latch = latches.first { throw .latched(latch.interlock) }
        try checkTestable(rows[index], at: now)
        let chosen = Array(rows[index].inputs.indices.prefix(rows[index].rule.cause.votes))
        for input in chosen { rows[index].inputs[input].inject() }
        let injection = Injection(
            interlock: name, text: chosen.compactMap { rows[index].inputs[$0].injectedText }.joined(separator: ", "),
            effects: rows[index].rule.effects, delay: rows[index].rule.cause.delay)
        return (injection, scan(at: now))
    }

    private func checkTestable(_ row: Row, at now: Moment) throws(ProofRefusal) {
        let name = row.rule.name
        guard !row.rule.isPermissive else { throw .permissive(name) }
        guard row.bypass == nil else { throw .bypassed(name) }
        if let unread = row.inputs.first(where: { !$0.isArmed }) { throw .unread(name, unread.test.signal) }
        if let why = row.vote(at: now) { throw .voting(name, why) }
    }
}
