import Experiments

/// Claims devices for this connection, to move them by hand.
public enum LeaseAcquire: APIMethod {
    public static let name = "lease.acquire"
    public static let role = Role.technician
    public static let summary =
        "Claims devices for this connection. The queue waits meanwhile; when it lapses or the connection ends, what was moved is stopped."
    public static let params: [Schema.Member] = [
        .required(
            "devices", .array(.string(count: 1...APILimits.nameCharacters), count: 1...APILimits.leasedDevices),
            "Their names; the heater brings the module of its contactor."),
        .required("person", .string(count: 1...100), "Who answers for it."),
        .required("reason", .string(count: 1...1000), "Why."),
        .optional(
            "duration_s", LeaseShape.duration,
            "How long; \(Int(APILimits.usualLeaseSeconds)) if left out. Renew it in time."),
    ]
    public static let result = LeaseShape.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .benchBusy, .leased]

    public struct Params: Codable, Sendable {
        public var devices: [String]
        public var person: String
        public var reason: String
        public var durationS: Double?

        public init(devices: [String], person: String, reason: String, durationS: Double? = nil) {
            self.devices = devices
            self.person = person
            self.reason = reason
            self.durationS = durationS
        }

        enum CodingKeys: String, CodingKey {
            case devices, person, reason
            case durationS = "duration_s"
        }
    }

    public typealias Result = LeaseShape
}
