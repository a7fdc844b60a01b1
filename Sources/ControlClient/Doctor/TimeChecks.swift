/// Real time, memory and the clock.
enum TimeChecks {
    /// `SCHED_FIFO` of sched(7).
    static let fifo = 1

    static func host(_ host: HostFacts) -> [Finding] { [runtime(host), clock(host), year(host)] + governor(host) }

    static func bench(_ bench: BenchFacts) -> [Finding] {
        guard case .seen(let daemon) = bench.daemon else { return limits(bench) }
        return [priority(daemon), memory(daemon)]
    }

    private static func runtime(_ host: HostFacts) -> Finding {
        let (subject, file) = ("real time", "/proc/sys/kernel/sched_rt_runtime_us")
        switch host.realTimeRuntime {
        case .unseen(let why): return Finding(.unseen, subject, "\(file): \(why)")
        case .missing: return Finding(.ok, subject, "the kernel does not limit real-time threads")
        case .seen(let value) where value < 0:
            return Finding(.note, subject, "\(file) is \(value): a real-time thread that hangs takes a core for itself")
        case .seen(let value) where value < 100_000:
            return Finding(
                .problem, subject, "\(file) is \(value): real-time threads hardly run",
                "sysctl kernel.sched_rt_runtime_us=950000")
        case .seen(let value): return Finding(.ok, subject, "\(file) is \(value)")
        }
    }

    private static func priority(_ daemon: DaemonFacts) -> Finding {
        guard daemon.policy == fifo, daemon.priority > 0 else {
            return Finding(
                .warning, "real time",
                "the control loop of pid \(daemon.pid) has no real-time priority: on a busy host it "
                    + "comes late", "LimitRTPRIO=60 in the unit (or CAP_SYS_NICE), then restart the daemon")
        }
        return Finding(.ok, "real time", "the control loop of pid \(daemon.pid) is SCHED_FIFO \(daemon.priority)")
    }

    private static func memory(_ daemon: DaemonFacts) -> Finding {
        guard let locked = daemon.lockedBytes else {
            return Finding(.unseen, "memory", "whether pid \(daemon.pid) is locked in memory: the kernel hides it")
        }
        guard locked > 0 else {
            return Finding(
                .warning, "memory", "pid \(daemon.pid) is not locked in memory: page faults may delay the loop",
                "LimitMEMLOCK=infinity in the unit (or CAP_IPC_LOCK), then restart the daemon")
        }
        return Finding(.ok, "memory", "pid \(daemon.pid) has \(locked >> 20) MB locked")
    }

    /// Without a daemon: what its unit would grant.
    private static func limits(_ bench: BenchFacts) -> [Finding] {
        guard let unit = bench.units.value?["service"], let priority = unit["LimitRTPRIO"],
            let memory = unit["LimitMEMLOCK"]
        else {
            let why =
                if case .unseen(let why) = bench.daemon { why } else { "no daemon runs, and no unit says what it may" }
            return [Finding(.unseen, "real time", why), Finding(.unseen, "memory", why)]
        }
        let grants = priority == "infinity" || (Int(priority) ?? 0) >= 60
        return [
            grants
                ? Finding(.ok, "real time", "the unit grants real-time priorities up to \(priority)")
                : Finding(
                    .warning, "real time", "the unit grants real-time priorities up to \(priority), not 60",
                    "LimitRTPRIO=60 in the unit, then systemctl daemon-reload"),
            memory == "infinity"
                ? Finding(.ok, "memory", "the unit lets it be locked")
                : Finding(
                    .warning, "memory", "the unit lets \(memory) bytes be locked", "LimitMEMLOCK=infinity in the unit"),
        ]
    }

    // MARK: Clock

    static let firstYear = 2024

    private static func clock(_ host: HostFacts) -> Finding {
        switch host.isClockKept {
        case .seen(true): Finding(.ok, "clock", "it is kept by a time service")
        case .seen(false):
            Finding(
                .warning, "clock", "no time service keeps it: times of results drift away",
                "apt-get install chrony, or timedatectl set-ntp true")
        case .missing: Finding(.unseen, "clock", "the kernel does not say whether it is kept")
        case .unseen(let why): Finding(.unseen, "clock", why)
        }
    }

    private static func year(_ host: HostFacts) -> Finding {
        guard host.year < firstYear else { return Finding(.ok, "clock", "it shows the year \(host.year)") }
        return Finding(
            .problem, "clock", "it shows the year \(host.year): every result would get a wrong time",
            "timedatectl set-time, or a time service; a clock without battery starts like that")
    }

    private static func governor(_ host: HostFacts) -> [Finding] {
        let slow = host.governors.subtracting(["performance"]).sorted()
        guard !slow.isEmpty else { return [] }
        return [
            Finding(
                .note, "cpu",
                "its frequency goes by \(slow.joined(separator: ", ")): first steps after a pause are slower",
                "cpupower frequency-set -g performance, should the alarm loop-late come")
        ]
    }
}
