import DeviceModel
import Interlocks
import Quantities

/// Interlocks that a technician takes out of service for a while. Each stands among the alarms as long as it lasts: nobody
/// shall take a bench for guarded that is not.
extension BenchController {
    mutating func bypass(
        _ name: InterlockName, _ person: String, _ reason: String, _ span: WireDuration, _ caller: Caller,
        _ token: RequestToken, at now: Moment
    ) {
        let detail = "\(name) by \(person) for \(span.seconds) s: \(reason)"
        do throws(BypassRefusal) {
            let bypass = try core.bypass(name, by: person, reason: reason, for: span, at: now)
            outbox.write(.bypassSet(bypass))
            outbox.publish("interlocks", EventData.bypass(bypass, isOn: true), at: now)
            raiseAlarm(of: bypass, at: now)
            audit("interlocks.bypass", detail, "bypassed", caller, at: now)
            outbox.reply(token, .interlockBypassed(name, until: bypass.until))
        } catch {
            audit("interlocks.bypass", detail, error.kind, caller, at: now)
            refuse(token, error.kind, error.text, error.hint)
        }
    }

    mutating func restore(_ name: InterlockName, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard let bypass = core.endBypass(name) else {
            refuse(token, "not_bypassed", "interlock \(name) is not bypassed", "see interlocks.list")
            return
        }
        ended(bypass, at: now)
        audit("interlocks.restore", name.text, "restored", caller, at: now)
        outbox.reply(token, .interlockRestored(name))
    }

    /// Those of an earlier daemon, which go on; what has run out meanwhile is over.
    mutating func takeOver(_ bypasses: [Bypass], at now: Moment) {
        let standing = core.bypasses
        for bypass in bypasses {
            if standing.contains(bypass) { raiseAlarm(of: bypass, at: now) } else { ended(bypass, at: now) }
        }
    }

    mutating func endBypasses(at now: Moment) {
        for bypass in core.expireBypasses(at: now) { ended(bypass, at: now) }
    }

    private mutating func ended(_ bypass: Bypass, at now: Moment) {
        outbox.write(.bypassEnded(bypass.interlock))
        outbox.publish("interlocks", EventData.bypass(bypass, isOn: false), at: now)
        clearAlarm("bypass:\(bypass.interlock)", at: now)
    }

    private mutating func raiseAlarm(of bypass: Bypass, at now: Moment) {
        raiseAlarm(
            "bypass:\(bypass.interlock)",
            "\(bypass.interlock) is out of service until \(bypass.until.rfc3339), by \(bypass.person): \(bypass.reason)",
            at: now)
    }
}
