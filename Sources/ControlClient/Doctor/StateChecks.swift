/// Whether the archive has a place to live in.
enum StateChecks {
    static let leastBytes: Int64 = 100 << 20
    /// Beside what the flight recorder may fill.
    static let fewBytes: Int64 = 1 << 30
    static let leastFiles: Int64 = 100
    static let fewFiles: Int64 = 10_000

    static func findings(_ state: StateFacts, _ host: HostFacts) -> [Finding] {
        [directory(state, host)] + disk(state)
    }

    private static let subject = "state directory"

    private static func directory(_ state: StateFacts, _ host: HostFacts) -> Finding {
        guard let user = host.daemonUser.value else {
            return Finding(.unseen, subject, "whether \(host.daemonUserName) may write \(state.path): no such user")
        }
        switch state.node {
        case .unseen(let why): return Finding(.unseen, subject, "\(state.path): \(why)", "run the doctor as root")
        case .missing: return missing(state, user)
        case .seen(let node):
            if let barrier = node.barrier {
                return Finding(.problem, subject, "\(user.name) may not enter \(barrier)", "chmod a+x \(barrier)")
            }
            if node.hasAccessList, !user.may(7, node) {
                return Finding(.unseen, subject, "\(node.path) has an access list", "getfacl \(node.path)")
            }
            guard user.may(7, node) else {
                return Finding(
                    .problem, subject, "\(user.name) may not write \(node.path) (\(node.rights))",
                    "chown -R \(user.name): \(node.path)")
            }
            return Finding(.ok, subject, "\(user.name) may write \(node.path) (\(node.rights))")
        }
    }

    private static func missing(_ state: StateFacts, _ user: UserFacts) -> Finding {
        if let parent = state.parent, user.may(3, parent) {
            return Finding(.ok, subject, "\(state.path) is not there yet; \(user.name) may make it in \(parent.path)")
        }
        return Finding(
            .note, subject, "\(state.path) is not there yet, and \(user.name) may not make it",
            "its unit makes it (StateDirectory=); without systemd: install -d -o \(user.name) -m 750 \(state.path)")
    }

    // MARK: Disk

    private static func disk(_ state: StateFacts) -> [Finding] {
        guard case .seen(let disk) = state.disk else {
            let why = if case .unseen(let why) = state.disk { why } else { "there is none for \(state.path)" }
            return [Finding(.unseen, "disk", why)]
        }
        return [mount(state, disk), room(state, disk), files(state, disk)]
    }

    /// Magic numbers of statfs(2).
    private static let networked: [Int64: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x0102_1997: "9p", 0x5346_414F: "AFS",
        0x0BD0_0BD0: "Lustre", 0x00C3_6400: "Ceph", 0x7461_636F: "OCFS2",
    ]
    private static let tmpfs: Int64 = 0x0102_1994
    private static let fuse: Int64 = 0x6573_5546

    private static func mount(_ state: StateFacts, _ disk: DiskFacts) -> Finding {
        if disk.isReadOnly {
            return Finding(
                .problem, "disk", "the file system of \(state.path) is read-only",
                "dmesg says whether it failed; mount -o remount,rw once that is mended")
        }
        let move = "keep it on a disk of this host: --state DIR, or state of [bench]"
        if let kind = networked[disk.kind] {
            return Finding(
                .warning, "disk",
                "\(state.path) is on a network file system (\(kind)): SQLite's log does not work "
                    + "safely there, and the daemon hangs with the network", move)
        }
        switch disk.kind {
        case tmpfs: return Finding(.warning, "disk", "\(state.path) is in memory: all is lost with the power", move)
        case fuse:
            return Finding(
                .warning, "disk", "\(state.path) is on a FUSE file system, which may not keep what it says", move)
        default: return Finding(.ok, "disk", "\(state.path) is on a local file system")
        }
    }

    private static func room(_ state: StateFacts, _ disk: DiskFacts) -> Finding {
        let megabytes = disk.freeBytes >> 20
        let free = "\(megabytes) MB are free for \(state.path)"
        let wanted = state.recorderBytes + fewBytes
        if disk.freeBytes < leastBytes {
            return Finding(
                .problem, "disk", "only \(free): the archive will find none",
                "make room; du -xh --max-depth=2 shows where")
        }
        guard disk.freeBytes < wanted else { return Finding(.ok, "disk", free) }
        return Finding(
            .warning, "disk", "\(free); the archive and the flight recorder want \(wanted >> 20) MB",
            "make room, or lower limit_mb of [recorder]")
    }

    private static func files(_ state: StateFacts, _ disk: DiskFacts) -> Finding {
        guard disk.allFiles > 0 else { return Finding(.ok, "disk", "its number of files is not limited") }
        let free = "\(disk.freeFiles) more files fit on the disk of \(state.path)"
        if disk.freeFiles < leastFiles {
            return Finding(.problem, "disk", "only \(free)", "remove files: df -i shows the inodes")
        }
        guard disk.freeFiles < fewFiles else { return Finding(.ok, "disk", free) }
        return Finding(.warning, "disk", "only \(free)", "remove files: df -i shows the inodes")
    }
}
