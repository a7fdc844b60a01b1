/// What systemd and udev make of the bench.
enum UnitChecks {
    static func units(_ bench: BenchFacts) -> [Finding] {
        let names = ["service", "socket"].map { ($0, "flowlabd@\(bench.name).\($0)") }
        guard case .seen(let units) = bench.units else {
            let why = if case .unseen(let why) = bench.units { why } else { "systemd does not run here" }
            return names.map { Finding(.unseen, $0.1, why) }
        }
        return names.flatMap { kind, name in unit(kind, name, units) }
    }

    private static func unit(_ kind: String, _ name: String, _ units: [String: [String: String]]) -> [Finding] {
        guard let unit = units[kind] else { return [Finding(.unseen, name, "systemctl does not tell of it")] }
        guard unit["LoadState"] == "loaded" else {
            return [
                Finding(
                    .warning, name, "systemd has no such unit (\(unit["LoadState"] ?? "unknown"))",
                    "install flowlab's units: nothing starts the daemon again, or makes the bench safe after its death")
            ]
        }
        let isWatched = kind == "service" ? [watchdog(name, unit)] : []
        return [state(name, unit), enabled(kind, name, unit, units)].compactMap { $0 } + isWatched
    }

    private static func state(_ name: String, _ unit: [String: String]) -> Finding {
        let (active, result) = (unit["ActiveState"] ?? "unknown", unit["Result"] ?? "success")
        let since = unit["StateChangeTimestamp"].map { $0.isEmpty ? "" : " since \($0)" } ?? ""
        if active == "failed" || result != "success" {
            return Finding(
                .problem, name, "it is \(active) (\(result))\(since)",
                "journalctl -u \(name) says why; then systemctl reset-failed \(name), systemctl start \(name)")
        }
        guard active == "active" else {
            return Finding(.warning, name, "it is \(active)\(since)", "systemctl start \(name)")
        }
        let restarts = unit["NRestarts"].flatMap { Int($0) } ?? 0
        guard restarts == 0 else {
            return Finding(
                .warning, name, "it is active\(since), started again \(restarts) times",
                "journalctl -u \(name) says why")
        }
        return Finding(.ok, name, "it is active\(since)")
    }

    /// A service whose socket is enabled starts with the first client.
    private static func enabled(
        _ kind: String, _ name: String, _ unit: [String: String], _ units: [String: [String: String]]
    ) -> Finding? {
        let state = unit["UnitFileState"] ?? ""
        if state.hasPrefix("enabled") || state == "static" { return Finding(.ok, name, "it is \(state)") }
        if kind == "socket", units["service"]?["UnitFileState"]?.hasPrefix("enabled") == true { return nil }
        return Finding(
            .warning, name, "it is \(state.isEmpty ? "not enabled" : state): nothing starts it with the host",
            "systemctl enable \(name)")
    }

    private static func watchdog(_ name: String, _ unit: [String: String]) -> Finding {
        let span = unit["WatchdogUSec"] ?? "0"
        guard span != "0", span != "infinity" else {
            return Finding(
                .warning, name, "it has no watchdog: a daemon that hangs stays", "WatchdogSec=5s in the unit")
        }
        return Finding(.ok, name, "its watchdog is \(span)")
    }

    // MARK: udev

    /// Only where real ports hang on the host.
    static func udev(_ host: HostFacts) -> [Finding] { [rules(host)] + host.grabbers.map { grabber($0, host) } }

    private static func rules(_ host: HostFacts) -> Finding {
        switch host.rules {
        case .seen(let rules): Finding(.ok, "udev rules", "\(rules.path) is there")
        case .unseen(let why): Finding(.unseen, "udev rules", why)
        case .missing:
            Finding(
                .warning, "udev rules", "there is no 70-flowlab.rules: ports may change their names and owners",
                "install it in /usr/lib/udev/rules.d, then udevadm control --reload && udevadm trigger")
        }
    }

    private static func grabber(_ name: String, _ host: HostFacts) -> Finding {
        let rules = host.rules.value
        let isKept = name == "brltty" ? rules?.keepsBrlttyAway == true : rules?.ignoresModemManager == true
        guard !isKept else { return Finding(.ok, name, "it is installed, and kept from the ports by a udev rule") }
        return Finding(
            .warning, name, "it is installed, and tries every serial adapter that is plugged in",
            "apt-get remove \(name == "brltty" ? "brltty" : "modemmanager"), or install flowlab's udev rules")
    }
}
