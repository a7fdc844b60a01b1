import DeviceModel
import Interlocks
import Quantities

/// Proof tests: an interlock is shown its cause on a bench that does nothing else.
extension BenchController {
    mutating func prove(
        _ name: InterlockName, _ person: String, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        guard active == nil, next == nil || maintenance != nil, flush == nil, winding.isEmpty, manual.leases.isEmpty
        else {
            return refuse(
                token, "bench_busy",
                "an interlock is tested on a bench that does nothing else; something runs, waits or is leased",
                "let the queue run empty, or hold what waits; then test")
        }
        let unproven = core.unproven.map(\.text)
        guard unproven.isEmpty else {
            return refuse(
                token, "safe_state_unproven", "no read-back shows \(unproven.joined(separator: ", ")) safe",
                "wait some seconds and test again; see devices.list")
        }
        do throws(ProofRefusal) {
            let (injection, coreEffects) = try core.inject(name, at: now)
            take(coreEffects, at: now)
            audit("interlocks.prove", "\(name) by \(person): \(injection.text)", "injected", caller, at: now)
            outbox.reply(token, .interlockProving(injection, at: now.wall))
        } catch {
            audit("interlocks.prove", "\(name) by \(person)", error.kind, caller, at: now)
            refuse(token, error.kind, error.text, error.hint)
        }
    }
}
