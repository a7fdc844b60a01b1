import ControlAPI
import ControlClient
import Experiments
import Testing

/// Facts of a host on which all is well; each test spoils one.
private enum Healthy {
    static let user = UserFacts(name: "flowlab", uid: 990, groups: [990, 20])
    static let port = PortFacts(link: "pump_cui", path: "/dev/flowlab/pump-cui", node: .seen(node(0o660)))
    static let disk = DiskFacts(
        freeBytes: 100 << 30, freeFiles: 1_000_000, allFiles: 2_000_000, isReadOnly: false, kind: 0xEF53)
    static let state = StateFacts(
        path: "/var/lib/flowlab/n", node: .seen(own("/var/lib/flowlab/n", 0o750)), disk: .seen(disk))
    static let unit = [
        "LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled", "Result": "success",
        "NRestarts": "0",
        "WatchdogUSec": "5s", "LimitRTPRIO": "60", "LimitMEMLOCK": "infinity", "StateChangeTimestamp": "",
    ]

    static func node(_ mode: UInt32) -> NodeFacts {
        NodeFacts(path: "/dev/ttyUSB0", uid: 0, owner: "root", gid: 20, group: "dialout", mode: mode)
    }

    static func own(_ path: String, _ mode: UInt32) -> NodeFacts {
        NodeFacts(path: path, uid: 990, owner: "flowlab", gid: 990, group: "flowlab", mode: mode)
    }

    static func hello(_ role: Role = .technician) -> SystemHello.Result {
        SystemHello.Result(
            api: APIVersion.api, daemon: APIVersion.daemon, bench: "n", simulated: false, role: role)
    }

    static var host: HostFacts {
        HostFacts(
            daemonUser: .seen(user), daemonUserName: "flowlab",
            caller: UserFacts(name: "ada", uid: 1000, groups: [1000]),
            groups: ["lab": 1000], realTimeRuntime: .seen(950_000), isClockKept: .seen(true), year: 2026,
            rules: .seen(
                HostRules(
                    path: "/usr/lib/udev/rules.d/70-flowlab.rules", ignoresModemManager: true, keepsBrlttyAway: true)
            ), grabbers: ["ModemManager", "brltty"], governors: ["performance"])
    }

    static var bench: BenchFacts {
        BenchFacts(
            file: "n.toml", name: "n", isSimulated: false, roles: [.technician: ["lab"]], ports: [port],
            socket: SocketFacts(
                path: "/run/flowlab/n/control.sock", node: .seen(own("/run/flowlab/n/control.sock", 0o666)),
                directory: .seen(own("/run/flowlab/n", 0o755)), answer: .seen(hello())),
            state: state,
            daemon: .seen(DaemonFacts(pid: 7, user: "flowlab", policy: 1, priority: 60, lockedBytes: 9 << 20)),
            units: .seen(["service": unit, "socket": unit]))
    }
}

@Suite struct DoctorTests {
    private static func findings(
        _ spoilHost: (inout HostFacts) -> Void = { _ in }, bench spoil: (inout BenchFacts) -> Void = { _ in }
    ) -> [Finding] {
        var (host, bench) = (Healthy.host, Healthy.bench)
        spoilHost(&host)
        spoil(&bench)
        return Doctor.diagnose(host, [bench])
    }

    /// The findings that are not well, as `problem port pump_cui`.
    private static func complaints(_ findings: [Finding]) -> [String] {
        findings.filter { $0.level != .ok }.map { "\($0.level.rawValue) \($0.subject)" }
    }

    @Test func allIsWell() {
        let diagnosis = Diagnosis(Self.findings())
        #expect(Self.complaints(diagnosis.findings) == [] && diagnosis.isWell)
        #expect(diagnosis.summary == "\(diagnosis.findings.count) checks: \(diagnosis.findings.count) ok")
        #expect(diagnosis.json["problems"] == .integer(0))
    }

