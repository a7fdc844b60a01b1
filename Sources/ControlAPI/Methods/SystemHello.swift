import Experiments

/// Who is there, and what the caller may do.
public enum SystemHello: APIMethod {
    public static let name = "system.hello"
    public static let role = Role.none
    public static let summary = "Versions, the bench and the caller's role; open to everybody."
    public static let params: [Schema.Member] = [.optional("client", .string(), "Name of the client, for the journal.")]
    public static let result = Schema.object([
        .required("api", .string(), "Semantic version of this API."),
        .required("daemon", .string(), "Name and version of the daemon."),
        .required("bench", .string(), "Name of the bench."),
        .required("simulated", .boolean, "Whether the devices are simulated."),
        .required("role", .word(Role.allCases.map(\.rawValue)), "The caller's role."),
    ])

    public struct Params: Codable, Sendable {
        public var client: String?

        public init(client: String? = nil) { self.client = client }
    }

    public struct Result: Codable, Sendable {
        public var api: String
        public var daemon: String
        public var bench: String
        public var simulated: Bool
        public var role: Role

        public init(api: String, daemon: String, bench: String, simulated: Bool, role: Role) {
            self.api = api
            self.daemon = daemon
            self.bench = bench
            self.simulated = simulated
            self.role = role
        }
    }
}
