import Configuration
import ControlAPI
import ControlClient
import Experiments
import Glibc
import Platform
import Quantities
import Wire

/// Looks at what belongs to one bench; judges nothing.
struct BenchGathering {
    /// Who does not answer by then does not answer.
    private static let patience = WireDuration.seconds(3)
    private static let unitPatience = WireDuration.seconds(5)

    let file: String
    let bench: BenchFile
    /// Else the bench file's, else the usual places.
    let socket: String?
    let state: String?
    let user: UserFacts?

    private var name: String { bench.definition.name }
    private var socketPath: String { socket ?? bench.socketPath ?? "\(SocketPath.directory)/\(name)/control.sock" }
    private var statePath: String { state ?? bench.statePath ?? "/var/lib/flowlab/\(name)" }

    var facts: BenchFacts {
        let units = units
        let pid = daemonProcess(units)
        return BenchFacts(
            file: file, name: name, isSimulated: bench.definition.isSimulated, roles: bench.roles, ports: ports(pid),
            socket: socketFacts(units), state: stateFacts, daemon: daemon(pid), units: units)
    }

    private func ports(_ daemon: Int32?) -> [PortFacts] {
        bench.links.sorted { $0.key < $1.key }.compactMap { link, spec in
            switch spec {
            case .serial(let path, _), .modbusRTU(let path, _, _, _):
                HostGathering.port(link.text, path, for: user, daemon: daemon)
            case .tcp, .modbusTCP, .folder: nil
            }
        }
    }

    // MARK: Socket and state

    private func socketFacts(_ units: Look<[String: [String: String]]>) -> SocketFacts {
        SocketFacts(
            path: socketPath, node: Nodes.look(at: socketPath, for: nil),
            directory: Nodes.look(at: HostGathering.parent(of: socketPath), for: nil), answer: answer(units.value))
    }

    /// A connection would wake a daemon that systemd starts for its first client: that is not the doctor's to do.
    private func answer(_ units: [String: [String: String]]?) -> Look<SystemHello.Result> {
        if units?["socket"]?["ActiveState"] == "active", let service = units?["service"]?["ActiveState"],
            ["inactive", "failed"].contains(service)
        {
            return .unseen("it does not run; systemd listens at \(socketPath) and starts it for the first client")
        }
        if access(socketPath, W_OK) != 0, errno == EACCES {
            return .unseen("this user may not connect to \(socketPath): its group may, flowlab-clients by the package")
        }
        do throws(ClientError) {
            let daemon = try DaemonConnection(socket: socketPath)
            return .seen(try daemon.call(SystemHello.self, SystemHello.Params(), patience: Self.patience))
        } catch {
            if case .refused(let refusal) = error { return .unseen("the daemon is \(refusal.kind): \(refusal.detail)") }
            return .missing
        }
    }

    private var stateFacts: StateFacts {
        let node = Nodes.look(at: statePath, for: user)
        var existing = statePath
        while case .missing = Nodes.look(at: existing, for: nil), existing != "/", existing != "." {
            existing = HostGathering.parent(of: existing)
        }
        let disk = HostLook.fileSystem(of: existing).map {
            DiskFacts(
                freeBytes: $0.freeBytes, freeFiles: $0.freeFiles, allFiles: $0.allFiles, isReadOnly: $0.isReadOnly,
                kind: $0.kind)
        }
        return StateFacts(
            path: statePath, node: node, parent: Nodes.look(at: existing, for: user).value,
            disk: disk.map { .seen($0) } ?? .unseen("\(existing) cannot be looked at"),
            recorderBytes: Int64(clamping: bench.definition.recorder.limitBytes))
    }

    // MARK: The daemon's process

    private func daemonProcess(_ units: Look<[String: [String: String]]>) -> Int32? {
        if let main = units.value?["service"]?["MainPID"].flatMap({ Int32($0) }), main > 0 { return main }
        let place = bench.definition.isSimulated ? "\(statePath)/.." : nil
        return (try? HostLock.benchProcess(name, in: place)) ?? nil
    }

    private func daemon(_ pid: Int32?) -> Look<DaemonFacts> {
        guard let pid else { return .missing }
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0, let line = HostLook.text("/proc/\(pid)/task/\(pid)/stat") else {
            return .unseen("the daemon has pid \(pid), which is hidden; run the doctor as root")
        }
        // The name before it may hold anything; from the state (3rd) on: priority is the 40th, policy the 41st. proc(5).
        let fields = line[(line.lastIndex(of: ")") ?? line.startIndex)...].split(separator: " ").dropFirst()
        guard fields.count > 38, let priority = Int(fields[fields.startIndex + 37]),
            let policy = Int(fields[fields.startIndex + 38])
        else { return .unseen("/proc/\(pid)/task/\(pid)/stat is not understood") }
        return .seen(
            DaemonFacts(
                pid: pid, user: Nodes.userName(status.st_uid), policy: policy, priority: priority,
                lockedBytes: lockedBytes(pid)))
    }

    private func lockedBytes(_ pid: Int32) -> Int64? {
        let line = HostLook.text("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("VmLck:") }
        return line?.split(separator: "\t").last.flatMap { Int64($0.filter(\.isNumber)) }.map { $0 << 10 }
    }

    // MARK: systemd

    private static let properties = [
        "LoadState", "ActiveState", "UnitFileState", "Result", "StateChangeTimestamp", "NRestarts", "WatchdogUSec",
        "LimitRTPRIO", "LimitMEMLOCK", "MainPID",
    ]

    private var units: Look<[String: [String: String]]> {
        guard access("/run/systemd/system", F_OK) == 0 else { return .missing }
        let programs = ["/usr/bin/systemctl", "/bin/systemctl"]
        guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
            return .unseen("there is no systemctl")
        }
        var units: [String: [String: String]] = [:]
        for kind in ["service", "socket"] {
            let command = [program, "show", "--property=\(Self.properties.joined(separator: ","))", unit(kind)]
            guard let text = ProgramOutput.text(of: command, timeout: Self.unitPatience) else {
                return .unseen("systemctl does not answer")
            }
            units[kind] = Self.properties(text)
        }
        return .seen(units)
    }

    private func unit(_ kind: String) -> String { "flowlabd@\(name).\(kind)" }

    private static func properties(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { found[String(parts[0])] = String(parts[1]) }
        }
        return found
    }
}
