import DeviceModel
import VirtualBench

/// What can be wrong with the hot plate, its thermocouple and its relay.
extension FaultScenario {
    /// Ten seconds without noise, half a second of polls, and the proof.
    private static let frozen = 13.5

    private static let everyRow: [InterlockName] = [
        "plate-over-temperature", "plate-temperature-lost", "plate-sensor-frozen", "plate-sensor-jump",
        "plate-not-warming", "plate-overdriven",
    ]

    static var plate: [FaultScenario] { sensor + heater }

    @CatalogueBuilder private static var sensor: [FaultScenario] {
        FaultScenario(
            "plate-sensor-frozen-while-heating",
            "The thermocouple shows one value for ever, and the controller would heat on towards what it will never see.",
            on: .new(plate: 100), in: .warmingUp, [.fault("heater", .sensorFrozen)],
            ends: .failed(["trip"]), latches: ["plate-sensor-frozen"], .safe(within: frozen), lasts: 60)
        FaultScenario(
            "plate-sensor-frozen-while-settling",
            "The thermocouple shows one value for ever while the line settles, where one value looks best of all.",
            in: .stage(.settling), [.fault("heater", .sensorFrozen)],
            ends: .failed(["trip"]), latches: ["plate-sensor-frozen"], .safe(within: frozen), lasts: 60)
        FaultScenario(
            "plate-sensor-drops-20-k",
            "The thermocouple comes loose and reads 20 K too low at once: the controller would make up for it.",
            in: .stage(.settling), [.fault("heater", .sensorOffset, value: -20)],
            ends: .failed(["trip"]), latches: ["plate-sensor-jump"], .safe(within: 5),
            lasts: 100)
        FaultScenario(
            "plate-sensor-drops-60-k",
            "The thermocouple comes off and reads 60 K too low at once.",
            in: .stage(.settling), [.fault("heater", .sensorOffset, value: -60)],
            ends: .failed(["trip"]), latches: ["plate-sensor-jump"], mayLatch: ["plate-not-warming"],
            .safe(within: 5), lasts: 100)
        FaultScenario(
            "plate-sensor-jumps-by-40-k", "The thermocouple reads 40 K too much at once.",
            in: .stage(.settling), [.fault("heater", .sensorOffset, value: 40)],
            ends: .failed(["trip"]), latches: ["plate-sensor-jump"], mayLatch: everyRow, .safe(within: 5), lasts: 100)
        FaultScenario(
            "plate-sensor-was-always-20-k-low",
            "The thermocouple was mounted wrongly and reads 20 K too low all the time: nothing on this bench shows that, and the plate stays below what it is built for.",
            on: .new(plate: 100), in: .idle(celsius: 150),
            [.wait(3), .fault("heater", .sensorOffset, value: -20), .wait(10), .reset("plate-sensor-jump")],
            ends: .done)
        FaultScenario(
            "plate-sensor-was-always-45-k-low",
            "The thermocouple was mounted so wrongly that the output which the plate takes betrays it.",
            on: .new(plate: 80), in: .idle(celsius: 120),
            [.wait(3), .fault("heater", .sensorOffset, value: -45), .wait(10), .reset("plate-sensor-jump")],
            ends: .failed(["trip"]), latches: ["plate-overdriven"], .safe(within: 5, since: .end))
        FaultScenario(
            "plate-sensor-open-while-heating",
            "The thermocouple's wire breaks while the plate is heated, and the controller shows its code for that.",
            on: .new(plate: 100), in: .warmingUp, [.fault("heater", .sensorOpen)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"],
            mayLatch: everyRow,
            .safe(within: 3))
        FaultScenario(
            "plate-sensor-open-while-settling", "The thermocouple's wire breaks while the line settles.",
            in: .stage(.settling), [.fault("heater", .sensorOpen)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"],
            mayLatch: everyRow,
            .safe(within: 3))
        FaultScenario(
            "plate-sensor-contact-flickers", "The thermocouple's wire breaks for three tenths of a second.",
            in: .stage(.settling), [.fault("heater", .sensorOpen, for: 0.3)],
            ends: .doneOrFailed(["trip"]), mayLatch: everyRow)
        FaultScenario(
            "plate-over-temperature", "The plate is suddenly at 172 degC.",
            in: .stage(.settling), [.fault("heater", .plateTemperature, value: 172)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"], mayLatch: ["plate-sensor-jump"],
            .safe(within: 3))
    }

    @CatalogueBuilder private static var heater: [FaultScenario] {
        FaultScenario(
            "heater-dead-while-heating", "The heater takes no power any more while the plate is on its way.",
            on: .new(plate: 100), in: .warmingUp, [.fault("heater", .relayStuckOff)],
            ends: .failed(["trip"]), latches: ["plate-not-warming"], .safe(within: 43),
            lasts: 90)
        FaultScenario(
            "heater-dead-while-settling",
            "The heater takes no power any more while the line settles: the plate cools by 5 K a minute.",
            in: .stage(.settling), [.fault("heater", .relayStuckOff)],
            ends: .failed(["trip"]), latches: ["plate-not-warming"], .safe(within: 150),
            lasts: 170)
        FaultScenario(
            "heater-relay-stuck-on-while-heating",
            "The heater's relay is welded while the plate is heated: off by the controller is not off.",
            on: .new(plate: 100), in: .warmingUp, [.fault("heater", .relayStuckOn)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"],
            .safe(within: 3, since: .hot), lasts: 250)
        FaultScenario(
            "heater-relay-stuck-on-while-settling",
            "The heater's relay is welded while the line settles; the contactor before it cuts the power.",
            in: .stage(.settling), [.fault("heater", .relayStuckOn)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"],
            .safe(within: 3, since: .hot), lasts: 250)
        FaultScenario(
            "heater-relay-stuck-on-while-idle",
            "The heater's relay is welded while nothing runs and the plate is kept warm.",
            in: .idle(), [.fault("heater", .relayStuckOn), .wait(200)],
            ends: .waits, latches: ["plate-over-temperature"],
            .safe(within: 3, since: .hot), lasts: 250)
        FaultScenario(
            "heater-runaway", "The heater runs away for two and a half minutes.",
            in: .stage(.settling), [.fault("heater", .heaterRunaway, for: 150)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"],
            .safe(within: 3, since: .hot), lasts: 300)
        FaultScenario(
            "heater-relay-and-contactor-stuck",
            "The heater's relay and the contactor before it are both welded: it is said that the bench is not proven safe, and the limit module is the last line.",
            in: .stage(.settling), [.fault("heater", .relayStuckOn), .fault("io", .contactorStuck)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"], alarms: ["unproven:io"],
            .pumpsStand(within: 3, since: .hot), hottest: 210, lasts: 250)
    }
}
