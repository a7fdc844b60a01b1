import ControlAPI
import Experiments

/// What came of looking at something.
public enum Look<Value: Sendable>: Sendable {
    case seen(Value)
    case missing
    /// Why it could not be looked at.
    case unseen(String)

    public var value: Value? { if case .seen(let value) = self { value } else { nil } }
}

/// A user of the host with all groups.
public struct UserFacts: Sendable {
    public let name: String
    public let uid: UInt32
    public let groups: [UInt32]

    public init(name: String, uid: UInt32, groups: [UInt32]) {
        self.name = name
        self.uid = uid
        self.groups = groups
    }

    /// Whether the mode of a node lets this user in. An access list may say otherwise.
    /// - Parameter bits: of one digit of the mode: read 4, write 2, search 1.
    func may(_ bits: UInt32, _ node: NodeFacts) -> Bool {
        if uid == 0 { return true }
        let shift: UInt32 = uid == node.uid ? 6 : groups.contains(node.gid) ? 3 : 0
        return node.mode >> shift & bits == bits
    }
}

/// A file, directory, device node or socket.
public struct NodeFacts: Sendable {
    public let path: String
    public let uid: UInt32
    public let owner: String
    public let gid: UInt32
    public let group: String
    /// The permission bits, `0o660`.
    public let mode: UInt32
    /// Directories above it that a user must search: the first that the daemon's user may not; nil: none.
    public var barrier: String?
    public var hasAccessList = false

    public init(
        path: String, uid: UInt32, owner: String, gid: UInt32, group: String, mode: UInt32, barrier: String? = nil,
        hasAccessList: Bool = false
    ) {
        self.path = path
        self.uid = uid
        self.owner = owner
        self.gid = gid
        self.group = group
        self.mode = mode
        self.barrier = barrier
        self.hasAccessList = hasAccessList
    }

    /// `root:dialout 660`
    var rights: String { "\(owner):\(group) \(String(mode, radix: 8))" }
}

/// A serial port of a bench file.
public struct PortFacts: Sendable {
    public let link: String
    public let path: String
    public var node: Look<NodeFacts>
    /// Whether the node is a terminal line.
    public var isTerminal: Look<Bool>
    /// Other programs than the bench's daemon that have it open: `pid 812 (minicom)`.
    public var holders: [String]
    public var isHeldByDaemon: Bool
    /// Whether the descriptors of all processes could be looked at.
    public var sawAllHolders: Bool
    /// `power/control` of the USB device: `auto` lets the kernel put it to sleep.
    public var usbPower: String?

    public init(
        link: String, path: String, node: Look<NodeFacts>, isTerminal: Look<Bool> = .seen(true), holders: [String] = [],
        isHeldByDaemon: Bool = false, sawAllHolders: Bool = true, usbPower: String? = nil
    ) {
        self.link = link
        self.path = path
        self.node = node
        self.isTerminal = isTerminal
        self.holders = holders
        self.isHeldByDaemon = isHeldByDaemon
        self.sawAllHolders = sawAllHolders
        self.usbPower = usbPower
    }
}

/// The socket of a bench, and who answers there.
public struct SocketFacts: Sendable {
    public let path: String
    public var node: Look<NodeFacts>
    public var directory: Look<NodeFacts>
    public var answer: Look<SystemHello.Result>

    public init(
        path: String, node: Look<NodeFacts>, directory: Look<NodeFacts>, answer: Look<SystemHello.Result>
    ) {
        self.path = path
        self.node = node
        self.directory = directory
        self.answer = answer
    }
}

/// Where a bench keeps its archive.
public struct StateFacts: Sendable {
    public let path: String
    public var node: Look<NodeFacts>
    /// The nearest directory above that there is, where the directory itself is missing.
    public var parent: NodeFacts?
    public var disk: Look<DiskFacts>
    /// What the flight recorder may fill.
    public var recorderBytes: Int64

    public init(
        path: String, node: Look<NodeFacts>, parent: NodeFacts? = nil, disk: Look<DiskFacts>, recorderBytes: Int64 = 0
    ) {
        self.path = path
        self.node = node
        self.parent = parent
        self.disk = disk
        self.recorderBytes = recorderBytes
    }
}

