import CUdev
import Glibc

/// One serial port of an adapter that is plugged in, with all that a stable name can be made of.
public struct SerialAdapter: Hashable, Sendable {
    /// `/dev/ttyUSB0`.
    public let node: String
    /// Names that udev has made for it, sorted.
    public let links: [String]
    /// Four hexadecimal digits each: `0403`, `6001`.
    public let vendorID: String?
    public let modelID: String?
    /// For people: what the adapter or udev's hardware database calls itself.
    public let maker: String?
    public let model: String?
    /// Of the adapter, not of the port.
    public let serialNumber: String?
    /// The USB interface, `00`: adapters with several ports have one for each.
    public let interface: String?
    /// The port's number where one interface has several.
    public let portNumber: String?
    /// The socket it is plugged into, with the interface: `pci-0000:00:14.0-usb-0:2:1.0`.
    public let path: String?
    /// The adapter itself, the same for each of its ports; its place in /sys.
    public let adapter: String

    public init(
        node: String, links: [String] = [], vendorID: String? = nil, modelID: String? = nil, maker: String? = nil,
        model: String? = nil, serialNumber: String? = nil, interface: String? = nil, portNumber: String? = nil,
        path: String? = nil, adapter: String
    ) {
        self.node = node
        self.links = links
        self.vendorID = vendorID
        self.modelID = modelID
        self.maker = maker
        self.model = model
        self.serialNumber = serialNumber
        self.interface = interface
        self.portNumber = portNumber
        self.path = path
        self.adapter = adapter
    }

    /// All that are plugged in now, sorted by node: ports of USB adapters and of serial cards. Ports of the board itself
    /// are not among them; they are where they are.
    public static func plugged() throws(PlatformError) -> [SerialAdapter] {
        guard let context = udev_new() else {
            throw .system(operation: "open", subject: "udev", errno: errno, hint: "")
        }
        defer { udev_unref(context) }
        guard let search = udev_enumerate_new(context) else {
            throw .system(operation: "search", subject: "udev", errno: errno, hint: "")
        }
        defer { udev_enumerate_unref(search) }
        var code = udev_enumerate_add_match_subsystem(search, "tty")
        if code >= 0 { code = udev_enumerate_scan_devices(search) }
        guard code >= 0 else {
            throw .system(operation: "search", subject: "/sys/class/tty", errno: -code, hint: "is /sys mounted?")
        }
        return paths(udev_enumerate_get_list_entry(search)).compactMap { path in
            guard let device = udev_device_new_from_syspath(context, path) else { return nil }
            defer { udev_device_unref(device) }
            return SerialAdapter(device)
        }.sorted { ($0.node.count, $0.node) < ($1.node.count, $1.node) }
    }

    private init?(_ device: OpaquePointer) {
        // Parents belong to their child and are not let go by themselves.
        let usb = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device")
        let port = udev_device_get_parent_with_subsystem_devtype(device, "usb-serial", nil)
        func property(_ name: String) -> String? { text(udev_device_get_property_value(device, name)) }
        func attribute(_ name: String) -> String? { usb.flatMap { text(udev_device_get_sysattr_value($0, name)) } }
        guard let node = text(udev_device_get_devnode(device)), usb != nil || property("ID_BUS") != nil else {
            return nil
        }
        let place = usb.flatMap { text(udev_device_get_syspath($0)) } ?? text(udev_device_get_syspath(device))
        self.init(
            node: node, links: property("DEVLINKS")?.split(separator: " ").map(String.init).sorted() ?? [],
            vendorID: property("ID_VENDOR_ID") ?? attribute("idVendor"),
            modelID: property("ID_MODEL_ID") ?? attribute("idProduct"),
            maker: property("ID_VENDOR_FROM_DATABASE") ?? property("ID_VENDOR") ?? attribute("manufacturer"),
            model: property("ID_MODEL_FROM_DATABASE") ?? property("ID_MODEL") ?? attribute("product"),
            serialNumber: property("ID_SERIAL_SHORT") ?? attribute("serial"),
            interface: property("ID_USB_INTERFACE_NUM"),
            portNumber: port.flatMap { text(udev_device_get_sysattr_value($0, "port_number")) },
            path: property("ID_PATH"), adapter: place ?? node)
    }
}

private func text(_ value: UnsafePointer<CChar>?) -> String? {
    guard let value, value.pointee != 0 else { return nil }
    return String(cString: value)
}

private func paths(_ first: OpaquePointer?) -> [String] {
    var names: [String] = []
    var entry = first
    while let present = entry {
        if let name = udev_list_entry_get_name(present) { names.append(String(cString: name)) }
        entry = udev_list_entry_get_next(present)
    }
    return names
}
