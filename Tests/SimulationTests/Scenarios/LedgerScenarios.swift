import VirtualBench

/// What the daemon itself knows: its ledger, what it told the pumps, and how late it is.
extension FaultScenario {
    private static let ended = Promise.pumpsStand(within: 3, since: .end)

    /// Rows that the example leaves out, before its last one.
    private static func rows(_ cause: String, name: String) -> [String: String] {
        let last = "[[interlocks]]\nname = \"waste-full\""
        let row = """
            [[interlocks]]
            name = "\(name)"
            cause = { \(cause) }
            effect = ["pumps-stop", "heater-off", "contactor-open"]
            response = "Look."

            """
        return [last: row + "\n" + last]
    }

    @CatalogueBuilder static var ownCauses: [FaultScenario] {
        FaultScenario(
            "waste-full-while-settling",
            "The plate is disturbed and the line settles for longer than the waste has room: the experiment ends, and the latch stays until the waste is empty.",
            in: .scarceWaste(share: 1.101), [.fault("heater", .plateTemperature, value: 137)],
            ends: .failed(["waste_full"]), latches: ["waste-full"], alarms: ["waste-full"], ended)
        FaultScenario(
            "cui-empty-with-a-row-on-it",
            "A bench file has a row on the ledger, and the CuI runs out while the line settles.",
            on: .new(plate: 139, changes: rows("ledger_empty = \"*\"", name: "syringe-empty")),
            in: .scarce(.cui, share: 1.101), [.fault("heater", .plateTemperature, value: 137)],
            ends: .failed(["reagent_empty"], device: "cui"), latches: ["syringe-empty"], alarms: ["reagent-low:cui"],
            ended, .safe(within: 4, since: .end))
        FaultScenario(
            "pump-slowed-at-its-panel", "Somebody sets a lower rate on a pump that runs: its own settings show it.",
            in: .stage(.settling), [.rateAtPanel(.cui, 40)],
            ends: .failed(["flow_lost"], device: "cui"), .pumpsStand(within: 8))
        FaultScenario(
            "pump-started-at-its-panel",
            "Somebody presses start on a pump that nobody told to run: it is stopped, and the next experiment waits for that.",
            in: .idle(), [.startAtPanel(.cui), .wait(10)], ends: .done)
        FaultScenario(
            "loop-held-up", "The host gives the daemon no time for 0.6 s, and a row of the bench file watches that.",
            on: .new(plate: 139, changes: rows("loop_overrun = \"200ms\"", name: "loop-late")),
            in: .stage(.settling), [.holdUp(0.6)],
            ends: .failed(["trip"]), latches: ["loop-late"], .safe(within: 4.5))
    }
}
