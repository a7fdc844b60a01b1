/// What is wrong with the serial ports of a bench. Each check gives one finding, or none where it does not apply.
enum PortChecks {
    static func findings(_ port: PortFacts, _ host: HostFacts) -> [Finding] {
        guard case .seen(let node) = port.node else { return [presence(port)] }
        return [line(port, node), access(port, node, host), holder(port), power(port)].compactMap { $0 }
    }

    private static func subject(_ port: PortFacts) -> String { "port \(port.link)" }

    private static func presence(_ port: PortFacts) -> Finding {
        if case .unseen(let why) = port.node {
            return Finding(.unseen, subject(port), "\(port.path): \(why)", "run the doctor as root")
        }
        return Finding(
            .problem, subject(port), "\(port.path) does not exist",
            "plug the device in and switch it on; `flowlabctl udev suggest` shows what is plugged in and writes the rule "
                + "that makes the name; or correct the path in the bench file")
    }

    private static func line(_ port: PortFacts, _ node: NodeFacts) -> Finding {
        switch port.isTerminal {
        case .seen(true): Finding(.ok, subject(port), "\(port.path) is a serial line (\(node.rights))")
        case .unseen(let why): Finding(.unseen, subject(port), "whether \(port.path) is a serial line: \(why)")
        case .seen(false), .missing:
            Finding(
                .problem, subject(port), "\(port.path) is no serial line",
                "name the tty of the device in the bench file, /dev/flowlab/… or /dev/serial/by-id/…")
        }
    }

    private static func access(_ port: PortFacts, _ node: NodeFacts, _ host: HostFacts) -> Finding {
        guard let user = host.daemonUser.value else {
            return Finding(.unseen, subject(port), "whether \(host.daemonUserName) may open it: there is no such user")
        }
        if user.may(6, node), node.barrier == nil {
            return Finding(.ok, subject(port), "\(user.name) may open it")
        }
        if node.hasAccessList {
            return Finding(
                .unseen, subject(port), "\(node.rights) keeps \(user.name) out, but an access list may let it in",
                "getfacl \(node.path)")
        }
        if let barrier = node.barrier {
            return Finding(
                .problem, subject(port), "\(user.name) may not enter \(barrier)", "chmod a+x \(barrier)")
        }
        let canJoin = node.mode >> 3 & 6 == 6 && node.gid != 0
        return Finding(
            .problem, subject(port), "\(user.name) may not open \(node.path) (\(node.rights))",
            canJoin
                ? "usermod -aG \(node.group) \(user.name), then restart the daemon"
                : "give it a group and mode 0660 with a udev rule: SUBSYSTEM==\"tty\", …, GROUP=\"\(user.name)\", MODE=\"0660\""
        )
    }

    private static func holder(_ port: PortFacts) -> Finding {
        if !port.holders.isEmpty {
            let verb = port.holders.count == 1 ? "has" : "have"
            return Finding(
                .problem, subject(port), "\(port.holders.joined(separator: ", ")) \(verb) \(port.path) open",
                "end it, and see that it does not come back: one port has one owner")
        }
        if port.isHeldByDaemon { return Finding(.ok, subject(port), "the daemon has it, and nobody else") }
        if !port.sawAllHolders {
            return Finding(
                .unseen, subject(port), "whether another program has it open: the processes of others are hidden",
                "run the doctor as root")
        }
        return Finding(.ok, subject(port), "nobody else has it open")
    }

    private static func power(_ port: PortFacts) -> Finding? {
        guard port.usbPower == "auto" else { return nil }
        return Finding(
            .note, subject(port), "the kernel may put its USB device to sleep",
            "should it get lost when idle: a udev rule with ATTR{power/control}=\"on\"")
    }
}
