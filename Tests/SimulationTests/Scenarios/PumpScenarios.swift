import VirtualBench

/// Pumps, syringes and what is in them.
extension FaultScenario {
    private static let ended = Promise.pumpsStand(within: 3, since: .end)

    private static let everyPumpUnplugged = PumpName.allCases.map { Act.fault($0.rawValue, .unplug, for: 10) }

    static var pumps: [FaultScenario] { motors + contents }

    @CatalogueBuilder private static var motors: [FaultScenario] {
        FaultScenario(
            "pump-stall-stops-partners",
            "One pump stalls in mid-run: what its partners make without it is another mixture.",
            in: .stage(.settling), [.fault("oa_cui", .stall, for: 20)],
            ends: .failed(["flow_lost", "device_lost"], device: "oa_cui"), .pumpsStand(within: 3))
        FaultScenario(
            "pump-stall-at-the-start", "One pump is stuck when the flows are started.",
            in: .stage(.heating), [.fault("cs_oleate", .stall)],
            ends: .failed(["command_failed", "flow_lost", "device_lost"]), ended)
        FaultScenario(
            "carrier-pump-stalls-while-measuring", "The carrier's pump stalls while spectra are taken.",
            in: .stage(.measuring), [.fault("pfo", .stall)],
            ends: .failed(["flow_lost", "device_lost"], device: "pfo"), .pumpsStand(within: 3))
        FaultScenario(
            "pump-forgets-its-settings", "A pump loses its power for a moment and with it diameter, units and rate.",
            in: .stage(.settling), [.fault("oa_cui", .powerCycle)],
            ends: .failed(["device_lost", "flow_lost", "command_failed"], device: "oa_cui"), .pumpsStand(within: 8))
        FaultScenario(
            "pump-forgets-its-settings-while-idle",
            "A pump loses its power between two experiments: it is set anew, and the next result is true.",
            in: .idle(), [.fault("cui", .powerCycle), .wait(10)], ends: .done)
        FaultScenario(
            "pump-stopped-at-its-panel", "Somebody presses stop on a pump: no reply shows it but the status.",
            in: .stage(.measuring), [.stopAtPanel(.oaCs)],
            ends: .failed(["flow_lost"], device: "oa_cs"), .pumpsStand(within: 3))
    }

    @CatalogueBuilder private static var contents: [FaultScenario] {
        FaultScenario(
            "pump-sticks",
            "The plunger sticks and delivers a fifth less for 30 s, which no pump reports: what is measured is what is in the cell.",
            in: .stage(.settling), [.fault("cui", .slow, value: 0.8, for: 30)],
            ends: .doneOrFailed(["not_steady"]))
        FaultScenario(
            "pump-line-leaks",
            "A tenth leaks out behind the pump, which only a model of the spectrum would show: what is measured is what is in the cell.",
            in: .stage(.settling), [.fault("cs_oleate", .leak)], ends: .doneOrFailed(["not_steady"]))
        FaultScenario(
            "gas-bubble", "A bubble of gas in the syringe makes its flow lag by half a minute.",
            in: .stage(.settling), [.fault("cs_oleate", .bubble, value: 30)], ends: .doneOrFailed(["not_steady"]))
        FaultScenario(
            "cui-syringe-dry",
            "The CuI syringe gives nothing any more, and its pump does not know: what is measured is what is in the cell.",
            in: .stage(.settling), [.fault("cui", .drySyringe)],
            ends: .doneOrFailed(["not_steady", "spectrum", "deadline"]))
        FaultScenario(
            "pfo-syringe-dry",
            "The carrier's syringe gives nothing any more, and its pump does not know: the droplets are not even.",
            in: .stage(.settling), [.fault("pfo", .drySyringe)],
            ends: .doneOrFailed(["not_steady", "spectrum", "reference_drift"]))
        FaultScenario(
            "cui-runs-out-while-settling",
            "The plate is disturbed and the line settles for longer than the CuI in its syringe lasts: the ledger ends the experiment, not air.",
            in: .scarce(.cui, share: 1.101), [.fault("heater", .plateTemperature, value: 137)],
            ends: .failed(["reagent_empty"], device: "cui"), alarms: ["reagent-low:cui"], ended)
        FaultScenario(
            "pfo-runs-out-while-settling", "The same with the carrier, whose end no spectrum shows well.",
            in: .scarce(.pfo, share: 1.101), [.fault("heater", .plateTemperature, value: 137)],
            ends: .failed(["reagent_empty"], device: "pfo"), alarms: ["reagent-low:pfo"], ended)
        FaultScenario(
            "pump-unplugged",
            "A pump's USB cable is pulled for good: it cannot be told to stop, and its partners stop at once.",
            in: .stage(.settling), [.fault("cui", .unplug)],
            ends: .failed(["device_lost"], device: "cui"), latches: ["pump-not-moving-as-told"],
            .partnersStand(of: .cui, within: 3), .heaterOff(within: 20), .contactorOpen(within: 20))
        FaultScenario(
            "pump-replugged-running",
            "A pump's USB cable is pulled and back after 10 s: it is found running, and stopped before all else.",
            in: .stage(.settling), [.fault("cui", .unplug, for: 10)],
            ends: .failed(["device_lost"], device: "cui"),
            .partnersStand(of: .cui, within: 3), .pumpsStand(within: 18))
        FaultScenario(
            "all-pumps-cut-off", "The USB hub of all eight pumps is off for 10 s while they run.",
            in: .stage(.settling), everyPumpUnplugged,
            ends: .failed(["device_lost"]), mayLatch: ["safe-state"], .pumpsStand(within: 18))
    }
}
