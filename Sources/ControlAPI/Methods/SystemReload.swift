import Experiments

/// Reads the bench file anew.
public enum SystemReload: APIMethod {
    public static let name = "system.reload"
    public static let role = Role.admin
    public static let summary =
        "Reads the bench file anew: the groups of [roles] and the program of alarms.notify hold at once, of what else has changed it says that it needs a restart."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("applied", .array(.string()), "Keys that have changed and hold now, as roles.technician."),
        .required("needs_restart", .array(.string()), "Keys that have changed and hold after the next start."),
    ])
    public static let errors: [ErrorKind] = [.invalidBenchFile]
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var applied: [String]
        public var needsRestart: [String]

        enum CodingKeys: String, CodingKey {
            case applied
            case needsRestart = "needs_restart"
        }

        public init(_ outcome: ReloadOutcome) {
            applied = outcome.applied
            needsRestart = outcome.needsRestart
        }
    }
}
