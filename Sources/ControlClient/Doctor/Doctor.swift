/// Judges what was gathered of a host: facts in, findings out; nothing is looked at here.
public enum Doctor {
    /// - Parameter benches: those whose file could be read.
    public static func diagnose(_ host: HostFacts, _ benches: [BenchFacts]) -> [Finding] {
        let hasPorts = benches.contains { !$0.isSimulated && !$0.ports.isEmpty }
        let isSeveral = benches.count > 1
        let common = [AccessChecks.user(host)] + TimeChecks.host(host) + (hasPorts ? UnitChecks.udev(host) : [])
        return common + benches.flatMap { bench in findings(bench, host).map { isSeveral ? $0.of(bench.name) : $0 } }
    }

    private static func findings(_ bench: BenchFacts, _ host: HostFacts) -> [Finding] {
        bench.ports.flatMap { PortChecks.findings($0, host) } + AccessChecks.roles(bench, host)
            + AccessChecks.daemon(bench) + AccessChecks.runner(bench, host) + StateChecks.findings(bench.state, host)
            + TimeChecks.bench(bench)
            + UnitChecks.units(bench)
    }

    /// A bench file that was read.
    public static func readable(_ file: String, bench: String) -> Finding {
        guard file.hasPrefix("/etc/flowlab/"), file != "/etc/flowlab/\(bench).toml" else {
            return Finding(.ok, "bench file", "\(file): bench \(bench)")
        }
        return Finding(
            .problem, "bench file",
            "\(file) calls its bench \(bench): the service goes by the name of the file, "
                + "people look by that of the bench", "give the file the bench's name, or the bench the file's")
    }

    /// Every mistake of a bench file, as its reader says it.
    public static func unreadable(_ file: String, _ mistakes: [String]) -> [Finding] {
        mistakes.map { Finding(.problem, "bench file", $0, "correct it; flowlabctl config check \(file) checks it") }
    }

    /// None was named, and none lies where they do.
    public static func noFile(in directory: String) -> Finding {
        Finding(
            .warning, "bench file", "there is none in \(directory)",
            "put the bench's there, or name it with --config FILE")
    }
}

extension Finding {
    /// Of one bench among several.
    func of(_ bench: String) -> Finding { Finding(level, "\(bench): \(subject)", found, remedy) }
}