public struct DiskFacts: Sendable {
    /// For everybody but root.
    public let freeBytes: Int64
    public let freeFiles: Int64
    /// 0 where the file system has no fixed number.
    public let allFiles: Int64
    public let isReadOnly: Bool
    /// `f_type` of statfs(2).
    public let kind: Int64

    public init(freeBytes: Int64, freeFiles: Int64, allFiles: Int64, isReadOnly: Bool, kind: Int64) {
        self.freeBytes = freeBytes
        self.freeFiles = freeFiles
        self.allFiles = allFiles
        self.isReadOnly = isReadOnly
        self.kind = kind
    }
}

/// A daemon that runs.
public struct DaemonFacts: Sendable {
    public let pid: Int32
    public let user: String
    /// Of the main thread, which is the control loop: sched(7); 1 is `SCHED_FIFO`.
    public var policy: Int
    public var priority: Int
    /// `VmLck`; nil where it is hidden.
    public var lockedBytes: Int64?

    public init(pid: Int32, user: String, policy: Int, priority: Int, lockedBytes: Int64?) {
        self.pid = pid
        self.user = user
        self.policy = policy
        self.priority = priority
        self.lockedBytes = lockedBytes
    }
}

/// One bench on this host.
public struct BenchFacts: Sendable {
    public let file: String
    public let name: String
    public let isSimulated: Bool
    public var roles: [Role: [String]]
    public var ports: [PortFacts]
    public var socket: SocketFacts
    public var state: StateFacts
    public var daemon: Look<DaemonFacts>
    /// Properties of `systemctl show`, by the kind of unit: `service`, `socket`.
    public var units: Look<[String: [String: String]]>

    public init(
        file: String, name: String, isSimulated: Bool, roles: [Role: [String]], ports: [PortFacts], socket: SocketFacts,
        state: StateFacts, daemon: Look<DaemonFacts>, units: Look<[String: [String: String]]>
    ) {
        self.file = file
        self.name = name
        self.isSimulated = isSimulated
        self.roles = roles
        self.ports = ports
        self.socket = socket
        self.state = state
        self.daemon = daemon
        self.units = units
    }
}

/// The host, as far as it is the same for all benches.
public struct HostFacts: Sendable {
    /// The user whom the daemon runs as.
    public var daemonUser: Look<UserFacts>
    public var daemonUserName: String
    public var caller: UserFacts
    /// By name; a group that there is not has no entry.
    public var groups: [String: UInt32]
    /// `/proc/sys/kernel/sched_rt_runtime_us`
    public var realTimeRuntime: Look<Int64>
    /// Whether the kernel's clock is kept by some time service.
    public var isClockKept: Look<Bool>
    public var year: Int
    /// The rules of udev in which each word was found.
    public var rules: Look<HostRules>
    /// Programs that grab serial ports, as far as they are installed.
    public var grabbers: [String]
    /// Of all cores; empty where the kernel does not say.
    public var governors: Set<String>

    public init(
        daemonUser: Look<UserFacts>, daemonUserName: String, caller: UserFacts, groups: [String: UInt32],
        realTimeRuntime: Look<Int64>, isClockKept: Look<Bool>, year: Int, rules: Look<HostRules>, grabbers: [String],
        governors: Set<String>
    ) {
        self.daemonUser = daemonUser
        self.daemonUserName = daemonUserName
        self.caller = caller
        self.groups = groups
        self.realTimeRuntime = realTimeRuntime
        self.isClockKept = isClockKept
        self.year = year
        self.rules = rules
        self.grabbers = grabbers
        self.governors = governors
    }
}

/// What flowlab's own rules file says.
public struct HostRules: Sendable {
    public let path: String
    public let ignoresModemManager: Bool
    public let keepsBrlttyAway: Bool

    public init(path: String, ignoresModemManager: Bool, keepsBrlttyAway: Bool) {
        self.path = path
        self.ignoresModemManager = ignoresModemManager
        self.keepsBrlttyAway = keepsBrlttyAway
    }
}
