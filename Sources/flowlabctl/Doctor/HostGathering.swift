import ControlClient
import Glibc
import Platform
import Quantities
import Wire

/// Looks at the host; judges nothing.
enum HostGathering {
    static func facts(user: String, groups: Set<String>) -> HostFacts {
        HostFacts(
            daemonUser: Nodes.user(named: user), daemonUserName: user, caller: Nodes.caller,
            groups: Nodes.groups(groups), realTimeRuntime: realTimeRuntime,
            isClockKept: HostLook.isClockKept.map { .seen($0) } ?? .missing, year: year, rules: rules,
            grabbers: grabbers, governors: governors)
    }

    private static var realTimeRuntime: Look<Int64> {
        let file = "/proc/sys/kernel/sched_rt_runtime_us"
        guard access(file, F_OK) == 0 else { return .missing }
        let value = HostLook.text(file).flatMap { Int64($0.filter { !$0.isWhitespace }) }
        return value.map { .seen($0) } ?? .unseen("it cannot be read")
    }

    private static var year: Int { Int(Clock.wall.rfc3339.prefix(4)) ?? 0 }

    private static var rules: Look<HostRules> {
        guard let path = rulesFile("70-flowlab.rules") else { return .missing }
        guard let text = HostLook.text(path) else { return .unseen("\(path) cannot be read") }
        // A link to /dev/null there is how an administrator does without them.
        let againstBrltty = rulesFile("86-flowlab-brltty.rules").flatMap { HostLook.text($0) } ?? ""
        return .seen(
            HostRules(
                path: path, ignoresModemManager: text.contains("ID_MM_DEVICE_IGNORE"),
                keepsBrlttyAway: againstBrltty.contains("BRLTTY_BRAILLE_DRIVER")))
    }

    /// In the order in which udev prefers them.
    private static func rulesFile(_ name: String) -> String? {
        ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { "\($0)/udev/rules.d/\(name)" }
            .first { access($0, F_OK) == 0 }
    }

    private static var grabbers: [String] {
        let places = [
            "ModemManager": ["/usr/sbin/ModemManager", "/usr/bin/ModemManager"],
            "brltty": ["/usr/bin/brltty", "/usr/sbin/brltty", "/bin/brltty", "/sbin/brltty"],
        ]
        return places.filter { $0.value.contains { access($0, F_OK) == 0 } }.keys.sorted()
    }

    private static var governors: Set<String> {
        let cores = "/sys/devices/system/cpu"
        let names = (HostLook.names(in: cores) ?? []).filter { $0.hasPrefix("cpu") }
        return Set(
            names.compactMap { HostLook.text("\(cores)/\($0)/cpufreq/scaling_governor")?.filter { !$0.isWhitespace } })
    }

    // MARK: Ports

    /// - Parameter daemon: the process of the bench's daemon, whose port it is.
    static func port(_ link: String, _ path: String, for user: UserFacts?, daemon: Int32?) -> PortFacts {
        var port = PortFacts(link: link, path: path, node: Nodes.look(at: path, for: user))
        var status = stat()
        guard case .seen = port.node, stat(path, &status) == 0 else { return port }
        port.isTerminal = isTerminal(status)
        let users = HostLook.users(ofDevice: status)
        port.isHeldByDaemon = users.pids.contains { $0 == daemon }
        port.holders = users.pids.filter { $0 != daemon && $0 != getpid() && !isFarEnd($0, status) }
            .map(HostLook.describe)
        port.sawAllHolders = users.isWhole
        port.usbPower = usbPower(status)
        return port
    }

    /// The program that simulates a device keeps the far end of its pseudo-terminal, and this one with it.
    private static func isFarEnd(_ pid: Int32, _ status: stat) -> Bool {
        HostLook.isPseudoTerminal(status) && HostLook.text("/proc/\(pid)/comm")?.hasPrefix("flowlab-sim") == true
    }

    /// Without opening it: that would raise DTR, which resets some devices.
    private static func isTerminal(_ status: stat) -> Look<Bool> {
        guard status.st_mode & S_IFMT == S_IFCHR else { return .seen(false) }
        if HostLook.isPseudoTerminal(status) { return .seen(true) }
        let device = "/sys/dev/char/\(HostLook.deviceNumber(status))"
        guard access("/sys/dev/char", X_OK) == 0 else { return .unseen("/sys is not there") }
        return .seen(HostLook.resolved("\(device)/subsystem")?.hasSuffix("/tty") == true)
    }

    /// Of the USB device above the serial line.
    private static func usbPower(_ status: stat) -> String? {
        guard var directory = HostLook.resolved("/sys/dev/char/\(HostLook.deviceNumber(status))/device") else {
            return nil
        }
        while directory.hasPrefix("/sys/devices/") {
            if access("\(directory)/idVendor", F_OK) == 0 {
                return HostLook.text("\(directory)/power/control")?.filter { !$0.isWhitespace }
            }
            directory = parent(of: directory)
        }
        return nil
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}
