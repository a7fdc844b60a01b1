import VirtualBench

/// Lamps, windows and spectrometers.
extension FaultScenario {
    private static let stands = Promise.pumpsStand(within: 3, since: .end)
    private static let unseen = ["spectrum", "deadline", "command_failed", "device_lost"]

    static var optics: [FaultScenario] { frames + lamps }

    @CatalogueBuilder private static var frames: [FaultScenario] {
        FaultScenario(
            "frames-dropped-while-measuring", "The emission spectrometer delivers no frames while it should measure.",
            in: .stage(.measuring), [.fault("spec_pl", .dropout, for: 90)],
            ends: .failed(unseen, device: "spec_pl"), stands)
        FaultScenario(
            "frames-dropped-for-a-moment",
            "The emission spectrometer drops its frames for two seconds while the line settles.",
            in: .stage(.settling), [.fault("spec_pl", .dropout, for: 2)], ends: .done, stands)
        FaultScenario(
            "frames-twice", "The emission spectrometer sends every frame twice.",
            in: .stage(.settling), [.fault("spec_pl", .duplicate)], ends: .done, stands)
        FaultScenario(
            "frames-stale-while-settling",
            "The emission spectrometer shows one frame for ever, which looks perfectly steady.",
            in: .stage(.settling), [.fault("spec_pl", .staleFrame)],
            ends: .failed(unseen, device: "spec_pl"), stands)
        FaultScenario(
            "absorption-frames-stale", "The absorption spectrometer shows one frame for ever.",
            in: .stage(.settling), [.fault("spec_abs", .staleFrame)],
            ends: .failed(unseen, device: "spec_abs"), stands)
        FaultScenario(
            "emission-saturated", "The emission spectrometer is beyond its range while it measures.",
            in: .stage(.measuring), [.fault("spec_pl", .saturate)],
            ends: .failed(["spectrum"], device: "spec_pl"), stands)
        FaultScenario(
            "absorption-saturated", "The absorption spectrometer is beyond its range while the line settles.",
            in: .stage(.settling), [.fault("spec_abs", .saturate)],
            ends: .failed(["spectrum"], device: "spec_abs"), stands)
        FaultScenario(
            "reference-saturated", "The absorption spectrometer is beyond its range while its reference is taken.",
            in: .references(.sweeping), [.fault("spec_abs", .saturate)],
            ends: .failed(["spectrum"], device: "spec_abs"), stands)
    }

    @CatalogueBuilder private static var lamps: [FaultScenario] {
        FaultScenario(
            "window-fouls-slowly",
            "Deposits on the window of the absorption cell add 0.0002 AU a minute: less than counts.",
            in: .stage(.settling), [.fault("spec_abs", .fouling, value: 2e-4)], ends: .done, stands)
        FaultScenario(
            "window-fouls-fast", "Deposits on the window of the absorption cell add 0.05 AU a minute.",
            in: .idle(), [.fault("spec_abs", .fouling, value: 0.05)],
            ends: .failed(["reference_drift"], device: "spec_abs"), stands)
        FaultScenario(
            "lamp-drifts", "The absorption lamp loses 0.3 % an hour, as lamps do.",
            in: .idle(), [.fault("spec_abs", .lampDrift)], ends: .done, stands)
        FaultScenario(
            "lamp-steps-down", "The absorption lamp is a fifth darker from one moment to the next.",
            in: .idle(), [.fault("spec_abs", .lampStep)],
            ends: .failed(["reference_drift"], device: "spec_abs"), stands)
        FaultScenario(
            "lamp-steps-while-measuring", "The absorption lamp is a fifth darker in the middle of a measurement.",
            in: .stage(.measuring), [.fault("spec_abs", .lampStep)],
            ends: .failed(["reference_drift"], device: "spec_abs"), stands)
        FaultScenario(
            "lamp-dies-before-the-reference", "The absorption lamp dies: what would be divided by it is noise.",
            in: .references(.sweeping), [.fault("spec_abs", .lampStep, value: -1)],
            ends: .failed(["spectrum"], device: "spec_abs"), stands)
        FaultScenario(
            "emission-lamp-drifts", "The LED of the emission cell loses 0.3 % an hour, as lamps do.",
            in: .idle(), [.fault("spec_pl", .lampDrift)], ends: .done, stands)
        FaultScenario(
            "lamp-stuck-on", "The absorption lamp says that it is shut and shines while the dark is taken.",
            in: .references(.dark), [.fault("spec_abs", .lampStuckOn)],
            ends: .failed(["spectrum"], device: "spec_abs"), stands)
        FaultScenario(
            "spectrometer-unplugged", "The emission spectrometer's link is cut while it measures.",
            in: .stage(.measuring), [.fault("spec_pl", .unplug, for: 10)],
            ends: .failed(["device_lost"], device: "spec_pl"), .pumpsStand(within: 3))
        FaultScenario(
            "spectrometer-silent", "The emission spectrometer answers nothing while it should measure.",
            in: .stage(.measuring), [.fault("spec_pl", .mute, for: 90)],
            ends: .failed(unseen, device: "spec_pl"), mayLatch: ["safe-state"], stands)
        FaultScenario(
            "absorption-frames-dropped", "The absorption spectrometer delivers no frames while the line settles.",
            in: .stage(.settling), [.fault("spec_abs", .dropout)],
            ends: .failed(unseen, device: "spec_abs"), stands)
        FaultScenario(
            "spectrum-bytes-flipped",
            "One bit of every frame is flipped: what breaks a frame ends the link, one pixel among a hundred frames does no harm.",
            in: .stage(.measuring), [.fault("spec_abs", .corrupt, for: 60)],
            ends: .doneOrFailed(unseen), mayLatch: ["safe-state"], stands)
    }
}