    @Test func whateverIsNotWellSaysWhatToDo() {
        let spoilt = Self.findings(
            { host in
                host.daemonUser = .missing
                host.groups = [:]
                host.year = 1970
                host.rules = .missing
                host.realTimeRuntime = .seen(0)
                host.isClockKept = .seen(false)
            },
            bench: { bench in
                bench.ports[0].node = .missing
                bench.socket.answer = .missing
                bench.daemon = .missing
                bench.units = .seen(["service": ["LoadState": "not-found"], "socket": ["LoadState": "not-found"]])
            })
        for finding in spoilt where [.warning, .problem].contains(finding.level) {
            #expect(finding.remedy != nil, "\(finding.text)")
        }
        #expect(!Diagnosis(spoilt).isWell)
        #expect(
            Set(Self.complaints(spoilt)).isSuperset(of: [
                "problem user flowlab", "problem role technician", "problem clock", "warning clock",
                "warning udev rules",
                "problem real time", "warning ModemManager", "warning brltty", "problem port pump_cui",
                "problem daemon",
                "not looked at state directory", "warning flowlabd@n.service",
            ]))
    }

    // MARK: Ports

    static let ports: [(String, @Sendable (inout PortFacts) -> Void, String, String)] = [
        ("missing", { $0.node = .missing }, "problem", "does not exist"),
        ("hidden", { $0.node = .unseen("Permission denied") }, "not looked at", "Permission denied"),
        ("wrong mode", { $0.node = .seen(Healthy.node(0o600)) }, "problem", "flowlab may not open /dev/ttyUSB0"),
        ("read only", { $0.node = .seen(Healthy.node(0o640)) }, "problem", "root:dialout 640"),
        ("no tty", { $0.isTerminal = .seen(false) }, "problem", "is no serial line"),
        ("held", { $0.holders = ["pid 5 (minicom)"] }, "problem", "pid 5 (minicom) has"),
        ("holders hidden", { $0.sawAllHolders = false }, "not looked at", "processes of others are hidden"),
        ("asleep", { $0.usbPower = "auto" }, "note", "to sleep"),
    ]

    @Test(arguments: ports.indices) func aPort(_ index: Int) throws {
        let (name, spoil, level, text) = Self.ports[index]
        let found = Self.findings(bench: { spoil(&$0.ports[0]) }).filter { $0.level != .ok }
        #expect(found.count == 1 && found.first?.level.rawValue == level, "\(name): \(found.map(\.text))")
        #expect(found.first?.found.contains(text) == true, "\(name): \(found.map(\.text))")
    }

    @Test func aBarrierAboveAPortAndAnAccessList() {
        var node = Healthy.node(0o660)
        node.barrier = "/dev/flowlab"
        #expect(Self.complaints(Self.findings(bench: { $0.ports[0].node = .seen(node) })) == ["problem port pump_cui"])
        node = Healthy.node(0o600)
        node.hasAccessList = true
        #expect(
            Self.complaints(Self.findings(bench: { $0.ports[0].node = .seen(node) })) == ["not looked at port pump_cui"]
        )
    }

    @Test func theDaemonItselfMayHaveItsPort() {
        let found = Self.findings(bench: {
            $0.ports[0].isHeldByDaemon = true
            $0.ports[0].sawAllHolders = false
        })
        #expect(Self.complaints(found) == [])
    }

    // MARK: State

    static let states: [(String, @Sendable (inout StateFacts) -> Void, String, String)] = [
        ("another's", { $0.node = .seen(Healthy.node(0o755)) }, "problem", "may not write"),
        ("hidden", { $0.node = .unseen("Permission denied") }, "not looked at", "Permission denied"),
        ("read-only", { $0.disk = .seen(disk(isReadOnly: true)) }, "problem", "read-only"),
        ("full", { $0.disk = .seen(disk(freeBytes: 5 << 20)) }, "problem", "only 5 MB"),
        ("nearly full", { $0.disk = .seen(disk(freeBytes: 500 << 20)) }, "warning", "500 MB"),
        ("recorder", { $0.recorderBytes = 200 << 30 }, "warning", "flight recorder"),
        ("no inodes", { $0.disk = .seen(disk(freeFiles: 3)) }, "problem", "3 more files"),
        ("NFS", { $0.disk = .seen(disk(kind: 0x6969)) }, "warning", "NFS"),
        ("tmpfs", { $0.disk = .seen(disk(kind: 0x0102_1994)) }, "warning", "in memory"),
        ("disk hidden", { $0.disk = .unseen("it cannot be looked at") }, "not looked at", "cannot be looked at"),
    ]

    private static func disk(
        freeBytes: Int64 = 100 << 30, freeFiles: Int64 = 1_000_000, isReadOnly: Bool = false, kind: Int64 = 0xEF53
    ) -> DiskFacts {
        DiskFacts(
            freeBytes: freeBytes, freeFiles: freeFiles, allFiles: 2_000_000, isReadOnly: isReadOnly, kind: kind)
    }

    @Test(arguments: states.indices) func aStateDirectory(_ index: Int) {
        let (name, spoil, level, text) = Self.states[index]
        let found = Self.findings(bench: { spoil(&$0.state) }).filter { $0.level != .ok }
        #expect(found.count == 1 && found.first?.level.rawValue == level, "\(name): \(found.map(\.text))")
        #expect(found.first?.found.contains(text) == true, "\(name): \(found.map(\.text))")
    }

    // MARK: The daemon, its unit, its user

    @Test func theCallersRole() {
        let none = Self.findings(bench: { $0.socket.answer = .seen(Healthy.hello(.none)) })
        #expect(Self.complaints(none) == ["warning caller"])
        // Without a daemon it is what the groups give.
        let expected = Self.findings({ $0.caller = UserFacts(name: "bob", uid: 1001, groups: [1001]) }) {
            $0.socket.answer = .missing
            $0.socket.node = .missing
        }
        #expect(Self.complaints(expected) == ["warning caller", "problem daemon"])
    }

    static let benches: [(String, @Sendable (inout BenchFacts) -> Void, [String])] = [
        ("dead", { $0.socket.answer = .missing }, ["problem daemon"]),
        ("old", { $0.socket.answer = .seen(old) }, ["warning version"]),
        ("closed", { $0.socket.directory = .seen(Healthy.own("/run/flowlab/n", 0o750)) }, ["problem run directory"]),
        ("open", { $0.socket.directory = .seen(Healthy.own("/run/flowlab/n", 0o777)) }, ["warning run directory"]),
        ("a group's", { $0.socket.node = .seen(Healthy.own("s", 0o660)) }, []),
        ("private", { $0.socket.node = .seen(Healthy.own("s", 0o600)) }, ["problem daemon"]),
        ("no priority", { $0.daemon = .seen(slow) }, ["warning real time", "warning memory"]),
        ("another's", { $0.daemon = .seen(another) }, ["warning daemon"]),
        (
            "no systemd", { $0.units = .missing },
            ["not looked at flowlabd@n.service", "not looked at flowlabd@n.socket"]
        ),
        (
            "failed", { $0.units = .seen(units(["ActiveState": "failed", "Result": "watchdog"])) },
            ["problem flowlabd@n.service"]
        ),
        ("unwatched", { $0.units = .seen(units(["WatchdogUSec": "0"])) }, ["warning flowlabd@n.service"]),
        ("not enabled", { $0.units = .seen(units(["UnitFileState": "disabled"])) }, ["warning flowlabd@n.service"]),
        (
            "stopped",
            {
                $0.daemon = .missing
                $0.units = .seen(units(["LimitRTPRIO": "0", "LimitMEMLOCK": "65536"]))
            }, ["warning real time", "warning memory"]
        ),
    ]
    private static let slow = DaemonFacts(pid: 7, user: "flowlab", policy: 0, priority: 0, lockedBytes: 0)
    private static let another = DaemonFacts(pid: 7, user: "ada", policy: 1, priority: 60, lockedBytes: 1 << 20)
    private static let old = SystemHello.Result(
        api: "1.0.0", daemon: "flowlabd 0.0.9", bench: "n", simulated: false, role: .admin)

    private static func units(_ spoilt: [String: String]) -> [String: [String: String]] {
        ["service": Healthy.unit.merging(spoilt) { $1 }, "socket": Healthy.unit]
    }

    @Test(arguments: benches.indices) func aBench(_ index: Int) {
        let (name, spoil, expected) = Self.benches[index]
        let found = Self.findings(bench: spoil)
        #expect(Self.complaints(found) == expected, "\(name): \(found.map(\.text))")
    }

    @Test func severalBenchesAreToldApart() {
        let found = Doctor.diagnose(Healthy.host, [Healthy.bench, Healthy.bench])
        #expect(found.contains { $0.subject == "n: disk" } && found.contains { $0.subject == "clock" })
        let line = Finding.Level.allCases.map(\.rawValue.count).max()
        #expect(line == 13 && found.allSatisfy { $0.text.hasPrefix($0.level.rawValue) })
    }
}
