import Usage

/// flowlabd(8), its options as the command line takes them.
enum Manual {
    static let page = ManPage(
        "flowlabd", volume: 8, summary: "device daemon of a fluidic lab",
        [
            ManPage.synopsis([
                "flowlabd --config FILE [options]", "flowlabd --config FILE --check-config",
                "flowlabd --config FILE --safe-state [--force] [--json]", "flowlabd --replay PATH",
            ]),
            ManPage.Section("DESCRIPTION", description.map { .text($0) }),
            ManPage.Section("OPTIONS", Options.parser.optionBlocks),
            ManPage.Section("THE SAFE STATE AFTER A DEATH", safeState.map { .text($0) }),
            ManPage.Section("SIGNALS", signals),
            ManPage.exitStatus(Options.exitStatus),
            ManPage.names(
                "ENVIRONMENT",
                [
                    (
                        "NOTIFY_SOCKET",
                        "Told of readiness, of the end and, with `WATCHDOG_USEC`, that the control loop lives."
                    ),
                    (
                        "LISTEN_FDS",
                        "The socket of the name `control` that the service manager listens on is served."
                    ),
                    ("SERVICE_RESULT", "How the daemon has ended, for `--after-service`."),
                    (
                        "JOURNAL_STREAM",
                        "Where it says that the log goes to the journal, entries have priority and fields (docs/systemd.md)."
                    ),
                ]),
            ManPage.names(
                "FILES",
                [
                    (
                        "/var/lib/flowlab/BENCH/archive.sqlite",
                        "Experiments, spectra, signals, events, audit: one SQLite file."
                    ),
                    ("/var/lib/flowlab/BENCH/recorder/", "The flight recorder's ring: every byte on every link."),
                    (
                        "/var/lib/flowlab/BENCH/recordings/",
                        "What was kept of it at trips and on request; for `--replay` and `flowlabctl recorder show`."
                    ),
                    ("/var/lib/flowlab/BENCH/lock", "Held while the daemon runs."),
                    ("/var/lib/flowlab/BENCH/started-with.json", "The bench file that the daemon was started with."),
                    (
                        "/run/flowlab/BENCH/control.sock",
                        "The control socket. Roles go by Unix groups, so anybody may open it."
                    ),
                ]),
            ManPage.examples([
                ("Check a bench file:", "flowlabd --config bench.toml --check-config"),
                ("After the daemon has died:", "flowlabd --config bench.toml --safe-state"),
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
        only its own limit module, and a contactor on an I/O module with a watchdog, end that.
        """,
    ]

    private static let safeState = [
        """
        With `--safe-state` it owns the bench for 2 s at most, as a service manager or a person needs it after the daemon \
        has died. With the same drivers and the same bench file every device is identified, told its safe state and read \
        back, all at once. Standard output says of each whether it is safe (what was read back), not proven (what was \
        seen) or unreachable (why), and sums up. Give it the options that the daemon has; it does not open the archive.
        """,
        """
        It takes the daemon's locks: beside a daemon that lives it is refused and says whose the bench is. With `--force` \
        it kills the process that has the bench's name, after it has seen that this one has the lock open, and waits for \
        its end; where what holds the name is no daemon of this bench, the lock in the state directory decides. A daemon \
        that is started afterwards holds the bench as after any unclean end. Where the bench file is not right, it goes by \
        what the last daemon was started with, which is kept in the state directory.
        """,
    ]

    private static let signals: [ManPage.Block] = [
        .term(
            [.bold("SIGTERM"), .plain(", "), .bold("SIGINT")],
            [.text("Devices are stopped, what waits is written, and it ends with 0.")]),
        .term(
            [.bold("SIGHUP")],
            [
                .text(
                    """
                    Reads the bench file anew, as the method system.reload does: the groups of [roles] and the program of \
                    notify hold at once; of what else has changed the log says that it needs a restart. A file that is \
                    not right changes nothing.
                    """)
            ]),
    ]
}
