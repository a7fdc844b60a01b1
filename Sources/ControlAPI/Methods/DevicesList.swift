import DeviceModel
import Experiments

/// All devices of the bench.
public enum DevicesList: APIMethod {
    public static let name = "devices.list"
    public static let role = Role.observer
    public static let summary = "All devices, in the order of the bench file."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([.required("devices", .array(DeviceEntry.schema), "The devices.")])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var devices: [DeviceEntry]

        public init(devices: [DeviceEntry]) { self.devices = devices }
    }
}

/// One device as a client sees it.
public struct DeviceEntry: Codable, Sendable {
    public var device: String
    public var deviceClass: DeviceClass
    public var driver: String
    public var link: String
    public var state: String
    public var detail: String?
    public var since: String
    public var isSafe: Bool?
    public var readBack: String?

    static let schema = Schema.shape(Schema.Shape("Device", "One device of the bench.", .object(members)))

    private static let members: [Schema.Member] = [
        .required("device", .string(), "Its name in the bench file."),
        .required("class", .word(DeviceClass.allCases.map(\.rawValue)), "What it is."),
        .required("driver", .string(), "The driver's id."),
        .required("link", .string(), "The link it hangs on."),
        .required("state", .word(["offline", "identifying", "ready", "faulted"]), "Its presence."),
        .optional("detail", .string(), "Why it is offline or faulted."),
        .required("since", .time, "When it came into this state; UTC."),
        .optional("safe", .boolean, "Whether its last read-back was its safe state; null before the first."),
        .optional("read_back", .string(), "What was read back."),
    ]

    public init(
        device: String, deviceClass: DeviceClass, driver: String, link: String, state: String, detail: String?,
        since: String, isSafe: Bool?, readBack: String?
    ) {
        self.device = device
        self.deviceClass = deviceClass
        self.driver = driver
        self.link = link
        self.state = state
        self.detail = detail
        self.since = since
        self.isSafe = isSafe
        self.readBack = readBack
    }

    enum CodingKeys: String, CodingKey {
        case device, driver, link, state, detail, since
        case deviceClass = "class"
        case isSafe = "safe"
        case readBack = "read_back"
    }
}
