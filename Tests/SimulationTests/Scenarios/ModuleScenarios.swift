import VirtualBench

/// The I/O module: the heater's contactor, the pressure of the line, the leak sensor.
extension FaultScenario {
    /// The on-delay of the rows on its inputs.
    private static let tripped = 4.0

    @CatalogueBuilder static var module: [FaultScenario] {
        FaultScenario(
            "line-clogs", "The reactor clogs by a factor of e in a minute, and the pressure in the line rises.",
            in: .stage(.settling), [.fault("reactor", .clog, value: 30)],
            ends: .failed(["trip", "flow_lost"]), latches: ["line-over-pressure"], .safe(within: 45), lasts: 60)
        FaultScenario(
            "line-over-pressure", "The line's transmitter shows 9 bar.",
            in: .stage(.settling), [.fault("io", .pressure, value: 9)],
            ends: .failed(["trip"]), latches: ["line-over-pressure"], .safe(within: tripped))
        FaultScenario(
            "pressure-loop-broken", "The transmitter's loop is broken: an unknown pressure is not a safe one.",
            in: .stage(.settling), [.fault("io", .inputBroken)],
            ends: .failed(["trip"]), latches: ["line-over-pressure"], .safe(within: tripped))
        FaultScenario(
            "tray-leak", "The tray under the pumps is wet.",
            in: .stage(.flowing), [.fault("io", .leakDetected)],
            ends: .failed(["trip"]), latches: ["tray-leak"], .safe(within: tripped))
        FaultScenario(
            "module-unplugged",
            "The I/O module's link is cut: its own watchdog opens the contactor, and its inputs are unknown.",
            in: .stage(.settling), [.fault("io", .unplug, for: 12)],
            ends: .failed(["device_lost"], device: "io"), latches: ["line-over-pressure", "tray-leak"],
            .contactorOpen(within: 2.2), .safe(within: 7))
        FaultScenario(
            "module-silent", "The I/O module answers nothing for 12 s.",
            in: .stage(.measuring), [.fault("io", .mute, for: 12)],
            ends: .failed(["device_lost"], device: "io"), latches: ["line-over-pressure", "tray-leak"],
            .contactorOpen(within: 2.2), .safe(within: 7))
        FaultScenario(
            "contactor-opened-by-another-hand",
            "Another master opens the contactor: the plate cools, and its controller does not know.",
            in: .stage(.settling), [.switchRelayOff],
            ends: .failed(["contactor_open"], device: "io"), .pumpsStand(within: 3))
        FaultScenario(
            "contactor-welded-at-a-trip",
            "The contactor is welded when somebody wants the safe state: heat and flow are off, and that the module is not proven is said.",
            in: .stage(.settling), [.fault("io", .contactorStuck), .safeState],
            ends: .failed(["trip"]), latches: ["safe-state"], alarms: ["unproven:io"],
            .pumpsStand(within: 3), .heaterOff(within: 3, since: .firstAct))
    }
}
