import ControlAPI
import Experiments

/// Who may do what, and whether the daemon is there.
enum AccessChecks {
    static func user(_ host: HostFacts) -> Finding {
        let name = host.daemonUserName
        switch host.daemonUser {
        case .seen(let user): return Finding(.ok, "user \(name)", "there is one, uid \(user.uid)")
        case .unseen(let why): return Finding(.unseen, "user \(name)", why)
        case .missing:
            return Finding(
                .problem, "user \(name)", "there is no such user, as which the daemon shall run",
                "adduser --system --group --home /var/lib/flowlab \(name), or say with --user as whom it runs")
        }
    }

    static func roles(_ bench: BenchFacts, _ host: HostFacts) -> [Finding] {
        let named = bench.roles.sorted { $0.key > $1.key }.flatMap { role, groups in
            groups.map { group($0, of: role, host) }
        }
        let open = Finding(
            .note, "roles", "the bench file gives no group a role: only root and the daemon's user may do anything",
            "name groups under [roles] of \(bench.file)")
        return (named.isEmpty ? [open] : named) + [caller(bench, host)]
    }

    private static func group(_ name: String, of role: Role, _ host: HostFacts) -> Finding {
        guard host.groups[name] == nil else {
            return Finding(.ok, "role \(role.rawValue)", "group \(name) is there")
        }
        return Finding(
            .problem, "role \(role.rawValue)", "there is no group \(name): nobody has this role by it",
            "addgroup --system \(name), adduser PERSON \(name), then restart the daemon")
    }

    private static func caller(_ bench: BenchFacts, _ host: HostFacts) -> Finding {
        let role = bench.socket.answer.value?.role ?? expectedRole(bench, host)
        let who = "\(host.caller.name) (uid \(host.caller.uid))"
        guard role == .none else { return Finding(.ok, "caller", "\(who) has the role \(role.rawValue)") }
        return Finding(
            .warning, "caller", "\(who) has no role: you can only ask for the safe state",
            "adduser \(host.caller.name) to one of the groups of [roles], then log in anew")
    }

    private static func expectedRole(_ bench: BenchFacts, _ host: HostFacts) -> Role {
        if host.caller.uid == 0 || host.caller.uid == host.daemonUser.value?.uid { return .admin }
        let granted = bench.roles.filter { $0.value.contains { isMember(host.caller, of: $0, host) } }
        return granted.keys.max() ?? .none
    }

    private static func isMember(_ user: UserFacts, of group: String, _ host: HostFacts) -> Bool {
        host.groups[group].map { user.groups.contains($0) } ?? false
    }

    // MARK: The daemon

    static func daemon(_ bench: BenchFacts) -> [Finding] {
        [runDirectory(bench), socket(bench), version(bench)].compactMap { $0 }
    }

    static func runner(_ bench: BenchFacts, _ host: HostFacts) -> [Finding] {
        guard let daemon = bench.daemon.value, daemon.user != host.daemonUserName else { return [] }
        return [
            Finding(
                .warning, "daemon", "pid \(daemon.pid) runs as \(daemon.user), not as \(host.daemonUserName)",
                "start it by its unit, or look with --user \(daemon.user): what is said of rights holds for "
                    + host.daemonUserName)
        ]
    }

    private static func runDirectory(_ bench: BenchFacts) -> Finding {
        let subject = "run directory"
        switch bench.socket.directory {
        case .unseen(let why): return Finding(.unseen, subject, why)
        case .missing:
            return Finding(
                .note, subject, "there is none yet for \(bench.socket.path); the daemon or its unit makes it")
        case .seen(let node) where node.mode & 1 == 0:
            return Finding(
                .problem, subject,
                "\(node.path) (\(node.rights)) keeps people from the socket, also from the safe state",
                "chmod 755 \(node.path)")
        case .seen(let node) where node.mode & 0o22 != 0 && node.mode & 0o1000 == 0:
            return Finding(
                .warning, subject, "\(node.path) (\(node.rights)) lets others replace the socket",
                "chmod 755 \(node.path)")
        case .seen(let node): return Finding(.ok, subject, "\(node.path) (\(node.rights))")
        }
    }

    private static func socket(_ bench: BenchFacts) -> Finding {
        let (subject, path) = ("daemon", bench.socket.path)
        let start =
            "systemctl start flowlabd@\(bench.name).service; its journal says why it ended: journalctl -u "
            + "flowlabd@\(bench.name).service"
        switch (bench.socket.answer, bench.socket.node) {
        case (.seen(let hello), _) where hello.bench != bench.name:
            return Finding(
                .problem, subject, "at \(path) answers the bench \(hello.bench), not \(bench.name)",
                "give each bench its own socket")
        case (.seen(let hello), .seen(let node)) where node.mode & 0o66 == 0o60:
            return Finding(.ok, subject, "\(hello.daemon) (api \(hello.api)) answers at \(path), for \(node.rights)")
        case (.seen(let hello), .seen(let node)) where node.mode & 0o6 != 0o6:
            return Finding(
                .problem, subject,
                "\(hello.daemon) answers, but nobody else may connect to \(path) (\(node.rights)), to ask for the safe state",
                "give the socket to a group of its clients (SocketGroup=, SocketMode=0660 in the unit)")
        case (.seen(let hello), _):
            return Finding(.ok, subject, "\(hello.daemon) (api \(hello.api)) answers at \(path)")
        case (.missing, .missing):
            return Finding(
                .problem, subject, "no daemon: there is no \(path); nobody controls the bench",
                "flowlabd --safe-state --config \(bench.file) if devices may run; then \(start)")
        case (.unseen(let why), _): return Finding(.unseen, subject, why)
        case (.missing, _):
            return Finding(
                .problem, subject, "nobody answers at \(path): nobody controls the bench",
                "flowlabd --safe-state --config \(bench.file) if devices may run; then \(start)")
        }
    }

    private static func version(_ bench: BenchFacts) -> Finding? {
        guard let hello = bench.socket.answer.value, hello.daemon != APIVersion.daemon else { return nil }
        return Finding(
            .warning, "version", "\(hello.daemon) runs, and this is flowlabctl \(APIVersion.program)",
            "restart the daemon once nothing runs: systemctl restart flowlabd@\(bench.name).service")
    }
}
