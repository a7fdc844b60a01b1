import DeviceModel
import VirtualBench

/// Wires that lie, lag or are silent.
extension FaultScenario {
    /// A line that is given up is tried again after 15 s at the latest.
    private static let ended = Promise.pumpsStand(within: 20, since: .end)
    private static let lost = ["device_lost", "command_failed", "flow_lost", "deadline", "spectrum"]
    private static let lostOrTripped = ["trip", "device_lost", "command_failed", "flow_lost", "deadline", "spectrum"]
    private static let heaterLatches: [InterlockName] = [
        "plate-over-temperature", "plate-temperature-lost", "plate-sensor-frozen", "plate-sensor-jump",
        "plate-not-warming", "plate-overdriven",
    ]

    /// The I/O module is unit 2 on the heater's own bus.
    private static let oneBus = [
        """
        [links.io]
        modbus_tcp = "127.0.0.1:1502"       # a real module: its own address, mostly with port 502
        """: "", "link = \"io\"": "link = \"heater\"\nunit = 2",
    ]

    static var links: [FaultScenario] { pumpLinks + heaterLinks }

    @CatalogueBuilder private static var pumpLinks: [FaultScenario] {
        FaultScenario(
            "pump-bytes-flipped", "One bit of every reply of a pump is flipped, for 15 s.",
            in: .stage(.settling), [.fault("cui", .corrupt, for: 15)], ends: .doneOrFailed(lost), ended)
        FaultScenario(
            "pump-replies-truncated", "Every reply of a pump is cut short, for 15 s.",
            in: .stage(.settling), [.fault("cui", .truncate, for: 15)], ends: .doneOrFailed(lost), ended)
        FaultScenario(
            "pump-garbage", "Garbage comes before every reply of a pump, for 15 s.",
            in: .stage(.flowing), [.fault("pfo", .garbage, for: 15)], ends: .doneOrFailed(lost),
            mayLatch: ["safe-state"], ended)
        FaultScenario(
            "pump-replies-twice", "A pump sends every reply twice.",
            in: .stage(.heating), [.fault("cui", .duplicate)], ends: .done, ended)
        FaultScenario(
            "pump-replies-late-by-100-ms", "A pump's replies come a tenth of a second late.",
            in: .stage(.heating), [.fault("cui", .delay, value: 0.1)], ends: .done, ended)
        FaultScenario(
            "pump-replies-late-by-2-s", "A pump's replies come two seconds late for a minute.",
            in: .stage(.settling), [.fault("cui", .delay, value: 2, for: 60)],
            ends: .failed(lost, device: "cui"), ended, lasts: 120)
        FaultScenario(
            "pump-replies-late-by-30-s", "A pump's replies come half a minute late, for two minutes.",
            in: .stage(.settling), [.fault("cui", .delay, value: 30, for: 120)],
            ends: .failed(lost, device: "cui"), latches: ["pump-not-moving-as-told"],
            .partnersStand(of: .cui, within: 10), .heaterOff(within: 45),
            lasts: 200)
        FaultScenario(
            "pump-silent", "A pump does not answer for 10 s.",
            in: .stage(.settling), [.fault("cs_oleate", .mute, for: 10)],
            ends: .failed(lost, device: "cs_oleate"), .pumpsStand(within: 15), lasts: 35)
        FaultScenario(
            "pump-echo-ends-crlf", "The pumps are of another firmware, and end their echo with CR LF.",
            on: .new(plate: 139, echo: .crlf), in: .idle(), [.wait(1)], ends: .done, ended)
        FaultScenario(
            "pump-echo-off", "The pumps are of another firmware, and echo nothing.",
            on: .new(plate: 139, echo: .off), in: .idle(), [.wait(1)], ends: .done, ended)
    }

    @CatalogueBuilder private static var heaterLinks: [FaultScenario] {
        FaultScenario(
            "heater-unplugged",
            "The heater's link is cut for 10 s: the plate is unknown, and an unknown plate is not a safe one.",
            in: .stage(.settling), [.fault("heater", .unplug, for: 10)],
            ends: .failed(["trip", "device_lost"]), latches: ["plate-temperature-lost"], mayLatch: heaterLatches,
            .pumpsStand(within: 3), .contactorOpen(within: 5), .safe(within: 25))
        FaultScenario(
            "heater-silent", "The heater's controller answers nothing for 10 s.",
            in: .stage(.heating), [.fault("heater", .mute, for: 10)],
            ends: .failed(["trip", "device_lost"]), latches: ["plate-temperature-lost"], mayLatch: heaterLatches,
            .contactorOpen(within: 5), .safe(within: 25))
        FaultScenario(
            "dead-unit-beside-the-heater",
            "The heater's bus has a second unit that is dead: a trip of the heater is no more than 300 ms later.",
            on: .new(plate: 139, changes: oneBus), in: .stage(.settling),
            [.fault("io", .mute), .wait(0.3), .safeState],
            ends: .failed(["trip", "device_lost"]), latches: ["safe-state"],
            mayLatch: ["line-over-pressure", "tray-leak"],
            .heaterOff(within: 0.4, since: .lastAct), .pumpsStand(within: 0.4, since: .lastAct),
            .contactorOpen(within: 2.2))
        FaultScenario(
            "heater-replies-late-by-100-ms", "The heater's replies come a tenth of a second late.",
            in: .stage(.heating), [.fault("heater", .delay, value: 0.1)], ends: .done, ended)
        FaultScenario(
            "heater-replies-late-by-2-s",
            "The heater's replies come two seconds late for 10 s: nobody waits for them for so long.",
            in: .stage(.settling), [.fault("heater", .delay, value: 2, for: 10)],
            ends: .failed(["trip", "device_lost"]), latches: ["plate-temperature-lost"], mayLatch: heaterLatches,
            .pumpsStand(within: 5), .contactorOpen(within: 5), .safe(within: 25))
        FaultScenario(
            "heater-bytes-flipped", "One bit of every reply of the heater is flipped, for 15 s.",
            in: .stage(.settling), [.fault("heater", .corrupt, for: 15)],
            ends: .doneOrFailed(lostOrTripped), mayLatch: heaterLatches, ended)
        FaultScenario(
            "heater-replies-truncated", "Every reply of the heater is cut short, for 15 s.",
            in: .stage(.settling), [.fault("heater", .truncate, for: 15)],
            ends: .doneOrFailed(lostOrTripped), mayLatch: heaterLatches, ended)
    }
}
