import Experiments

/// Gives devices back.
public enum LeaseRelease: APIMethod {
    public static let name = "lease.release"
    public static let role = Role.technician
    public static let summary = "Ends a lease, one's own or another's: what was moved under it is stopped."
    public static let params: [Schema.Member] = [LeaseShape.reference]
    public static let result = Schema.object([.required("lease", .string(), "Its name.")])
    public static let errors: [ErrorKind] = [.unknownLease]

    public typealias Params = NamedLease
    public typealias Result = NamedLease
}

/// A lease by its name.
public struct NamedLease: Codable, Hashable, Sendable {
    public var lease: String
    public init(lease: String) { self.lease = lease }
}
