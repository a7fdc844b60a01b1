import CUdev
import Glibc

/// Tells when serial adapters come and go, from udev, after its rules have made the stable names.
public struct HotplugMonitor: ~Copyable {
    public struct Event: Hashable, Sendable {
        public enum Action: Hashable, Sendable {
            case added
            case removed
            /// Any other of the kernel's words: `change`, `bind`.
            case other(String)
        }

        public let action: Action
        /// `/dev/ttyUSB0`.
        public let node: String
        /// The stable names, `/dev/flowlab/pump-cui` among them; none of a device that is gone.
        public let links: [String]
        /// The adapter's serial number, where it has one.
        public let serialNumber: String?

        public init(action: Action, node: String, links: [String], serialNumber: String?) {
            self.action = action
            self.node = node
            self.links = links
            self.serialNumber = serialNumber
        }

        /// Whether `path` is this device: its node, one of its stable names, or a link of somebody's own that leads there.
        public func concerns(_ path: String) -> Bool {
            path == node || links.contains(path) || resolvedPath(path) == node
        }
    }

    private let context: OpaquePointer
    private let monitor: OpaquePointer

    /// Where udev takes commands: it is there while udev runs.
    private static let udevControl = "/run/udev/control"

    /// Whether a udev runs here; containers have none.
    public static var isUdevRunning: Bool { access(udevControl, F_OK) == 0 }

    /// Starts to listen for the `tty` subsystem. Without a running udev it hears nothing, and that is no error.
    public init() throws(PlatformError) {
        guard let context = udev_new() else {
            throw .system(operation: "open", subject: "udev", errno: errno, hint: "")
        }
        guard let monitor = udev_monitor_new_from_netlink(context, "udev") else {
            let code = errno
            udev_unref(context)
            throw .system(operation: "listen to", subject: "udev", errno: code, hint: "allow AF_NETLINK in the unit")
        }
        var code = udev_monitor_filter_add_match_subsystem_devtype(monitor, "tty", nil)
        if code >= 0 { code = udev_monitor_enable_receiving(monitor) }
        guard code >= 0 else {
            udev_monitor_unref(monitor)
            udev_unref(context)
            throw .system(operation: "listen to", subject: "udev", errno: -code, hint: "allow AF_NETLINK in the unit")
        }
        self.context = context
        self.monitor = monitor
    }

    deinit {
        udev_monitor_unref(monitor)
        udev_unref(context)
    }

    /// For the loop's poll set: readable while events wait.
    public var rawDescriptor: Int32 { udev_monitor_get_fd(monitor) }

    /// The next event; nil when none waits. Devices without a node are passed over.
    public func next() -> Event? {
        while let device = udev_monitor_receive_device(monitor) {
            defer { udev_device_unref(device) }
            guard let node = udev_device_get_devnode(device) else { continue }
            return Event(
                action: Self.action(udev_device_get_action(device)), node: String(cString: node),
                links: Self.links(of: device),
                serialNumber: udev_device_get_property_value(device, "ID_SERIAL_SHORT").map { String(cString: $0) })
        }
        return nil
    }

    private static func action(_ word: UnsafePointer<CChar>?) -> Event.Action {
        switch word.map({ String(cString: $0) }) {
        case "add": .added
        case "remove": .removed
        case let other: .other(other ?? "")
        }
    }

    private static func links(of device: OpaquePointer) -> [String] {
        var links: [String] = []
        var entry = udev_device_get_devlinks_list_entry(device)
        while let present = entry {
            if let name = udev_list_entry_get_name(present) { links.append(String(cString: name)) }
            entry = udev_list_entry_get_next(present)
        }
        return links.sorted()
    }
}
