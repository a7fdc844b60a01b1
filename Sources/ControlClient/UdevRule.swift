import Platform

/// The rule that gives one serial adapter its name under /dev/flowlab.
public struct UdevRule: Hashable, Sendable {
    public static let directory = "/dev/flowlab/"
    public static let localFile = "/etc/udev/rules.d/71-flowlab-local.rules"
    public static let longestName = 64

    /// By what the adapter is known.
    public enum Basis: Hashable, Sendable {
        case serialNumber(String)
        /// The socket. Why the serial number does not do.
        case port(because: String)
    }

    public let name: String
    public let node: String
    public let basis: Basis
    /// One line of a rules file.
    public let line: String

    /// - Parameters:
    ///   - name: checked by `problem(ofName:)`.
    ///   - all: what is plugged in, to see what is unique.
    /// - Returns: nil where nothing tells this adapter from another one.
    public init?(_ name: String, for adapter: SerialAdapter, among all: [SerialAdapter]) {
        let trouble = Self.trouble(withSerialNumberOf: adapter, among: all)
        var keys = ["SUBSYSTEM==\"tty\""]
        if let serial = adapter.serialNumber, trouble == nil {
            basis = .serialNumber(serial)
            if let vendor = adapter.vendorID { keys.append("ENV{ID_VENDOR_ID}==\"\(vendor)\"") }
            if let model = adapter.modelID { keys.append("ENV{ID_MODEL_ID}==\"\(model)\"") }
            keys.append("ENV{ID_SERIAL_SHORT}==\"\(serial)\"")
            let siblings = all.filter { $0.adapter == adapter.adapter }
            if siblings.count > 1, let interface = adapter.interface {
                keys.append("ENV{ID_USB_INTERFACE_NUM}==\"\(interface)\"")
            }
        } else if let path = adapter.path, Self.isPlain(path) {
            basis = .port(because: trouble ?? "")
            keys.append("ENV{ID_PATH}==\"\(path)\"")
        } else {
            return nil
        }
        if let port = Self.portKey(of: adapter, among: all) { keys += port }
        self.name = name
        node = adapter.node
        let given = [
            "SYMLINK+=\"flowlab/\(name)\"", "GROUP=\"flowlab\"", "MODE=\"0660\"", "TAG+=\"systemd\"",
            "ENV{ID_MM_DEVICE_IGNORE}=\"1\"",
        ]
        line = (keys + given).joined(separator: ", ")
    }

    /// Ports of one adapter that share an interface differ by their number only.
    private static func portKey(of adapter: SerialAdapter, among all: [SerialAdapter]) -> [String]? {
        let beside = all.filter { $0.adapter == adapter.adapter && $0.interface == adapter.interface }
        guard beside.count > 1, let number = adapter.portNumber, isPlain(number) else { return nil }
        return ["SUBSYSTEMS==\"usb-serial\"", "ATTRS{port_number}==\"\(number)\""]
    }

    /// Why an adapter's serial number does not tell it from others; nil where it does.
    static func trouble(withSerialNumberOf adapter: SerialAdapter, among all: [SerialAdapter]) -> String? {
        guard let serial = adapter.serialNumber else { return "the adapter has no serial number" }
        guard isPlain(serial) else { return "its serial number \"\(serial)\" cannot stand in a rule" }
        guard !isCommon(serial) else { return "many adapters have the serial number \(serial)" }
        let twin = all.first { other in
            other.adapter != adapter.adapter && other.serialNumber == serial && other.vendorID == adapter.vendorID
                && other.modelID == adapter.modelID
        }
        return twin.map { "\($0.node) has the same serial number \(serial)" }
    }

    /// What makers leave in an adapter that they do not number.
    private static func isCommon(_ serial: String) -> Bool {
        let known = [
            "0001", "00000001", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890",
            "0123456789", "0123456789ABCDEF", "0123456789abcdef",
        ]
        return serial.count < 4 || Set(serial).count == 1 || known.contains(serial)
    }

    /// Nothing that a rules file takes for a pattern or for the end of a text.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 256
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", ":", "+", "#", "=", "@", "/", ",": true
                default: false
                }
            }
    }

    /// What is wrong with a name; nil when it is right.
    public static func problem(ofName name: String) -> String? {
        let letters = name.unicodeScalars
        let isRight = letters.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "0"..."9", "-", "_", ".": true
            default: false
            }
        }
        guard isRight, let first = letters.first, first != "-", first != ".", letters.count <= longestName else {
            return "the name \"\(name)\" is not right, expected 1 to \(longestName) of a-z, 0-9, - _ . as pump-cui"
        }
        return nil
    }
}
