import Experiments
import Quantities
import VirtualBench
import Wire

/// Looks at the bench, puts right what has tripped, fills syringes, and takes devices in hand now and then.
final class Technician: SimulatedClient {
    private var awayUntil = WireInstant.zero
    private var lease: String?
    private var inMaintenance = false

    override func pause() -> WireDuration { generator.span(4, 30) }

    override func turn(_ trial: Trial) {
        guard trial.now.wire >= awayUntil else { return }
        guard let connection = connection else {
            lease = nil
            if connect(trial) != nil { ask(trial, "system.hello", "{\"client\":\"technician\"}") }
            return
        }
        if generator.isLucky(0.01) {
            awayUntil = trial.now.wire + generator.span(1, 60)
            return hangUp(connection.number, trial)
        }
        ask(trial, "system.status")
        ask(trial, "alarms.list")
        if generator.isLucky(0.3) { ask(trial, "reagents.list") }
        guard trial.isTroubled else { return tidyUp(trial) }
        if generator.isLucky(0.05) { takeInHand(trial) }
        if generator.isLucky(0.02) { maintain(trial) }
        if let lease, generator.isLucky(0.3) {
            ask(trial, generator.isLucky(0.5) ? "lease.release" : "lease.renew", "{\"lease\":\"\(lease)\"}")
        }
    }

    /// In the calm at the end nobody has anything in hand.
    private func tidyUp(_ trial: Trial) {
        if let lease { ask(trial, "lease.release", "{\"lease\":\"\(lease)\"}") }
        lease = nil
        // Not that of others.
        if inMaintenance { ask(trial, "maintenance.exit") }
        inMaintenance = false
    }

    private static let pumps = ["cui", "oa_cui", "oam_cui", "ode_cui", "cs_oleate", "oa_cs", "ode_cs", "pfo"]

    private func takeInHand(_ trial: Trial) {
        let device = Self.pumps[generator.integer(Self.pumps.count)]
        let seconds = generator.uniform(2, 60)
        ask(
            trial, "lease.acquire",
            "{\"devices\":[\"\(device)\",\"heater\"],\"person\":\"Ada\",\"reason\":\"a look\",\"duration_s\":\(seconds)}"
        )
        ask(
            trial, "pumps.start",
            "{\"device\":\"\(device)\",\"flow_ul_min\":\(generator.uniform(10, 300)),\"volume_ul\":\(generator.uniform(5, 200))}"
        )
        if generator.isLucky(0.3) { ask(trial, "heaters.set", "{\"device\":\"heater\",\"temperature_c\":120}") }
    }

    private func maintain(_ trial: Trial) {
        if inMaintenance {
            ask(trial, "maintenance.exit")
        } else {
            ask(
                trial, "maintenance.enter",
                "{\"person\":\"Ada\",\"reason\":\"a look\",\"duration_s\":\(generator.uniform(60, 300))}")
        }
        inMaintenance.toggle()
    }

    override func answered(_ method: String, _ id: Int64, _ result: JSONValue, _ trial: Trial) {
        switch method {
        case "system.status":
            for latch in Self.elements(result["latched_interlocks"]) {
                guard let name = latch["interlock"]?.text, generator.isLucky(0.7) else { continue }
                ask(trial, "interlocks.reset", "{\"interlock\":\"\(name)\"}")
            }
        case "alarms.list":
            for alarm in Self.elements(result["alarms"]) {
                guard let name = alarm["id"]?.text ?? alarm["alarm"]?.text, generator.isLucky(0.8) else { continue }
                ask(trial, "alarms.acknowledge", "{\"alarm\":\"\(name)\"}")
            }
        case "reagents.list": fill(result, trial)
        case "lease.acquire": lease = result["lease"]?.text
        default: break
        }
    }

    private func fill(_ result: JSONValue, _ trial: Trial) {
        for reagent in Self.elements(result["reagents"]) {
            guard let device = reagent["device"]?.text, let left = reagent["remaining_ul"]?.double, left < 15_000 else {
                continue
            }
            trial.refill(device)
            ask(trial, "reagents.refill", "{\"device\":\"\(device)\"}")
        }
        if let room = result["waste"]?["remaining_ul"]?.double ?? result["waste_remaining_ul"]?.double, room < 50_000 {
            ask(trial, "reagents.empty_waste")
        }
    }

    static func elements(_ value: JSONValue?) -> [JSONValue] { if case .array(let all)? = value { all } else { [] } }
}
