import DeviceModel
import Experiments

/// A lease as clients see it.
public struct LeaseShape: Codable, Hashable, Sendable {
    public var lease: String
    public var devices: [String]
    public var person: String
    public var reason: String
    public var uid: UInt32
    public var pid: Int32
    public var since: String
    public var until: String

    public init(_ lease: Lease) {
        self.lease = lease.lease
        self.devices = lease.devices.map(\.text)
        self.person = lease.person
        self.reason = lease.reason
        self.uid = lease.holder.uid
        self.pid = lease.holder.pid
        self.since = lease.since.wall.rfc3339
        self.until = lease.until.rfc3339
    }

    static let schema = Schema.shape(
        Schema.Shape("Lease", "A claim of one connection on devices, to move them by hand.", .object(members)))

    private static let members: [Schema.Member] = [
        .required("lease", .string(), "Its name, as l-000001."),
        .required("devices", .array(.string()), "What it covers."),
        .required("person", .string(), "Who answers for it."), .required("reason", .string(), "Why."),
        .required("uid", .integer(), "Of its holder."), .required("pid", .integer(), "Of its holder."),
        .required("since", .time, "UTC."), .required("until", .time, "When it lapses unless it is renewed; UTC."),
    ]
    static let reference = Schema.Member.required(
        "lease", .string(count: 1...64), "Its name, as lease.acquire gave it.")
    static let duration = Schema.number(APILimits.leaseSeconds)
}

/// Whose the bench is.
public struct MaintenanceShape: Codable, Hashable, Sendable {
    public var state: String
    public var person: String
    public var reason: String
    public var uid: UInt32
    public var since: String
    public var until: String
    public var running: String?

    public init(_ view: MaintenanceView) {
        self.state = view.state.rawValue
        self.person = view.record.person
        self.reason = view.record.reason
        self.uid = view.record.uid
        self.since = view.record.since.rfc3339
        self.until = view.record.until.rfc3339
        self.running = view.running
    }

    static let schema = Schema.shape(Schema.Shape("Maintenance", "Whose the bench is.", .object(members)))

    private static let members: [Schema.Member] = [
        .required(
            "state", .word(MaintenanceView.State.allCases.map(\.rawValue)),
            "waiting: what runs is finished first; on; over: its time has run out and nobody has ended it."),
        .required("person", .string(), "Who answers for it."), .required("reason", .string(), "Why."),
        .required("uid", .integer(), "Of the caller who entered it."), .required("since", .time, "UTC."),
        .required("until", .time, "UTC."), .optional("running", .string(), "The experiment that is finished first."),
    ]
}

/// A pump that was started by hand.
public struct PumpStartShape: Codable, Hashable, Sendable {
    public var device: String
    public var flowULMin: Double
    public var volumeUL: Double
    public var durationS: Double

    public init(_ start: PumpStart) {
        self.device = start.device.text
        self.flowULMin = start.flow.microlitersPerMinute
        self.volumeUL = start.volume.microliters
        self.durationS = start.duration.seconds
    }

    enum CodingKeys: String, CodingKey {
        case device
        case flowULMin = "flow_ul_min"
        case volumeUL = "volume_ul"
        case durationS = "duration_s"
    }

    static let schema = Schema.shape(Schema.Shape("PumpStart", "A pump that was started by hand.", .object(members)))

    private static let members: [Schema.Member] = [
        .required("device", .string(), "The pump."),
        .required("flow_ul_min", .number(), "On the pump's grid; negative while it withdraws."),
        .required("volume_ul", .number(), "After which it stops by itself."),
        .required("duration_s", .number(), "How long that takes, bench time."),
    ]
}

/// A device by its name.
public struct NamedDevice: Codable, Hashable, Sendable {
    public var device: String
    public init(device: String) { self.device = device }

    static let member = Schema.Member.required("device", .string(count: 1...APILimits.nameCharacters), "Its name.")
    static let schema = Schema.object([.required("device", .string(), "Its name.")])
}

/// How a pump is moved by hand.
public struct PumpMoveParams: Codable, Hashable, Sendable {
    public var device: String
    public var flowULMin: Double?
    public var volumeUL: Double?

    public init(device: String, flowULMin: Double? = nil, volumeUL: Double? = nil) {
        self.device = device
        self.flowULMin = flowULMin
        self.volumeUL = volumeUL
    }

    enum CodingKeys: String, CodingKey {
        case device
        case flowULMin = "flow_ul_min"
        case volumeUL = "volume_ul"
    }

    static let flow = Schema.number(0...1e6)
    static let volume = Schema.number(0...APILimits.syringeMicroliters)
}

extension ErrorKind {
    /// What every act by hand may come to.
    static let ofActs: [ErrorKind] = [
        .unknownDevice, .wrongDeviceClass, .notLeased, .leased, .deviceNotReady, .interlockLatched,
        .interlockInputUnknown, .interlockPending, .notPermitted, .commandFailed, .stoppedByHand, .trip,
    ]
}
