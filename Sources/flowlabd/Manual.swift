import Usage

/// flowlabd(8), its options as the command line takes them.
enum Manual {
    static let page = ManPage(
        "flowlabd", volume: 8, summary: "device daemon of a fluidic lab",
        [
            ManPage.synopsis(["flowlabd --config FILE [options]", "flowlabd --config FILE --check-config"]),
            ManPage.Section("DESCRIPTION", description.map { .text($0) }),
            ManPage.Section("OPTIONS", Options.parser.optionBlocks),
            ManPage.Section("SIGNALS", signals),
            ManPage.exitStatus(Options.exitStatus),
            ManPage.names(
                "ENVIRONMENT",
                [
                    (
                        "NOTIFY_SOCKET",
                        "Told of readiness, of the end and, with `WATCHDOG_USEC`, that the control loop lives."
                    ),
                    ("JOURNAL_STREAM", "Where it says that the log goes to the journal, lines carry their priority."),
                ]),
            ManPage.names(
                "FILES",
                [
                    (
                        "/var/lib/flowlab/BENCH/archive.sqlite",
                        "Experiments, spectra, signals, events, audit: one SQLite file."
                    ),
                    ("/var/lib/flowlab/BENCH/lock", "Held while the daemon runs."),
                    (
                        "/run/flowlab/BENCH/control.sock",
                        "The control socket. Roles go by Unix groups, so anybody may open it."
                    ),
                ]),
            ManPage.examples([
                ("Check a bench file:", "flowlabd --config bench.toml --check-config"),
                (
                    "A simulated bench:",
                    """
                    flowlab-sim --dir /tmp/bench/sim --seed 7 --speed 30 &
                    flowlabd --config bench.toml --endpoints /tmp/bench/sim/endpoints.json \\
                        --state /tmp/bench/state --socket /tmp/bench/control.sock
                    """
                ),
            ]),
            ManPage.seeAlso(["flowlabctl(1)", "flowlab-sim(1)", "flowlab-optimize(1)"]),
        ])

    private static let description = [
        """
        On the lab's host `flowlabd` alone owns the serial, Modbus and TCP links to syringe pumps, a heater and \
        spectrometers. It runs experiments from a recipe to measured features, decides when the flow is at steady state, \
        stores everything, and brings the bench to its safe state when something is wrong, whatever its clients do. \
        Optimizers and technicians talk to it over one Unix socket (JSON-RPC 2.0).
        """,
        """
        Its interlocks are software: they stand in front of the hardware ones and replace none. When the host dies, each \
        pump stops by itself at the end of a finite volume; a stand-alone heater controller keeps its last set point, and \
        only its own limit module ends that.
        """,
    ]

    private static let signals: [ManPage.Block] = [
        .term(
            [.bold("SIGTERM"), .plain(", "), .bold("SIGINT")],
            [.text("Devices are stopped, what waits is written, and it ends with 0.")]),
        .term([.bold("SIGHUP")], [.text("Says that this version cannot reload its bench file.")]),
    ]
}
