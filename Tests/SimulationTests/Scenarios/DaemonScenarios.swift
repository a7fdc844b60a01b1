import VirtualBench

/// The daemon itself, its disk, its clock and its clients.
extension FaultScenario {
    /// The devices are asked who they are first.
    private static let afterStart = Promise.safe(within: 5, since: .lastAct)
    /// The I/O module's watchdog.
    private static let unpowered = Promise.contactorOpen(within: 2.2)

    static var daemon: [FaultScenario] { kills + trouble }

    private static func killed(_ where: String, _ begins: Beginning, losing: Bool) -> FaultScenario {
        FaultScenario(
            "killed-while-\(`where`)", "The daemon is killed while \(`where`), and started again after 10 s.",
            in: begins, [.kill(losingUncommitted: losing), .wait(10), .restart],
            ends: .interrupted, latches: ["unclean-end"], unpowered, afterStart)
    }

    @CatalogueBuilder private static var kills: [FaultScenario] {
        killed("referencing", .references(.sweeping), losing: true)
        killed("heating", .stage(.heating), losing: false)
        killed("flowing", .stage(.flowing), losing: true)
        killed("settling", .stage(.settling), losing: false)
        killed("measuring", .stage(.measuring), losing: true)
        FaultScenario(
            "killed-thrice", "The daemon is killed three times in a row, before the first kill's harm is undone.",
            in: .stage(.settling),
            [
                .kill(losingUncommitted: true), .restart, .wait(0.02), .kill(losingUncommitted: false), .restart,
                .wait(0.05), .kill(losingUncommitted: true), .restart,
            ],
            ends: .interrupted, latches: ["unclean-end"], afterStart)
        FaultScenario(
            "killed-with-the-relay-stuck",
            "The heater's relay is welded and the daemon is killed: the module's watchdog opens the contactor.",
            in: .stage(.settling),
            [.fault("heater", .relayStuckOn), .kill(losingUncommitted: true), .wait(200), .restart],
            ends: .interrupted, latches: ["unclean-end"], unpowered, afterStart)
        FaultScenario(
            "killed-with-a-full-disk", "The disk is full, and the daemon is killed 20 s later.",
            in: .stage(.settling),
            [.fillDisk, .wait(20), .kill(losingUncommitted: true), .makeRoom, .restart],
            ends: .interrupted, latches: ["unclean-end"], afterStart)
        FaultScenario(
            "asked-to-end", "The daemon is asked to end, and started again after 10 s.",
            in: .stage(.settling), [.shutDown, .wait(10), .restart],
            ends: .interrupted, .safe(within: 3))
    }

    @CatalogueBuilder private static var trouble: [FaultScenario] {
        FaultScenario(
            "disk-full",
            "The disk is full for ten minutes: what runs is finished, and nothing is told that is not kept.",
            in: .stage(.settling), [.fillDisk, .wait(600), .makeRoom, .wait(1)],
            ends: .done, lasts: 620)
        FaultScenario(
            "disk-full-at-a-trip", "Somebody wants the safe state while the disk is full: safety does not wait for it.",
            in: .stage(.measuring), [.fillDisk, .safeState, .wait(20), .makeRoom],
            ends: .failed(["trip"]), latches: ["safe-state"], .safe(within: 3))
        FaultScenario(
            "clock-jumps-ahead",
            "The host's clock is set a day ahead while the line settles: nothing is decided by it.",
            in: .stage(.settling), [.jumpClock(seconds: 86_400)], ends: .done)
        FaultScenario(
            "clock-jumps-back", "The host's clock is set two hours back while spectra are taken.",
            in: .stage(.measuring), [.jumpClock(seconds: -7200)], ends: .done)
        FaultScenario(
            "clock-jumps-back-at-a-trip", "The host's clock is set a year back, and the plate is too hot.",
            in: .stage(.settling), [.jumpClock(seconds: -3.15e7), .fault("heater", .plateTemperature, value: 172)],
            ends: .failed(["trip"]), latches: ["plate-over-temperature"], mayLatch: ["plate-sensor-jump"],
            .safe(within: 3))
        FaultScenario(
            "client-floods", "A client asks four thousand things at once, and then somebody wants the safe state.",
            in: .stage(.settling), [.flood(4000), .safeState],
            ends: .failed(["trip"]), latches: ["safe-state"], .safe(within: 3, since: .lastAct))
        FaultScenario(
            "safe-state-by-anybody", "An observer asks for the safe state while spectra are taken.",
            in: .stage(.measuring), [.safeState],
            ends: .failed(["trip"]), latches: ["safe-state"], .safe(within: 3))
    }
}
