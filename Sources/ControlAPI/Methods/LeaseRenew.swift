import Experiments

/// Keeps a lease.
public enum LeaseRenew: APIMethod {
    public static let name = "lease.renew"
    public static let role = Role.technician
    public static let summary = "Keeps a lease of this connection: from now on it lasts so long."
    public static let params: [Schema.Member] = [
        LeaseShape.reference,
        .optional("duration_s", LeaseShape.duration, "How long; as long again as it was acquired for if left out."),
    ]
    public static let result = LeaseShape.schema
    public static let errors: [ErrorKind] = [.unknownLease, .notLeased]

    public struct Params: Codable, Sendable {
        public var lease: String
        public var durationS: Double?

        public init(lease: String, durationS: Double? = nil) {
            self.lease = lease
            self.durationS = durationS
        }

        enum CodingKeys: String, CodingKey {
            case lease
            case durationS = "duration_s"
        }
    }

    public typealias Result = LeaseShape
}
