import Experiments

/// Who has what in hand.
public enum LeaseList: APIMethod {
    public static let name = "lease.list"
    public static let role = Role.observer
    public static let summary = "The leases that are held, oldest first."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([.required("leases", .array(LeaseShape.schema), "Oldest first.")])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var leases: [LeaseShape]
        public init(leases: [LeaseShape]) { self.leases = leases }
    }
}
