import DeviceModel
import Quantities

/// An interlock that a person has taken out of service for a while: its inputs do not count. What is latched stays latched,
/// but can then be reset: a broken sensor must not keep a bench down that a person answers for.
public struct Bypass: Hashable, Sendable, Codable {
    public let interlock: InterlockName
    public let person: String
    public let reason: String
    public let at: Moment
    /// By the calendar, so that a restart does not make it longer.
    public let until: WallInstant

    public init(interlock: InterlockName, person: String, reason: String, at: Moment, until: WallInstant) {
        self.interlock = interlock
        self.person = person
        self.reason = reason
        self.at = at
        self.until = until
    }
}

/// Why an interlock was not bypassed.
public enum BypassRefusal: Error, Hashable, Sendable {
    case unknown(InterlockName, known: [InterlockName])
    case never(InterlockName)

    public var kind: String {
        switch self {
        case .unknown: "unknown_interlock"
        case .never: "bypass_forbidden"
        }
    }

    public var text: String {
        switch self {
        case .unknown(let name, let known):
            "no interlock \(name); this bench has \(known.map(\.text).joined(separator: ", "))"
        case .never(let name): "interlock \(name) may not be bypassed: the bench file says bypass = \"never\""
        }
    }

    public var hint: String {
        switch self {
        case .unknown: "see interlocks.list"
        case .never: "mend its input; who may change the bench file may change this too"
        }
    }
}

/// Taking rows out of service.
extension InterlockEngine {
    /// - Parameter span: how long; link time, so that a clock that is set meanwhile changes nothing.
    public mutating func bypass(
        _ name: InterlockName, by person: String, reason: String, for span: WireDuration, at now: Moment
    ) throws(BypassRefusal) -> Bypass {
        guard let row = rows.firstIndex(where: { $0.rule.name == name }) else {
            throw .unknown(name, known: rows.map(\.rule.name))
        }
        guard rows[row].rule.mayBypass else { throw .never(name) }
        let until = now.wall + .init(nanoseconds: span.nanoseconds)
        let bypass = Bypass(interlock: name, person: person, reason: reason, at: now, until: until)
        rows[row].bypass = (bypass, now.wire + span)
        rows[row].votingSince = nil
        for input in rows[row].inputs.indices { rows[row].inputs[input].endInjection() }
        noteDue([row])
        return bypass
    }

    /// Puts it back into service before its time; nil when it was in service.
    public mutating func endBypass(_ name: InterlockName) -> Bypass? {
        guard let row = rows.firstIndex(where: { $0.rule.name == name }), let bypass = rows[row].bypass else {
            return nil
        }
        rows[row].bypass = nil
        judgeSoon(row)
        return bypass.0
    }

    /// Those whose time is over. They are in service again; the next scan judges them.
    public mutating func expireBypasses(at now: Moment) -> [Bypass] {
        var ended: [Bypass] = []
        for row in rows.indices {
            guard let (bypass, ends) = rows[row].bypass, ends <= now.wire else { continue }
            rows[row].bypass = nil
            judgeSoon(row)
            ended.append(bypass)
        }
        return ended
    }

    public var bypasses: [Bypass] { rows.compactMap { $0.bypass?.0 } }

    /// Those of an earlier daemon that still have time, and whose row may still be bypassed.
    public mutating func restore(_ bypasses: [Bypass], at now: Moment) {
        for bypass in bypasses where bypass.until > now.wall {
            guard let row = rows.firstIndex(where: { $0.rule.name == bypass.interlock }), rows[row].rule.mayBypass
            else {
                continue
            }
            rows[row].bypass = (bypass, now.wire + .init(nanoseconds: (bypass.until - now.wall).nanoseconds))
            noteDue([row])
        }
    }
}
